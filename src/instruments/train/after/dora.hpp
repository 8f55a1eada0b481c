// How well releases are delivered: the five measures of DORA's report of 2024, from the log and from git.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/stats/intervals.hpp"

namespace signalbox::train::after {

// A hotfix that departs so soon after a release repairs it.
inline constexpr Duration kHotfixWithin = std::chrono::hours(24 * 7);

struct CommitTimes {
  Time committed, authored;
};

// One release that had traffic, as the log and git tell of it.
struct Delivered {
  std::string train, service, version;
  std::uint64_t index = 0;          // of its departure, or of its way back where it never got all traffic
  std::optional<Time> all_traffic;  // absent: it was taken back before
  enum class Plan { planned, unplanned } plan = Plan::planned;  // unplanned: a hotfix
  std::string repairs;                                          // of a hotfix: the version that it repairs
  std::vector<CommitTimes> commits;                             // that came with it for the first time
};

// Trouble of a release: its way back, or an incident.
struct Trouble {
  std::optional<std::uint64_t> release;  // index of the one that it is of; absent: of none that is known
  std::uint64_t index = 0;               // in the log
  Time began;
  std::optional<Time> restored;  // absent: it goes on
};

struct Deliveries {
  std::vector<Delivered> releases;  // of the window, in the order of the log
  std::vector<Trouble> troubles;    // that began in the window
  Time since, until;
};

// How far values lie apart.
struct Spread {
  double least = 0, quarter = 0, median = 0, three_quarters = 0, most = 0;
};
std::optional<Spread> spread_of(const std::vector<double>& values);  // nothing of none

// A measure and what it was made of; nothing where there was nothing to measure.
struct Measured {
  std::optional<double> value;
  std::size_t of = 0;                       // departures, commits, troubles
  std::optional<Spread> spread;             // of a median: of what it is the middle
  std::optional<stats::Interval> interval;  // of a share: where it lies with 95 % confidence, by Wilson
};

enum class Band { none, low, medium, high, elite };
std::string_view name_of(Band band);

struct Dora {
  Measured frequency_per_day;  // of departures to all traffic
  Measured lead_time_s;        // median, commit to all traffic
  Measured lead_time_authored_s;
  Measured failure_rate;  // of releases that had traffic
  Measured recovery_s;    // median, of what is over
  Measured rework_rate;   // unplanned of all departures
  Band frequency = Band::none, lead_time = Band::none, failures = Band::none, recovery = Band::none;
  std::vector<std::uint64_t> failed;  // indexes of the releases that failed
  std::size_t open_troubles = 0;
};
Dora measure_dora(const Deliveries& delivery);

// From the commit of each change to all traffic, in seconds; none where the release never had all of it.
std::vector<double> lead_times_s(const Delivered& release);

}  // namespace signalbox::train::after
