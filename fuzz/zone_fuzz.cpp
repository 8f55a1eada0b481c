// Any octets as a compiled zone file: read, or refused. In what was read every instant has one stretch, and a
// wall time comes back as itself, or later where it is skipped.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/calendar/zone.hpp"

namespace calendar = signalbox::calendar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  (void)calendar::parse_zone_rule(octets);
  const auto zone = calendar::parse_zone_file(octets, "f");
  if (!zone) return 0;
  for (int year = 1900; year < 2100; year += 7) {
    const calendar::Instant at{std::chrono::sys_days(std::chrono::year(year) / 3 / 29)};
    const calendar::Stretch stretch = zone->at(at);
    if (stretch.regime == nullptr || stretch.begin > at || stretch.end <= at) std::abort();
    const calendar::Wall wall = zone->to_wall(at);
    if (zone->to_utc(wall) > at) std::abort();
  }
  return 0;
}
