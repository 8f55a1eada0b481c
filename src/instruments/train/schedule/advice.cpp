#include "instruments/train/schedule/advice.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/core.h>

#include "core/stats/samples.hpp"
#include "instruments/train/schedule/cadence.hpp"

namespace signalbox::train::schedule {
namespace {

constexpr std::size_t kFewest = 3;  // releases that teach anything
constexpr double kDaysAMonth = 365.25 / 12;
constexpr double kNine = 0.9;

double days_of(Duration duration) {
  return std::chrono::duration<double, std::ratio<86400>>(duration).count();
}

// Departures with the changes aboard.
using Departures = std::map<Time, std::vector<Time>>;

// `fails`: the chance that a departure with so many changes goes wrong.
template <class Fails>
CadenceMeasure measure(std::string name, const Departures& departures, double months, const Fails& fails) {
  CadenceMeasure out;
  out.cadence = std::move(name);
  std::vector<double> batches;
  std::vector<double> waits;
  double failures = 0;
  for (const auto& [at, changes] : departures) {
    batches.push_back(static_cast<double>(changes.size()));
    for (const Time change : changes) waits.push_back(std::max(0.0, days_of(at - change)));
    failures += fails(changes.size());
  }
  out.departures = batches.size();
  if (waits.empty()) return out;
  out.per_month = static_cast<double>(batches.size()) / months;
  out.fail_rate = failures / static_cast<double>(batches.size());
  out.batch_median = stats::quantile(batches, 0.5);
  out.batch_p90 = stats::quantile(std::move(batches), kNine);
  out.wait_days_median = stats::quantile(waits, 0.5);
  out.wait_days_p90 = stats::quantile(std::move(waits), kNine);
  return out;
}

// Each change leaves by itself.
CadenceMeasure continuous(std::size_t changes, double months, double chance) {
  CadenceMeasure out;
  out.cadence = "continuous";
  out.departures = changes;
  out.per_month = static_cast<double>(changes) / months;
  out.batch_median = out.batch_p90 = 1;
  out.fail_rate = chance;
  return out;
}

// Each change takes the first departure after it was ready.
Result<Departures> departures_of(Cadence cadence, const std::vector<Time>& changes) {
  const auto first = std::chrono::floor<std::chrono::days>(
      cadence.zone.to_wall(std::chrono::floor<std::chrono::seconds>(changes.front())));
  // The clock of the preset, on the last day of its week that is not after the first change.
  const auto time_of_day = cadence.from - std::chrono::floor<std::chrono::days>(cadence.from);
  const std::chrono::weekday day(std::chrono::floor<std::chrono::days>(cadence.from));
  cadence.from = first - (std::chrono::weekday(first) - day) + time_of_day;
  constexpr std::chrono::days kFurthest{366};
  SIGNALBOX_TRY(const std::vector<Slot> all, slots(cadence, changes.front(), changes.back() + kFurthest));
  Departures out;
  for (const Time change : changes) {
    const auto slot = std::lower_bound(all.begin(), all.end(), change,
                                       [](const Slot& one, Time at) { return one.departs < at; });
    if (slot != all.end()) out[slot->departs].push_back(change);
  }
  return out;
}

std::string one_decimal(double value) {
  return fmt::format("{:.1f}", value);
}

}  // namespace

Result<Advice> advise(const std::vector<PastRelease>& releases, const AdviceOptions& options) {
  std::vector<Time> changes;
  Departures past;
  std::size_t failed = 0;
  for (const PastRelease& release : releases) {
    changes.insert(changes.end(), release.changes.begin(), release.changes.end());
    if (!release.changes.empty()) past[release.at] = release.changes;
    if (release.outcome == PastRelease::Outcome::hotfixed) ++failed;
  }
  const double span = releases.empty() ? 0 : days_of(releases.back().at - releases.front().at);
  constexpr double kShortest = 7;  // days
  if (past.size() < kFewest || span < kShortest) {
    return fail(
        ErrorKind::not_found,
        fmt::format("{} releases over {} days teach nothing about cadences", past.size(), one_decimal(span)),
        "come back after three releases of a week or more");
  }
  std::sort(changes.begin(), changes.end());
  const double months = span / kDaysAMonth;
  const double rate = static_cast<double>(failed) / static_cast<double>(releases.size());
  const double batch = static_cast<double>(changes.size()) / static_cast<double>(past.size());
  const double chance = 1 - std::pow(1 - rate, 1 / batch);
  const auto expected = [&](std::size_t aboard) {
    return 1 - std::pow(1 - chance, static_cast<double>(aboard));
  };
  Advice out;
  out.measured = measure("as it was", past, months, expected);
  out.measured.fail_rate = rate;
  const bool is_given = options.capacity > 0;
  out.capacity = is_given ? options.capacity : 2 * out.measured.per_month;
  for (const std::string& name : cadence_names()) {
    SIGNALBOX_TRY(const Cadence cadence, preset(name));
    if (!cadence.rule) {
      out.simulated.push_back(continuous(changes.size(), months, chance));
      continue;
    }
    SIGNALBOX_TRY(const Departures departures, departures_of(cadence, changes));
    out.simulated.push_back(measure(name, departures, months, expected));
  }
  const auto within = std::find_if(out.simulated.begin(), out.simulated.end(),
                                   [&](const CadenceMeasure& one) { return one.per_month <= out.capacity; });
  const std::string limit = fmt::format("{} departures a month{}", one_decimal(out.capacity),
                                        is_given ? "" : ", twice what was carried");
  if (within == out.simulated.end()) {
    out.cadence = out.simulated.back().cadence;
    out.reason = fmt::format("no cadence stays within {}; {} comes nearest", limit, out.cadence);
  } else {
    out.cadence = within->cadence;
    out.reason = fmt::format("the most frequent cadence within {}", limit);
  }
  return out;
}

}  // namespace signalbox::train::schedule
