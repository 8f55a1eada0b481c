#include "instruments/train/boarding/train_report.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/boarding/command_desk.hpp"
#include "instruments/train/boarding/readiness.hpp"
#include "instruments/train/plan_report.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kTitleColumns = 44;
constexpr std::size_t kShownCommands = 3;

Tone tone_of(SeatState state) {
  switch (state) {
    case SeatState::aboard:
    case SeatState::shipped:
      return Tone::good;
    case SeatState::rolled_back:
      return Tone::bad;
    case SeatState::bumped:
      return Tone::quiet;
    case SeatState::candidate:
    case SeatState::described:
    case SeatState::slotted:
    case SeatState::approved:
    case SeatState::dry_run:
      break;
  }
  return Tone::caution;
}

Tone tone_of(Risk risk) {
  return risk == Risk::high ? Tone::bad : risk == Risk::medium ? Tone::caution : Tone::plain;
}

std::uint64_t count_of(const Train& train, SeatState state) {
  return static_cast<std::uint64_t>(std::count_if(train.seats.begin(), train.seats.end(),
                                                  [state](const Seat& seat) { return seat.state == state; }));
}

std::uint64_t queue_length(const Train& train) {
  return static_cast<std::uint64_t>(std::count_if(train.seats.begin(), train.seats.end(),
                                                  [](const Seat& seat) { return is_on_train(seat.state); }));
}

std::string risk_text(const PassengerRecord& record, Audience audience) {
  std::string claimed(name_of(record.risk));
  if (record.estimate.risk == record.risk || audience == Audience::everybody) return claimed;
  return fmt::format("{} (looks {})", claimed, name_of(record.estimate.risk));
}

std::vector<std::string> limits_text(const Train& train, const BoardingRules& rules) {
  std::vector<std::string> out;
  for (const Risk risk : {Risk::high, Risk::medium}) {
    if (const auto places = rules.places_for(risk, *train.schedule))
      out.push_back(fmt::format("{} of {} {}", train.slots_taken(risk), *places, name_of(risk)));
  }
  return out;
}

Table seats_table(const Train& train, const BoardingRules& rules, Audience audience) {
  Table table;
  table.title = fmt::format("Passengers ({})", train.seats.size());
  table.columns = {{"passenger"}, {"what"}, {"owner"}, {"risk"}, {"state"}, {"checks", Column::Align::right},
                   {"lacks"}};
  for (const Seat& seat : train.seats) {
    const PassengerRecord& record = seat.record;
    table.rows.push_back({record.id,
                          cut_to_width(printable(record.title), kTitleColumns),
                          printable(record.owner),
                          {risk_text(record, audience), tone_of(record.risk)},
                          {std::string(name_of(seat.state)), tone_of(seat.state)},
                          fmt::format("{}/{}", record.checklist.answered(), kCheckItems),
                          next_step(train, seat, rules).lacks});
  }
  return table;
}

std::vector<Finding> findings_of_train(const Train& train, const BoardingRules& rules) {
  std::vector<Finding> out = findings_of(train.remarks);
  for (const LargeShare& share : large_shares(train, rules)) {
    out.push_back({"train/large-passenger", Severity::warning,
                   fmt::format("{} brings {:.0f} % of the lines that change; more than {:.0f} % is worth "
                               "splitting",
                               share.passenger, share.percent, rules.max_share_percent),
                   std::nullopt, "split it into increments that can each go, with --epic to tie them"});
  }
  return out;
}

std::string summary_of(const Train& train, const BoardingRules& rules, Time now) {
  const Schedule& schedule = *train.schedule;
  if (train.phase == Phase::cancelled) return "cancelled: " + printable(schedule.reason);
  if (train.phase == Phase::departed || train.phase == Phase::rolled_back)
    return fmt::format(
        "{}: {}", name_of(train.phase),
        counted(count_of(train, SeatState::shipped) + count_of(train, SeatState::rolled_back), "passenger"));
  const bool locked = train.is_locked_at(now, rules);
  return fmt::format("{} {}; {} of {} aboard; the scope is {}",
                     schedule.departs > now ? "departs" : "was due", distance_text(now, schedule.departs),
                     count_of(train, SeatState::aboard), queue_length(train), locked ? "locked" : "open");
}

std::string lock_text(const Train& train, const BoardingRules& rules, Time now) {
  if (train.lock)
    return fmt::format("locked at {} by {}: manifest sha256:{}…, log #{}", to_rfc3339(train.lock->time),
                       printable(train.lock->by), train.lock->digest.substr(0, 12), train.lock->index);
  const Time at = train.locks_at(rules);
  return fmt::format("{} ({})", to_rfc3339(at), distance_text(now, at));
}

// What the view of a manifest tells of a passenger.
constexpr std::string_view kOpenMembers[] = {"passenger", "commits", "title", "owner",    "risk",
                                             "risk_note", "flags",   "epic",  "migration"};

Json record_json(const PassengerRecord& record, Audience audience) {
  const Json whole = to_json(record);
  if (audience == Audience::crew) return whole;
  Json out = Json::object();
  for (const std::string_view name : kOpenMembers) out.set(std::string(name), whole[name]);
  return out;
}

Json seat_json(const Train& train, const Seat& seat, const BoardingRules& rules, Audience audience) {
  Json out = record_json(seat.record, audience);
  out.set("state", name_of(seat.state));
  out.set("since", to_rfc3339(seat.since));
  out.set("boarding_index", seat.boarding_index);
  out.set("evidence", seat.last_index);
  out.set("described_by", seat.described_by);
  out.set("approved_by", seat.approved_by);
  out.set("checks", Json::object({{"answered", seat.record.checklist.answered()}, {"of", kCheckItems}}));
  if (audience == Audience::crew) out.set("score", readiness_score(readiness_of(seat)));
  if (seat.dry_run) out.set("dry_run", *seat.dry_run);
  if (!seat.reason.empty()) out.set("reason", seat.reason);
  NextStep step = next_step(train, seat, rules);
  out.set("lacks", std::move(step.lacks));
  out.set("next", std::move(step.command));
  return out;
}

// For those who are not aboard; where all are, for the train.
std::vector<std::string> next_commands(const Train& train, const BoardingRules& rules) {
  if (train.phase == Phase::locked) return {"signalbox train check " + train.id};
  if (train.phase != Phase::open) return {};
  std::vector<std::string> out;
  for (const Seat& seat : train.seats) {
    const NextStep step = next_step(train, seat, rules);
    if (!step.command.empty() && out.size() < kShownCommands) out.push_back(step.command);
  }
  if (out.empty())
    out = {count_of(train, SeatState::aboard) == 0 ? "signalbox train triage"
                                                   : "signalbox train lock " + train.id};
  return out;
}

}  // namespace

NextStep next_step(const Train& train, const Seat& seat, const BoardingRules& rules) {
  const std::string& id = seat.record.id;
  switch (seat.state) {
    case SeatState::candidate: {
      std::vector<std::string> names;
      for (const CheckItem item : seat.record.checklist.open()) names.emplace_back(name_of(item));
      return {"answers: " + join(names, ", "),
              fmt::format("signalbox train board {} --train {} --check {}=…", id, train.id,
                          names.empty() ? "ITEM" : names.front())};
    }
    case SeatState::described: {
      const auto full = slot_refusal(train, seat.record, rules);
      return {full ? "a place: " + full->message : "a place",
              fmt::format("signalbox train board {} --train {}", id, train.id)};
    }
    case SeatState::slotted:
      return {"approval",
              fmt::format("signalbox train approve-passenger {} --train {} --key NAME", id, train.id)};
    case SeatState::approved:
      if (needs_dry_run(seat.record))
        return {"a dry run", fmt::format("signalbox train dry-run {} --train {} --evidence N", id, train.id)};
      return {"boarding", fmt::format("signalbox train board {} --train {}", id, train.id)};
    case SeatState::dry_run:
      return {"boarding", fmt::format("signalbox train board {} --train {}", id, train.id)};
    case SeatState::bumped:
      return {seat.reason, ""};
    case SeatState::aboard:
    case SeatState::shipped:
    case SeatState::rolled_back:
      break;
  }
  return {};
}

Json seats_json(const Train& train, const BoardingRules& rules, Audience audience) {
  Json out = Json::array();
  for (const Seat& seat : train.seats) out.push_back(seat_json(train, seat, rules, audience));
  return out;
}

Json train_json(const Train& train, const BoardingRules& rules, Time now) {
  const Schedule& schedule = *train.schedule;
  Json out = Json::object({{"train", train.id},
                           {"created", to_rfc3339(schedule.created)},
                           {"departs", to_rfc3339(schedule.departs)},
                           {"locks", to_rfc3339(train.locks_at(rules))},
                           {"sequence", schedule.sequence},
                           {"cadence", schedule.cadence},
                           {"kind", name_of(schedule.kind)},
                           {"phase", name_of(train.phase)},
                           {"locked", train.is_locked_at(now, rules)},
                           {"passengers", queue_length(train)},
                           {"aboard", count_of(train, SeatState::aboard)},
                           {"high_risk", train.slots_taken(Risk::high)},
                           {"max_high_risk", rules.places_for(Risk::high, schedule).value_or(0)},
                           {"medium_risk", train.slots_taken(Risk::medium)},
                           {"last_index", train.last_index}});
  if (const auto places = rules.places_for(Risk::medium, schedule)) out.set("max_medium_risk", *places);
  if (!schedule.base.empty()) out.set("base", schedule.base);
  if (!schedule.reason.empty()) out.set("reason", schedule.reason);
  if (train.lock) {
    out.set("lock", Json::object({{"digest", "sha256:" + train.lock->digest},
                                  {"head", train.lock->head},
                                  {"version", train.lock->version},
                                  {"time", to_rfc3339(train.lock->time)},
                                  {"by", train.lock->by},
                                  {"evidence", train.lock->index}}));
  }
  return out;
}

Report trains_report(const std::vector<Train>& trains, const BoardingRules& rules, Time now) {
  Report report;
  report.instrument = "train";
  report.title = "Trains";
  Table table;
  table.columns = {{"train"},
                   {"departs"},
                   {"in"},
                   {"phase"},
                   {"passengers", Column::Align::right},
                   {"high risk", Column::Align::right},
                   {"locks"}};
  Json list = Json::array();
  for (const Train& train : trains) {
    const Schedule& schedule = *train.schedule;
    table.rows.push_back(
        {train.id,
         to_rfc3339(schedule.departs),
         distance_text(now, schedule.departs),
         {std::string(name_of(train.phase)), train.phase == Phase::rolled_back ? Tone::bad : Tone::plain},
         fmt::format("{}/{}", count_of(train, SeatState::aboard), queue_length(train)),
         fmt::format("{}/{}", train.slots_taken(Risk::high),
                     rules.places_for(Risk::high, schedule).value_or(0)),
         to_rfc3339(train.locks_at(rules))});
    list.push_back(train_json(train, rules, now));
  }
  if (trains.empty()) {
    report.summary = "no train was made yet";
    report.next = {"signalbox train new NAME --depart +21d"};
  } else {
    const Train* const next = next_train(trains);
    report.summary = next == nullptr ? std::string("none waits to depart")
                                     : fmt::format("{} is next, {}", next->id,
                                                   distance_text(now, next->schedule->departs));
    report.tables.push_back(std::move(table));
  }
  report.data = Json::object({{"trains", std::move(list)}});
  return report;
}

Report train_report(const Train& train, const BoardingRules& rules, Time now, Audience audience) {
  const Schedule& schedule = *train.schedule;
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Train {}", train.id);
  report.summary = summary_of(train, rules, now);
  report.facts = {
      {"departs", to_rfc3339(schedule.departs), ""},
      {"moved",
       schedule.sequence == 0 ? Json("never")
                              : Json(fmt::format("{}, last because: {}", counted(schedule.sequence, "time"),
                                                 printable(schedule.reason))),
       ""},
      {"scope lock", lock_text(train, rules, now), ""},
      {"risk", join(limits_text(train, rules), ", "), ""}};
  if (!schedule.cadence.empty()) report.facts.push_back({"cadence", schedule.cadence, ""});
  if (schedule.kind == TrainKind::hotfix) report.facts.push_back({"repairs", schedule.base, ""});
  if (!train.seats.empty()) report.tables.push_back(seats_table(train, rules, audience));
  report.findings = findings_of_train(train, rules);
  report.next = next_commands(train, rules);
  Json data = train_json(train, rules, now);
  data.set("passenger_list", seats_json(train, rules, audience));
  report.data = std::move(data);
  return report;
}

}  // namespace signalbox::train
