#include "core/calendar/zone.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/calendar/zone_rule.hpp"

namespace signalbox::calendar {

// No offset of the database, local mean times included, is farther from UTC than this.
constexpr std::chrono::hours kFarthestOffset{26};

struct Zone::Data {
  std::string name;
  std::vector<Regime> regimes;  // never empty
  std::vector<Change> changes;
  std::optional<ZoneRule> rule;

  Stretch listed(Instant instant) const {
    const auto next = std::upper_bound(changes.begin(), changes.end(), instant,
                                       [](Instant a, const Change& b) { return a < b.at; });
    Stretch out;
    if (next != changes.end()) out.end = next->at;
    out.regime = regimes.data();
    if (next != changes.begin()) {
      out.begin = std::prev(next)->at;
      out.regime = &regimes[std::prev(next)->regime];
    }
    return out;
  }
};

Zone Zone::utc() {
  auto data = std::make_shared<Data>();
  data->name = "UTC";
  data->regimes = {{std::chrono::seconds(0), false, "UTC"}};
  return Zone(std::move(data));
}

Result<Zone> Zone::of(std::string name, std::vector<Regime> regimes, std::vector<Change> changes,
                      std::optional<ZoneRule> rule) {
  if (regimes.empty()) return fail(ErrorKind::bad_input, "a zone without a regime");
  for (const Regime& regime : regimes) {
    if (std::chrono::abs(regime.offset) > kFarthestOffset)
      return fail(ErrorKind::bad_input, fmt::format("an offset of {} s from UTC", regime.offset.count()));
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].regime >= regimes.size())
      return fail(ErrorKind::bad_input, "a change to a regime that is not there");
    if (i > 0 && changes[i].at <= changes[i - 1].at)
      return fail(ErrorKind::bad_input, "changes that are out of order");
  }
  auto data = std::make_shared<Data>();
  data->name = std::move(name);
  data->regimes = std::move(regimes);
  data->changes = std::move(changes);
  data->rule = std::move(rule);
  return Zone(std::move(data));
}

const std::string& Zone::name() const {
  return data_->name;
}

bool Zone::is_utc() const {
  return data_->changes.empty() && !data_->rule && data_->regimes.front().offset.count() == 0;
}

const std::optional<ZoneRule>& Zone::rule() const {
  return data_->rule;
}

Stretch Zone::at(Instant instant) const {
  Stretch out = data_->listed(instant);
  if (out.end != Instant::max() || !data_->rule) return out;
  // After the last change the rule holds, and the last stretch of the file ends where the rule's first
  // begins.
  Stretch ruled = stretch_of(*data_->rule, instant);
  const Regime& before = *out.regime;
  const Regime& now = *ruled.regime;
  if (ruled.begin <= out.begin) {
    // The last change of the file is one of the rule's, or lies within a stretch of it.
    ruled.begin = out.begin;
    if (before.offset == now.offset && before.daylight == now.daylight) return ruled;
    ruled.regime = out.regime;
  }
  return ruled;
}

Wall Zone::to_wall(Instant instant) const {
  return Wall(instant.time_since_epoch() + at(instant).regime->offset);
}

Instant Zone::to_utc(Wall wall) const {
  const Instant as_utc(wall.time_since_epoch());
  Stretch stretch = at(as_utc - kFarthestOffset);
  std::chrono::seconds before = stretch.regime->offset;
  while (stretch.end != Instant::max() && as_utc - stretch.regime->offset >= stretch.end) {
    before = stretch.regime->offset;
    stretch = at(stretch.end);
  }
  const Instant out = as_utc - stretch.regime->offset;
  return out >= stretch.begin ? out : as_utc - before;
}

}  // namespace signalbox::calendar
