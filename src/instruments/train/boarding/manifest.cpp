#include "instruments/train/boarding/manifest.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "instruments/train/notes.hpp"
#include "instruments/train/plan_report.hpp"

namespace signalbox::train {
namespace {

std::vector<const Seat*> aboard(const Train& train) {
  std::vector<const Seat*> out;
  for (const Seat& seat : train.seats) {
    if (seat.state == SeatState::aboard) out.push_back(&seat);
  }
  return out;
}

std::set<std::string> told_commits(const Manifest& manifest) {
  std::set<std::string> out;
  for (const Section& section : manifest.sections) {
    for (const Passenger& passenger : section.passengers) out.insert(passenger.id);
  }
  return out;
}

bool brings_any(const std::vector<std::string>& commits, const std::set<std::string>& of) {
  return std::any_of(commits.begin(), commits.end(), [&](const std::string& id) { return of.count(id) > 0; });
}

// Deployed, and shown to nobody.
bool is_hidden_by_flags(const PassengerRecord& record, const std::vector<Flag>& flags) {
  return !record.flags.empty() &&
         std::all_of(record.flags.begin(), record.flags.end(), [&](const std::string& name) {
           const Flag* const flag = find_flag(flags, name);
           return flag != nullptr && !flag->on_by_default;
         });
}

Json texts(const std::vector<std::string>& values) {
  Json out = Json::array();
  for (const std::string& value : values) out.push_back(value);
  return out;
}

Json hidden_part(const PassengerRecord& record, const std::string& salt) {
  const Json whole = to_json(record);
  return Json::object({{"passenger", record.id},
                       {"salt", salt},
                       {"note", whole["note"]},
                       {"rollback", whole["rollback"]},
                       {"estimate", whole["estimate"]},
                       {"checklist", whole["checklist"]}});
}

Json view_of(const Seat& seat, const Json& hidden) {
  const PassengerRecord& record = seat.record;
  return Json::object({{"passenger", record.id},
                       {"title", record.title},
                       {"commits", texts(record.commits)},
                       {"owner", record.owner},
                       {"risk", name_of(record.risk)},
                       {"risk_note", record.risk_note},
                       {"flags", texts(record.flags)},
                       {"epic", record.epic},
                       {"boarding_index", seat.boarding_index},
                       {"private", "sha256:" + to_hex(sha256(hidden.canonical()))}});
}

// The first manifest locks the scope; another one changes what is locked.
void refuse_locked(const ManifestSources& sources, std::vector<Refusal>& out) {
  const Train& train = sources.train;
  if (!train.lock) return;
  const std::string why = scope_objection(train, sources.book, {sources.now, sources.exception, {}});
  if (why.empty()) return;
  out.push_back(
      {"locked",
       fmt::format("{} locked it at {}, and {}", printable(train.lock->by), to_rfc3339(train.lock->time),
                   sources.exception ? why : "a new manifest needs an exception"),
       scope_exception_command(train.id)});
}

void refuse_not_aboard(const ManifestSources& sources, std::vector<Refusal>& out) {
  for (const Seat& seat : sources.train.seats) {
    if (seat.state >= SeatState::aboard) continue;
    const std::string way = seat.state == SeatState::slotted
                                ? fmt::format("signalbox train approve-passenger {} --train {} --key NAME",
                                              seat.record.id, sources.train.id)
                                : std::string("bring it aboard");
    out.push_back({"not-aboard", fmt::format("{} is {}", seat.record.id, name_of(seat.state)),
                   fmt::format("{}, or: signalbox train bump {} --train {} --reason TEXT", way,
                               seat.record.id, sources.train.id)});
  }
}

// A manifest names nobody who stays behind.
void refuse_left_behind(const ManifestSources& sources, std::vector<Refusal>& out) {
  std::set<std::string> leaving;
  for (const git::Commit& commit : sources.plan.history.commits) leaving.insert(commit.id);
  for (const Seat* seat : aboard(sources.train)) {
    const std::vector<std::string>& commits = seat->record.commits;
    const auto missing = std::find_if(commits.begin(), commits.end(),
                                      [&](const std::string& id) { return leaving.count(id) == 0; });
    if (missing == commits.end()) continue;
    out.push_back({"not-in-what-departs",
                   fmt::format("{} is aboard, and its commit {} is not in what departs", seat->record.id,
                               printable(missing->substr(0, kPassengerIdDigits))),
                   fmt::format("merge it, or: signalbox train bump {} --train {} --reason TEXT",
                               seat->record.id, sources.train.id)});
  }
}

// As today's policy has it, whatever the train was made under.
void refuse_too_risky(const ManifestSources& sources, std::vector<Refusal>& out) {
  const BoardingRules& rules = sources.book.boarding;
  const std::pair<Risk, std::optional<std::uint64_t>> limits[] = {{Risk::high, rules.max_high_risk},
                                                                  {Risk::medium, rules.max_medium_risk}};
  for (const auto& [risk, most] : limits) {
    const std::uint64_t taken = sources.train.slots_taken(risk);
    if (!most || taken <= *most) continue;
    out.push_back({fmt::format("too-many-{}-risk", name_of(risk)),
                   fmt::format("{} of {} risk are aboard; at most {}", taken, name_of(risk), *most),
                   fmt::format("signalbox train show {}", sources.train.id)});
  }
}

void refuse_bumped(const ManifestSources& sources, std::vector<Refusal>& out) {
  const std::set<std::string> told = told_commits(sources.plan.manifest);
  for (const Seat& seat : sources.train.seats) {
    if (seat.state != SeatState::bumped || !brings_any(seat.record.commits, told)) continue;
    if (is_hidden_by_flags(seat.record, sources.flags)) continue;
    out.push_back({"bumped-still-in",
                   fmt::format("{} was bumped, and its commits are in what departs", seat.record.id),
                   fmt::format("git revert {}, or keep it behind a flag that is off by default",
                               seat.record.commits.front().substr(0, 12))});
  }
}

void refuse_unboarded(const ManifestSources& sources, std::vector<Refusal>& out) {
  if (sources.book.boarding.unboarded != BoardingRules::Unboarded::refuse) return;
  for (const Change* change : unboarded_changes(sources)) {
    out.push_back({"unboarded", fmt::format("nobody boarded {}: {}", change->id, change->title),
                   fmt::format("signalbox train board {} --owner NAME --risk RISK --rollback FILE",
                               change->commits.front().substr(0, 12))});
  }
}

}  // namespace

std::vector<const Change*> unboarded_changes(const ManifestSources& sources) {
  const std::set<std::string> told = told_commits(sources.plan.manifest);
  std::set<std::string> known;
  for (const Seat& seat : sources.train.seats) {
    if (seat.state == SeatState::aboard || seat.state == SeatState::bumped)
      known.insert(seat.record.commits.begin(), seat.record.commits.end());
  }
  std::vector<const Change*> out;
  for (const Change& change : sources.changes) {
    const bool is_unknown = std::any_of(change.commits.begin(), change.commits.end(), [&](const auto& id) {
      return told.count(id) > 0 && known.count(id) == 0;
    });
    if (is_unknown) out.push_back(&change);
  }
  return out;
}

std::vector<Refusal> lock_refusals(const ManifestSources& sources) {
  const Train& train = sources.train;
  std::vector<Refusal> out;
  if (train.phase != Phase::open && train.phase != Phase::locked) {
    out.push_back({"train-closed", fmt::format("the train {} is {}", train.id, name_of(train.phase)), ""});
    return out;
  }
  refuse_locked(sources, out);
  if (!sources.plan.manifest.is_complete())
    out.push_back(
        {"lost-commit", "commits are lost: " + sources.plan.manifest.proof(), "signalbox train plan"});
  if (aboard(train).empty())
    out.push_back({"nobody-aboard", "nobody is aboard", fmt::format("signalbox train show {}", train.id)});
  refuse_too_risky(sources, out);
  refuse_not_aboard(sources, out);
  refuse_left_behind(sources, out);
  refuse_bumped(sources, out);
  refuse_unboarded(sources, out);
  return out;
}

TrainManifest make_train_manifest(const ManifestSources& sources, const std::vector<std::string>& salts) {
  const Train& train = sources.train;
  const Plan& plan = sources.plan;
  TrainManifest out;
  out.hidden = Json::array();
  Json passengers = Json::array();
  std::size_t next_salt = 0;
  for (const Seat* seat : aboard(train)) {
    Json hidden = hidden_part(seat->record, salts.at(next_salt++));
    passengers.push_back(view_of(*seat, hidden));
    out.hidden.push_back(std::move(hidden));
  }
  Json unboarded = Json::array();
  for (const Change* change : unboarded_changes(sources)) unboarded.push_back(change->id);
  out.view =
      Json::object({{"train", train.id},
                    {"version", plan.next.version.text()},
                    {"tag", plan.next.tag},
                    {"base", plan.history.base ? Json(plan.history.base->tag) : Json()},
                    {"head", plan.history.head},
                    {"departs", to_rfc3339(train.schedule->departs)},
                    {"lock_time", to_rfc3339(sources.now)},
                    {"commits", commits_json(plan.manifest)},
                    {"passengers", std::move(passengers)},
                    {"unboarded", std::move(unboarded)},
                    {"notes", "sha256:" + to_hex(sha256(write_notes(notes_of(plan), NotesForm::plain)))},
                    {"changelog", sources.changelog},
                    {"policy", sources.policy_digest}});
  if (train.lock) out.view.set("supersedes", "sha256:" + train.lock->digest);
  if (train.lock && sources.exception) out.view.set("exception", *sources.exception);
  out.digest = to_hex(sha256(out.view.canonical()));
  return out;
}

Json manifest_predicate(const TrainManifest& manifest) {
  Json out = manifest.view;
  out.set("digest", "sha256:" + manifest.digest);
  out.set("private", manifest.hidden);
  return out;
}

Result<TrainManifest> read_train_manifest(const Json& predicate) {
  TrainManifest out;
  out.view = Json::object();
  for (const auto& [name, value] : predicate.members()) {
    if (name == "private") {
      out.hidden = value;
    } else if (name != "digest" && name != "after") {
      out.view.set(name, value);
    }
  }
  out.digest = to_hex(sha256(out.view.canonical()));
  if (predicate["digest"].as_string() != "sha256:" + out.digest)
    return fail(ErrorKind::conflict, fmt::format("the manifest's digest is sha256:{}, and it names {}",
                                                 out.digest, printable(predicate["digest"].as_string())));
  const Json::Array& passengers = out.view["passengers"].items();
  const Json::Array& hidden = out.hidden.items();
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    const std::string digest = "sha256:" + to_hex(sha256(hidden[i].canonical()));
    if (i >= passengers.size() || passengers[i]["private"].as_string() != digest)
      return fail(ErrorKind::conflict,
                  fmt::format("what is hidden of passenger {} is not what the manifest commits to", i + 1));
  }
  return out;
}

std::string manifest_markdown(const TrainManifest& manifest) {
  const Json& view = manifest.view;
  const auto cell = [](std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
      if (c == '|' || c == '<' || c == '`') out += '\\';
      out += c == '\n' ? ' ' : c;
    }
    return out;
  };
  std::string out = fmt::format("# Train {}: {}\n\nDeparts {}.", cell(view["train"].as_string()),
                                cell(view["tag"].as_string()), cell(view["departs"].as_string()));
  if (const std::string_view changelog = view["changelog"].as_string(); !changelog.empty())
    out += fmt::format(" What changes for users is in [{0}]({0}).", cell(changelog));
  out += "\n\n| passenger | what | owner | risk | note |\n| --- | --- | --- | --- | --- |\n";
  for (const Json& passenger : view["passengers"].items()) {
    out += fmt::format("| {} | {} | {} | {} | {} |\n", cell(passenger["passenger"].as_string()),
                       cell(passenger["title"].as_string()), cell(passenger["owner"].as_string()),
                       cell(passenger["risk"].as_string()), cell(passenger["risk_note"].as_string()));
  }
  const Json& commits = view["commits"];
  out += fmt::format("\n{} commits = {} classified + {} unclassified + {} excluded. Manifest sha256:{}.\n",
                     commits["total"].as_integer(), commits["classified"].as_integer(),
                     commits["unclassified"].as_integer(), commits["excluded"].as_integer(), manifest.digest);
  return out;
}

}  // namespace signalbox::train
