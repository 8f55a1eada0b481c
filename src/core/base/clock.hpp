// Time as an input: whoever needs "now" is handed a Clock. Instants are UTC, kept to the millisecond.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

// The machine's wall clock.
class SystemClock final : public Clock {
 public:
  Time now() const override;
};

// A clock that a test sets and moves.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(Time start) : now_(start) {}
  Time now() const override { return now_; }
  void set(Time time) { now_ = time; }
  void advance(Duration by) { now_ += by; }

 private:
  Time now_;
};

std::string to_rfc3339(Time time);  // "2026-03-03T09:00:00Z", with ".123" when not a whole second
Result<Time> parse_rfc3339(
    std::string_view text);  // RFC 3339, any offset, fraction cut to milliseconds; years 1970-9999
Result<Duration> parse_duration(
    std::string_view text);  // "90s", "15m", "24h", "7d", "2w", "1h30m"; positive, at most 100 years
std::string to_text(Duration duration);  // the two largest units that are not zero: "2d 3h", "15m", "0s"

}  // namespace signalbox
