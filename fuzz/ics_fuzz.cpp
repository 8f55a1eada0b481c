// Any octets as an iCalendar file: read, or refused with the place. Its occurrences lie where they were asked
// for, and end no earlier than they start.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/calendar/ics_reader.hpp"

namespace calendar = signalbox::calendar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file =
      calendar::parse_ics({reinterpret_cast<const char*>(data), size}, "f", calendar::Zone::utc());
  if (!file) {
    if (!file.error().message.starts_with("f:")) std::abort();
    return 0;
  }
  const calendar::Instant from{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
  const calendar::Instant until = from + std::chrono::days(366);
  calendar::ExpansionBudget budget{.occurrences = 5000, .steps = 500'000};
  const auto found = occurrences(*file, from, until, budget);
  if (!found) {
    if (!found.error().message.starts_with("f:")) std::abort();
    return 0;
  }
  for (const calendar::Occurrence& one : *found) {
    if (one.event == nullptr || one.end < one.start || one.start >= until || one.end <= from) std::abort();
  }
  return 0;
}
