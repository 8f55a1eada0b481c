#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "instruments/queries/logs/line_prefix.hpp"
#include "instruments/queries/logs/stderr_log_reader.hpp"

namespace signalbox::queries {

// What one line of a log that others wrapped brings: the text that the server gave away, or a part of it.
struct LogPiece {
  enum class Kind {
    begins,   // a message
    goes_on,  // with the message of its process, as it is: a length was over, or a line
    either,   // its prefix tells
    foreign,  // of another program
    broken,
  };
  Kind kind = Kind::broken;
  std::int64_t pid = 0;  // 0: its prefix tells
  std::string time;      // "2026-03-03 09:00:00.123 UTC"
  std::string text;      // from log_line_prefix on
};
// "Feb 11 13:15:39 host postgres[10808]: [3-2] …", or with the time of ISO 8601 (RFC 3164, rsyslog). It has
// no year: the last in which that day is not after tomorrow. PostgreSQL splits at lines and at 900 octets
// (elog.c, write_syslog).
LogPiece syslog_piece(std::string_view line);
// {"textPayload": "…", "timestamp": "…", …}: one entry a line of the server's.
LogPiece cloudsql_piece(std::string_view line);

// Puts together what belongs to one message, though those of other processes stand in between, and has it
// read as stderr is. The texts of a record stay until its visitor returns. Keeps state between reads: one
// reader for a file. Messages are told in the order of their beginnings, but for those that stay open for
// long, or while there is much of others.
class AssembledLogReader final : public LogReader {
 public:
  // bad_input for a prefix that is none. `format`: syslog or cloudsql.
  static Result<std::unique_ptr<LogReader>> make(LogFormat format, std::string_view prefix);

  std::size_t read(std::string_view text, std::uint64_t offset, More more, LogVisitor& visitor) override;
  std::size_t last_begin(std::string_view text) const override;
  LogFormat format() const override { return format_; }

 private:
  // Lines that may stand between two pieces of a message.
  static constexpr std::uint64_t kMostBetween = 1'000;
  static constexpr std::size_t kMaxOpen = 10'000;
  static constexpr std::size_t kMaxOpenBytes = std::size_t{64} << 20;  // beside the one that grows
  struct Open {
    std::uint64_t offset = 0, last_line = 0;
    std::int64_t pid = 0;
    std::string text;  // as stderr has it
  };

  AssembledLogReader(LogFormat format, LinePrefix prefix)
      : format_(format), prefix_(prefix), inner_(std::move(prefix)) {}
  void line(std::string_view line, std::uint64_t offset, LogVisitor& visitor);
  void piece(LogPiece& piece, std::uint64_t offset, LogVisitor& visitor);
  void tell_all_but(std::uint64_t line, LogVisitor& visitor);  // where they are too much
  void tell_of(std::int64_t pid, LogVisitor& visitor);
  void tell(std::map<std::uint64_t, Open>::iterator open, LogVisitor& visitor);

  LogFormat format_;
  LinePrefix prefix_;
  StderrLogReader inner_;
  std::map<std::uint64_t, Open> open_;  // by the number of the line it began at
  std::unordered_map<std::int64_t, std::uint64_t> by_pid_;
  std::size_t open_bytes_ = 0;
  std::int64_t last_pid_ = 0;
  std::uint64_t lines_ = 0;
};

// The log_line_prefix within such pieces: of those that are known the one that takes most of them.
std::string prefix_within(LogFormat format, const std::vector<std::string_view>& lines);

}  // namespace signalbox::queries
