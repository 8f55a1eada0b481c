// One page for the day of a release: what is done when and by whom, how it is taken back. Rendered from the
// policy and from where the train stands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/train/after/aftermath.hpp"
#include "instruments/train/after/tick.hpp"
#include "instruments/train/boarding/train.hpp"
#include "instruments/train/policy.hpp"
#include "instruments/train/ramp/ramp_state.hpp"

namespace signalbox::train::after {

// Everything a page is made from. The manual steps are those that the driver itself names.
struct RunbookSource {
  const TrainEvents& events;
  const Train& train;
  const ramp::Ramp& ramp;     // where it stands
  const ramp::Ramp& attempt;  // the newest attempt to depart
  const Aftermath& aftermath;
  const Policy& policy;
  std::optional<std::uint64_t> decision;  // newest GO about the train, in the log
  std::string baseline;                   // the release to go back to; empty: none is known
  std::vector<std::string> manual;        // what a person does where going back keeps failing
};

struct RunbookStep {
  std::string id;          // "lock", "weight-5": of its page
  std::optional<Time> at;  // planned
  std::string what;
  std::string command;  // empty: a person looks
  std::string owner;    // may be empty
  enum class State { open, done, failed } state = State::open;
  std::string found;  // what the log says of it
  enum class TickedBy { log, people } ticked_by = TickedBy::log;
};

struct Runbook {
  std::string train, version, baseline;
  Time departs;
  std::string standing;            // where it is now, one line
  std::vector<RunbookStep> steps;  // in the order in which they are done
  std::vector<RunbookStep> back;   // ways to take it back
  std::vector<std::string> manual;
  std::vector<Contact> contacts;  // whom to call
};
// The newest attempt to depart, as it stood before the release was taken back.
ramp::Ramp newest_attempt(const TrainEvents& events);
// The train has a schedule.
Runbook make_runbook(const RunbookSource& source);

Report runbook_report(const Runbook& runbook);

// Why the log would not take the tick; nothing where it is of a step that people do, and changes it.
Status check_tick(const Runbook& runbook, const TickEvent& tick);

}  // namespace signalbox::train::after
