// The templates of milestones, and where a train stands among them. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/train/boarding/train.hpp"
#include "instruments/train/schedule/cadence.hpp"

namespace signalbox::train::schedule {

// Three weeks of selection, integration and hardening, the release day, three days of stabilising, and the
// review a week later.
std::vector<Milestone> monthly_template();
// The same within a week; what cannot wait takes a hotfix.
std::vector<Milestone> weekly_template();
std::vector<Milestone> release_day_template();
// A program increment: iterations that end together on the day before the release.
std::vector<Milestone> increment_template(int length_weeks, int iteration_weeks);

// When a milestone of a departure begins and ends.
struct Stretch {
  calendar::Day first, end;  // whole days; `end` is not one of them
  Time starts, ends;
};
Stretch stretch_of(const Milestone& milestone, Time departs, const Cadence& cadence);

// A milestone of one train now.
struct MilestoneState {
  Milestone milestone;
  Time starts, ends;
  enum class State { ahead, now, past, overdue } state = State::ahead;
  std::string lacks;   // of one that is overdue: which condition does not hold
  Time due;            // from when on it should
  std::string remedy;  // a command, where there is one
};
std::string_view name_of(MilestoneState::State state);

enum class Reviewed { no, yes };
// None of a cancelled train, and of a hotfix, which follows no calendar.
std::vector<MilestoneState> milestones_of(const Train& train, const Cadence& cadence, Reviewed reviewed,
                                          Time now);

// Tells of them in a report of the train: a table, and a finding for each that is overdue.
void tell_of_milestones(const std::vector<MilestoneState>& milestones, Report& report);
std::vector<Finding> alarms_of(const std::vector<MilestoneState>& milestones);

}  // namespace signalbox::train::schedule
