// One record of a server's log, whatever the format it was written in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/clock.hpp"

namespace signalbox::queries {

// Its texts are valid until its reader reads on. What a format or a prefix does not tell is
// empty or 0.
struct LogRecord {
  std::uint64_t offset = 0;  // of its first octet in the file
  Time at{};
  std::int64_t pid = 0;
  std::int64_t query_id = 0;
  std::string_view session;  // one connection: "65a1b2c3.1f4"; else the pid in digits
  std::string_view user;
  std::string_view database;
  std::string_view application;
  std::string_view severity;  // "LOG", "ERROR", in the server's language
  std::string_view sqlstate;
  std::string_view message;
  std::string_view detail;
  std::string_view hint;
  std::string_view context;
  std::string_view statement;  // that was running, of errors
  bool zone_guessed = false;   // its time zone was an abbreviation that says nothing; taken for UTC
};

// "2026-03-03 09:00:00.123 UTC", as logs have it: fraction and zone may be missing. Zones: UTC, GMT, Z, +02,
// -03:30, and abbreviations that mean one offset; others are taken for UTC and said to be guessed. False
// where it is no time.
bool parse_log_time(std::string_view text, LogRecord& record);

// The same of many times one after another, most of them in the minute of the one before.
class LogTimes {
 public:
  bool read(std::string_view text, LogRecord& record);

 private:
  static constexpr std::size_t kMinute = 17;  // "2026-03-03 09:00:"
  static constexpr std::size_t kZone = 23;    // behind "00.123"
  static constexpr std::size_t kLongest = 40;

  std::array<char, kLongest> last_{};  // a time of this shape
  std::size_t length_ = 0;
  Time minute_{};
  bool zone_guessed_ = false;
};

}  // namespace signalbox::queries
