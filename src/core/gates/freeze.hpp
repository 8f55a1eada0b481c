// Times in which nothing departs: fixed, by a pair of crons, by a recurrence rule, or by a file of holidays.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/clock.hpp"
#include "core/calendar/cron.hpp"
#include "core/calendar/date_text.hpp"
#include "core/calendar/ics_reader.hpp"
#include "core/calendar/rrule.hpp"
#include "core/config/config.hpp"

namespace signalbox::gates {

// From start on, no longer at end.
struct FixedFreeze {
  Time start, end;
};

// GitLab's pair: frozen at t where the last start is not after t, and no end comes after that start and not
// after t.
struct CronFreeze {
  calendar::Cron start, end;
};

// As long as `length`, each time that the rule recurs.
struct RuleFreeze {
  calendar::Rrule rule;
  calendar::Wall from;
  calendar::Zone zone = calendar::Zone::utc();
  calendar::Period length;
};

// While an event of the file takes place.
struct FileFreeze {
  std::string path;
  std::shared_ptr<const calendar::IcsFile> file;
};

struct Freeze {
  std::string name, reason;
  std::vector<std::string> environments;  // empty: all
  std::variant<FixedFreeze, CronFreeze, RuleFreeze, FileFreeze> when;
};

// The octets of a file that the configuration names, from where the configuration itself comes from.
using FileSource = std::function<Result<std::string>(const std::string& path)>;

// Members: name reason environments, and one of
//   start end                                   times with their zone
//   freeze_start freeze_end [cron_timezone]     crons, as GitLab has them; without a zone UTC
//   rrule from duration [timezone]              RFC 5545, from a wall time of the zone
//   ics [timezone]                              a file beside the configuration
// bad_input with file:line:column and the field, also of the .ics file.
Result<Freeze> parse_freeze(const config::Node& node, const FileSource& files);

// Without an environment: each does. "production/api" lies in "production".
bool concerns(const Freeze& freeze, std::string_view environment);
std::string text_of(const Freeze& freeze);  // when, in one line: "`0 18 * * 5` to `0 8 * * 1`, Europe/Berlin"

}  // namespace signalbox::gates
