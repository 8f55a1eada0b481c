// Time zones: what clocks on the walls of a place show, from the system's compiled zone files (RFC 8536).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::calendar {

using Instant = std::chrono::sys_seconds;  // UTC
using Wall = std::chrono::local_seconds;   // what a clock on a wall shows, wherever the wall is
using Day = std::chrono::local_days;

inline constexpr const char* kZoneFolder = "/usr/share/zoneinfo";

// What clocks do from one change to the next.
struct Regime {
  std::chrono::seconds offset{0};  // east of UTC
  bool daylight = false;
  std::string abbreviation;  // "CEST"
};

// A regime in force, and how long it is.
struct Stretch {
  Instant begin = Instant::min();  // min(): since ever
  Instant end = Instant::max();    // not included; max(): for ever
  const Regime* regime = nullptr;  // lives as long as the zone
};

// From this moment on clocks follow the regime.
struct Change {
  Instant at;
  std::uint8_t regime = 0;  // index into the regimes of the zone
};

// "CET-1CEST,M3.5.0,M10.5.0/3": what a zone does for ever after, as POSIX TZ and RFC 8536 write it.
struct ZoneRule {
  // A day of each year, and the time of that day by the clocks before the change.
  struct Date {
    enum class Form { month_week_day, day_of_365, day_of_year } form = Form::month_week_day;
    int month = 0, week = 0, weekday = 0;  // week 5: the last; weekday 0: Sunday
    int day = 0;                   // of_365: 1 to 365, February 29 is never counted; of_year: 0 to 365
    std::chrono::seconds time{0};  // -167 h to 167 h
  };
  Regime standard;
  std::optional<Regime> daylight;
  Date to_daylight, to_standard;  // where there is daylight saving
};
// bad_input where it is none.
Result<ZoneRule> parse_zone_rule(std::string_view text);

// A zone; cheap to copy, never changes.
class Zone {
 public:
  static Zone utc();
  // Regimes and changes, oldest first; the first regime is that before the first change. bad_input where they
  // are out of order or name a regime that is not there.
  static Result<Zone> of(std::string name, std::vector<Regime> regimes, std::vector<Change> changes,
                         std::optional<ZoneRule> rule);

  const std::string& name() const;
  bool is_utc() const;
  Stretch at(Instant instant) const;
  Wall to_wall(Instant instant) const;
  // RFC 5545, 3.3.5: a wall time that clocks skip is read by the offset before the gap, so that it moves
  // forward by the gap; of two instants that show the same time the first counts.
  Instant to_utc(Wall wall) const;
  const std::optional<ZoneRule>& rule() const;  // what holds after the last change of the file

 private:
  struct Data;
  explicit Zone(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

// Octets of a compiled zone file, version 1 to 4. One with leap seconds is bad_input: its clock is not UTC.
Result<Zone> parse_zone_file(std::string_view octets, std::string name);

// A zone of the IANA database. An unknown name is bad_input, with the nearest known one; unavailable where
// the system has no zone files.
bool has_zone(std::string_view name, const std::filesystem::path& folder = kZoneFolder);
Result<Zone> read_zone(std::string_view name, const std::filesystem::path& folder = kZoneFolder);

}  // namespace signalbox::calendar
