// Any octets as a cron expression: read, or refused with the column. What was read fires, forwards and
// backwards at the same instants.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/calendar/cron.hpp"

namespace calendar = signalbox::calendar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const calendar::Zone kZone = calendar::read_zone("Europe/Berlin").value_or(calendar::Zone::utc());
  const auto cron = calendar::parse_cron({reinterpret_cast<const char*>(data), size}, kZone);
  if (!cron) {
    if (!cron.error().message.starts_with("column ")) std::abort();
    return 0;
  }
  const calendar::Instant at{std::chrono::sys_days(std::chrono::year(2026) / 3 / 29)};
  const auto next = next_fire(*cron, at);
  const auto last = last_fire(*cron, at);
  if (!next || !last || *next <= at || *last > at) std::abort();
  if (last_fire(*cron, *next) != next || last_fire(*cron, *next - std::chrono::seconds(1)) != last)
    std::abort();
  return 0;
}
