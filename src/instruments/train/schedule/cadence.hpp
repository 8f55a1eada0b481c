// How often trains leave, and what happens on which day before and after. Key `cadence` of section `train`.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/calendar/rrule.hpp"
#include "core/calendar/zone.hpp"
#include "core/config/config.hpp"

namespace signalbox::train::schedule {

// What has to be true of a train at a milestone.
enum class Condition { passengers, approvals, aboard, lock, departure, review };
std::string_view text_of(Condition condition);  // "every passenger is approved"

// A stretch of whole days around the day of departure, on the calendar of the cadence's zone.
struct Milestone {
  std::string id;  // "selection": part of UIDs, so it never changes
  std::string title;
  std::string owner;                // a role or a person
  int first_day = 0, last_day = 0;  // from the day of departure, both included
  std::vector<Condition> entry;     // hold when it begins
  std::vector<Condition> exit;      // hold when it ends
};

inline constexpr std::string_view kReleaseDay = "release";

struct Cadence {
  std::string name;                     // a preset, "custom", or empty: none is configured
  std::optional<calendar::Rrule> rule;  // absent: nothing leaves by the calendar
  calendar::Wall from;                  // the first departure
  calendar::Zone zone = calendar::Zone::utc();
  Duration cutover = std::chrono::hours(4);  // window of the release day, from the departure on
  std::vector<Milestone> milestones;         // by first day
};

// "continuous", "daily", "weekly", "monthly", "pi"
const std::vector<std::string>& cadence_names();
// A preset by itself; bad_input for another name.
Result<Cadence> preset(std::string_view name);
// A preset's name, or a map of preset, rrule, from, timezone, length, iteration, cutover and owners. Absent:
// no cadence. bad_input with file:line:column.
Result<Cadence> parse_cadence(const config::Node& node);

// A departure that the cadence plans.
struct Slot {
  std::string name;  // "2026-12": what the train would be called
  Time departs;
};
// Those in [from, until), oldest first.
Result<std::vector<Slot>> slots(const Cadence& cadence, Time from, Time until);

}  // namespace signalbox::train::schedule
