#include "instruments/train/boarding/passenger_record.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/git/object.hpp"
#include "instruments/train/events/predicate_fields.hpp"

namespace signalbox::train {
namespace {

constexpr std::array<std::string_view, 9> kStates = {
    "candidate", "described", "slotted", "approved", "dry-run", "aboard", "shipped", "bumped", "rolled-back"};
constexpr std::array<std::string_view, 4> kSteps = {"none", "expand", "migrate", "contract"};
constexpr std::size_t kMaxMigrationName = 80;

std::optional<MigrationStep::Kind> step_from(std::string_view name) {
  const auto* const found = std::find(kSteps.begin(), kSteps.end(), name);
  if (found == kSteps.end()) return std::nullopt;
  return static_cast<MigrationStep::Kind>(found - kSteps.begin());
}

Json to_json(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const std::string& text : texts) out.push_back(text);
  return out;
}

// The state that a member names; `fallback` where it names none, which is refused.
SeatState read_state(PredicateFields& fields, std::string_view name) {
  const std::string text = fields.text(name);
  const auto state = seat_state_from(text);
  if (fields.is_good() && !state) fields.refuse(name, "is no state of a passenger");
  return state.value_or(SeatState::candidate);
}

void read_commits(PredicateFields& fields, PassengerRecord& out) {
  out.commits = fields.texts("commits");
  if (!fields.is_good()) return;
  if (out.commits.empty() || out.commits.size() > kMaxPassengerCommits)
    return fields.refuse("commits", fmt::format("1 to {} commits are expected", kMaxPassengerCommits));
  const bool all_ids = std::all_of(out.commits.begin(), out.commits.end(), [](const std::string& id) {
    return git::parse_object_id(id).has_value();
  });
  if (!all_ids) fields.refuse("commits", "full ids of commits are expected");
}

Status read_rollback(PredicateFields& fields, PassengerRecord& out) {
  PredicateFields rollback(fields.object("rollback"), fields.where("rollback"));
  out.rollback_plan = rollback.text("plan");
  out.rollback_sha256 = rollback.text("sha256");
  if (rollback.is_good() && !is_sha256(out.rollback_sha256)) rollback.refuse("sha256", "is no SHA-256");
  return rollback.status();
}

Status read_migration(PredicateFields& fields, PassengerRecord& out) {
  PredicateFields migration(fields.object("migration"), fields.where("migration"));
  const auto kind = step_from(migration.text("step"));
  if (migration.is_good() && !kind) migration.refuse("step", "is none of none, expand, migrate, contract");
  out.migration.kind = kind.value_or(MigrationStep::Kind::none);
  if (out.migration.kind != MigrationStep::Kind::none) out.migration.name = migration.text("name");
  return migration.status();
}

}  // namespace

std::string_view name_of(SeatState state) {
  return kStates[static_cast<std::size_t>(state)];
}

std::optional<SeatState> seat_state_from(std::string_view name) {
  const auto* const found = std::find(kStates.begin(), kStates.end(), name);
  if (found == kStates.end()) return std::nullopt;
  return static_cast<SeatState>(found - kStates.begin());
}

std::string_view name_of(MigrationStep::Kind kind) {
  return kSteps[static_cast<std::size_t>(kind)];
}

Result<MigrationStep> parse_migration_step(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto kind = step_from(text.substr(0, colon));
  const std::string_view name = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (!kind || *kind == MigrationStep::Kind::none || name.empty() || name.size() > kMaxMigrationName ||
      !is_utf8(name)) {
    return fail(ErrorKind::bad_input, fmt::format("'{}' is no step of a migration", printable(text)),
                "expand:NAME, migrate:NAME or contract:NAME, the name the same in all three");
  }
  return MigrationStep{*kind, std::string(name)};
}

bool is_passenger_id(std::string_view id) {
  constexpr std::string_view kPullRequest = "pr-";
  constexpr std::size_t kMaxNumberDigits = 12;
  if (!id.starts_with(kPullRequest)) return id.size() >= 7 && id.size() <= 64 && is_lower_hex(id);
  id.remove_prefix(kPullRequest.size());
  return !id.empty() && id.size() <= kMaxNumberDigits &&
         id.find_first_not_of("0123456789") == std::string_view::npos;
}

Json to_json(const PassengerRecord& record) {
  Json migration = Json::object({{"step", name_of(record.migration.kind)}});
  if (!record.migration.name.empty()) migration.set("name", record.migration.name);
  return Json::object(
      {{"passenger", record.id},
       {"commits", to_json(record.commits)},
       {"title", record.title},
       {"owner", record.owner},
       {"risk", name_of(record.risk)},
       {"risk_note", record.risk_note},
       {"note", record.note},
       {"rollback", Json::object({{"plan", record.rollback_plan}, {"sha256", record.rollback_sha256}})},
       {"flags", to_json(record.flags)},
       {"epic", record.epic},
       {"migration", std::move(migration)},
       {"estimate", to_json(record.estimate)},
       {"checklist", to_json(record.checklist)}});
}

Json to_json(const PassengerEvent& event) {
  Json out = to_json(event.record);
  if (event.from) out.set("from", name_of(*event.from));
  out.set("state", name_of(event.to));
  if (!event.reason.empty()) out.set("reason", event.reason);
  if (event.evidence) out.set("evidence", *event.evidence);
  if (event.exception) out.set("exception", *event.exception);
  return out;
}

Result<PassengerRecord> read_passenger_record(const Json& predicate) {
  PredicateFields fields(predicate, "predicate");
  PassengerRecord out;
  out.id = fields.text("passenger");
  if (fields.is_good() && !is_passenger_id(out.id)) fields.refuse("passenger", "is no passenger's id");
  read_commits(fields, out);
  out.title = fields.optional_text("title");
  out.owner = fields.text("owner");
  const auto risk = risk_from(fields.text("risk"));
  if (fields.is_good() && !risk) fields.refuse("risk", "is none of low, medium, high");
  out.risk = risk.value_or(Risk::high);
  out.risk_note = fields.optional_text("risk_note");
  out.note = fields.optional_text("note");
  out.flags = fields.texts("flags");
  out.epic = fields.optional_text("epic");
  SIGNALBOX_CHECK(fields.status());
  SIGNALBOX_CHECK(read_rollback(fields, out));
  SIGNALBOX_CHECK(read_migration(fields, out));
  SIGNALBOX_TRY(out.estimate, read_estimate(predicate["estimate"]));
  SIGNALBOX_TRY(out.checklist, read_checklist(fields.object("checklist")));
  SIGNALBOX_CHECK(fields.status());
  return out;
}

Result<PassengerEvent> read_passenger_event(const Json& predicate) {
  PassengerEvent out;
  SIGNALBOX_TRY(out.record, read_passenger_record(predicate));
  PredicateFields fields(predicate, "predicate");
  if (predicate.find("from") != nullptr) out.from = read_state(fields, "from");
  out.to = read_state(fields, "state");
  out.reason = fields.optional_text("reason");
  out.evidence = fields.optional_count("evidence");
  out.exception = fields.optional_count("exception");
  SIGNALBOX_CHECK(fields.status());
  return out;
}

}  // namespace signalbox::train
