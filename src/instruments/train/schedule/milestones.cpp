#include "instruments/train/schedule/milestones.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/boarding/command_desk.hpp"

namespace signalbox::train::schedule {
namespace {

using std::chrono::days;

constexpr std::array<std::string_view, 6> kConditions = {
    "a passenger has boarded", "every passenger is approved", "every passenger is aboard",
    "the scope is locked",     "the train has departed",      "the review is published"};
constexpr std::array<std::string_view, 4> kStates = {"ahead", "now", "past", "overdue"};

bool has_left(const Train& train) {
  return train.phase == Phase::departed || train.phase == Phase::rolled_back;
}

// Of the seats on the train, each is in a state that `good` accepts.
template <class Good>
bool all_seats(const Train& train, Good good) {
  return std::all_of(train.seats.begin(), train.seats.end(),
                     [&](const Seat& seat) { return !is_on_train(seat.state) || good(seat.state); });
}

bool holds(Condition condition, const Train& train, Reviewed reviewed) {
  if (condition == Condition::review) return reviewed == Reviewed::yes;
  if (has_left(train)) return true;
  switch (condition) {
    case Condition::passengers:
      return std::any_of(train.seats.begin(), train.seats.end(),
                         [](const Seat& seat) { return is_on_train(seat.state); });
    case Condition::approvals:
      return all_seats(train, [](SeatState state) {
        return state == SeatState::approved || state == SeatState::dry_run || state == SeatState::aboard;
      });
    case Condition::aboard:
      return all_seats(train, [](SeatState state) { return state == SeatState::aboard; });
    case Condition::lock:
      return train.lock.has_value();
    case Condition::departure:
    case Condition::review:
      break;
  }
  return false;
}

std::string remedy_for(Condition condition, const std::string& train) {
  switch (condition) {
    case Condition::passengers:
      return "signalbox train triage";
    case Condition::approvals:
    case Condition::aboard:
      return "signalbox train show " + train;
    case Condition::lock:
      return "signalbox train lock " + train;
    case Condition::departure:
      return fmt::format("signalbox train depart {0}, or signalbox train move {0} TIME --reason TEXT", train);
    case Condition::review:
      break;
  }
  return {};
}

// The first of the conditions that does not hold, though it should from `due` on.
void judge(const std::vector<Condition>& conditions, Time due, const Train& train, Reviewed reviewed,
           MilestoneState& out) {
  for (const Condition condition : conditions) {
    if (!out.lacks.empty() || holds(condition, train, reviewed)) continue;
    out.state = MilestoneState::State::overdue;
    out.due = due;
    out.lacks = text_of(condition);
    out.remedy = remedy_for(condition, train.id);
  }
}

}  // namespace

std::string_view text_of(Condition condition) {
  return kConditions[static_cast<std::size_t>(condition)];
}

std::string_view name_of(MilestoneState::State state) {
  return kStates[static_cast<std::size_t>(state)];
}

Stretch stretch_of(const Milestone& milestone, Time departs, const Cadence& cadence) {
  const calendar::Wall wall = cadence.zone.to_wall(std::chrono::floor<std::chrono::seconds>(departs));
  const calendar::Day day = std::chrono::floor<days>(wall);
  const calendar::Day first = day + days(milestone.first_day);
  const calendar::Day end = day + days(milestone.last_day + 1);
  if (milestone.id == kReleaseDay) return {first, end, departs, departs + cadence.cutover};
  return {first, end, cadence.zone.to_utc(first), cadence.zone.to_utc(end)};
}

std::vector<MilestoneState> milestones_of(const Train& train, const Cadence& cadence, Reviewed reviewed,
                                          Time now) {
  std::vector<MilestoneState> out;
  if (!train.schedule || train.phase == Phase::cancelled || train.schedule->kind == TrainKind::hotfix)
    return out;
  for (const Milestone& milestone : cadence.milestones) {
    const Stretch stretch = stretch_of(milestone, train.schedule->departs, cadence);
    MilestoneState one{milestone, stretch.starts, stretch.ends};
    if (now >= one.starts)
      one.state = now < one.ends ? MilestoneState::State::now : MilestoneState::State::past;
    if (now >= one.starts) judge(milestone.entry, one.starts, train, reviewed, one);
    if (now >= one.ends) judge(milestone.exit, one.ends, train, reviewed, one);
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<Finding> alarms_of(const std::vector<MilestoneState>& milestones) {
  std::vector<Finding> out;
  for (const MilestoneState& one : milestones) {
    if (one.state != MilestoneState::State::overdue) continue;
    out.push_back({"train/milestone-overdue", Severity::warning,
                   fmt::format("{} ({}) is overdue since {}: not yet true that {}", one.milestone.id,
                               printable(one.milestone.owner), to_rfc3339(one.due), one.lacks),
                   std::nullopt, one.remedy});
  }
  return out;
}

void tell_of_milestones(const std::vector<MilestoneState>& milestones, Report& report) {
  if (milestones.empty()) return;
  Table table{"Milestones", {{"milestone"}, {"from"}, {"until"}, {"owner"}, {"state"}, {"begins when"}}, {}};
  Json list = Json::array();
  for (const MilestoneState& one : milestones) {
    std::vector<std::string> entry;
    for (const Condition condition : one.milestone.entry) entry.emplace_back(text_of(condition));
    const Tone tone = one.state == MilestoneState::State::overdue ? Tone::bad
                      : one.state == MilestoneState::State::now   ? Tone::good
                                                                  : Tone::plain;
    table.rows.push_back({one.milestone.id,
                          to_rfc3339(one.starts),
                          to_rfc3339(one.ends),
                          printable(one.milestone.owner),
                          {std::string(name_of(one.state)), tone},
                          join(entry, ", ")});
    list.push_back(Json::object({{"milestone", one.milestone.id},
                                 {"title", one.milestone.title},
                                 {"owner", printable(one.milestone.owner)},
                                 {"start", to_rfc3339(one.starts)},
                                 {"end", to_rfc3339(one.ends)},
                                 {"state", name_of(one.state)},
                                 {"lacks", one.lacks}}));
  }
  report.tables.push_back(std::move(table));
  for (Finding& finding : alarms_of(milestones)) report.findings.push_back(std::move(finding));
  if (report.data.is_object()) report.data.set("milestones", std::move(list));
}

}  // namespace signalbox::train::schedule
