#include "instruments/train/schedule/time_text.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/calendar/date_text.hpp"

namespace signalbox::train::schedule {

Result<Time> parse_time_text(std::string_view text, Time now, const calendar::Zone& zone) {
  if (text == "now") return now;
  if (text.starts_with('+') || text.starts_with('-')) {
    SIGNALBOX_TRY(const Duration distance, parse_duration(text.substr(1)));
    const Time from = std::chrono::floor<std::chrono::seconds>(now);
    return text.front() == '+' ? from + distance : from - distance;
  }
  if (const auto wall = calendar::parse_iso_wall(text)) return Time(zone.to_utc(*wall));
  auto time = parse_rfc3339(text);
  if (time) return time;
  return fail(ErrorKind::bad_input, fmt::format("`{}` is no time", printable(text)),
              "2026-12-01, 2026-12-01T10:00:00Z, with any offset, or +21d from now");
}

}  // namespace signalbox::train::schedule
