// Any octets as a recurrence rule: read, or refused with the column. Its occurrences ascend, and none lies
// before the start or after the end.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/calendar/rrule.hpp"

namespace calendar = signalbox::calendar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto rule = calendar::parse_rrule({reinterpret_cast<const char*>(data), size});
  if (!rule) {
    if (!rule.error().message.starts_with("column ")) std::abort();
    return 0;
  }
  const calendar::Wall start = calendar::Day(std::chrono::year(2024) / 2 / 29) + std::chrono::hours(9);
  const calendar::Wall until = calendar::Day(std::chrono::year(2034) / 1 / 1);
  calendar::ExpansionBudget budget{.occurrences = 2000, .steps = 200'000};
  const auto walls = expand(*rule, start, calendar::Zone::utc(), until, budget);
  if (!walls) return 0;
  if (rule->count && walls->size() > static_cast<std::size_t>(*rule->count)) std::abort();
  for (std::size_t i = 0; i < walls->size(); ++i) {
    if ((*walls)[i] < start || (*walls)[i] > until) std::abort();
    if (i > 0 && (*walls)[i] <= (*walls)[i - 1]) std::abort();
  }
  return 0;
}
