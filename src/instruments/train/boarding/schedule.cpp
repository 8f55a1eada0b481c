#include "instruments/train/boarding/schedule.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "instruments/train/events/predicate_fields.hpp"

namespace signalbox::train {
namespace {

constexpr std::uint64_t kMaxLockBefore_s = std::uint64_t{3653} * 24 * 3600;
constexpr std::array<std::string_view, 3> kActions = {"create", "move", "cancel"};
constexpr std::array<std::string_view, 2> kKinds = {"regular", "hotfix"};

template <std::size_t N>
std::optional<std::size_t> place_of(std::string_view name, const std::array<std::string_view, N>& names) {
  const auto* const found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

std::string_view name_of(TrainKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::string_view name_of(ScheduleEvent::Action action) {
  return kActions[static_cast<std::size_t>(action)];
}

namespace {

Json to_json(const Terms& terms) {
  const auto lock_before = std::chrono::duration_cast<std::chrono::seconds>(terms.lock_before);
  Json out = Json::object({{"lock_before_s", lock_before.count()}, {"max_high_risk", terms.max_high_risk}});
  if (terms.max_medium_risk) out.set("max_medium_risk", *terms.max_medium_risk);
  return out;
}

Result<Terms> read_terms(const Json& object) {
  PredicateFields fields(object, "predicate.terms");
  Terms out;
  const std::uint64_t lock_before_s = fields.count("lock_before_s");
  if (lock_before_s > kMaxLockBefore_s) fields.refuse("lock_before_s", "is more than ten years");
  out.lock_before = std::chrono::seconds(lock_before_s);
  out.max_high_risk = fields.count("max_high_risk");
  out.max_medium_risk = fields.optional_count("max_medium_risk");
  SIGNALBOX_CHECK(fields.status());
  return out;
}

}  // namespace

Json to_json(const ScheduleEvent& event) {
  Json out = Json::object({{"action", name_of(event.action)},
                           {"departs", to_rfc3339(event.departs)},
                           {"sequence", event.sequence},
                           {"kind", name_of(event.kind)}});
  if (!event.cadence.empty()) out.set("cadence", event.cadence);
  if (!event.base.empty()) out.set("base", event.base);
  if (!event.reason.empty()) out.set("reason", event.reason);
  if (event.terms) out.set("terms", to_json(*event.terms));
  return out;
}

Result<ScheduleEvent> read_schedule_event(const Json& predicate) {
  PredicateFields fields(predicate, "predicate");
  ScheduleEvent out;
  const auto action = place_of(fields.text("action"), kActions);
  if (fields.is_good() && !action) fields.refuse("action", "is none of create, move, cancel");
  const auto kind = place_of(fields.text("kind"), kKinds);
  if (fields.is_good() && !kind) fields.refuse("kind", "is none of regular, hotfix");
  out.action = static_cast<ScheduleEvent::Action>(action.value_or(0));
  out.kind = static_cast<TrainKind>(kind.value_or(0));
  out.departs = fields.time("departs");
  out.sequence = fields.count("sequence");
  out.cadence = fields.optional_text("cadence");
  out.base = out.kind == TrainKind::hotfix ? fields.text("base") : std::string();
  out.reason = out.action == ScheduleEvent::Action::create ? std::string() : fields.text("reason");
  SIGNALBOX_CHECK(fields.status());
  if (const Json* const terms = predicate.find("terms")) {
    SIGNALBOX_TRY(out.terms, read_terms(*terms));
  }
  return out;
}

std::string schedule_objection(const std::optional<Schedule>& now, const ScheduleEvent& event) {
  if (!now) {
    if (event.action != ScheduleEvent::Action::create) return "the train was never made";
    return event.sequence == 0 ? std::string() : "a new train has the sequence number 0";
  }
  if (event.action == ScheduleEvent::Action::create) return "the train is there already";
  if (now->cancelled) return "the train is cancelled";
  if (event.sequence != now->sequence + 1)
    return fmt::format("the sequence number {} does not follow {}", event.sequence, now->sequence);
  return {};
}

Schedule apply(const std::optional<Schedule>& now, const ScheduleEvent& event, Time time) {
  Schedule out = now.value_or(Schedule{});
  if (!now) {
    out.cadence = event.cadence;
    out.kind = event.kind;
    out.base = event.base;
    out.created = time;
    out.planned = event.departs;
  }
  if (event.action == ScheduleEvent::Action::cancel) {
    out.cancelled = true;
  } else {
    out.departs = event.departs;
  }
  if (event.terms) out.terms = event.terms;
  out.sequence = event.sequence;
  out.reason = event.reason;
  out.changed = time;
  return out;
}

}  // namespace signalbox::train
