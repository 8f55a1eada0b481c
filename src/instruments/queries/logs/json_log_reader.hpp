#pragma once

#include "instruments/queries/logs/log_reader.hpp"
#include "instruments/queries/logs/scanning.hpp"

namespace signalbox::queries {

inline constexpr std::string_view kCnpgRecord = "\"record\":{";

// One object a line (PostgreSQL 15, chapter 20.8.5). Members in any order; those that are unknown are
// skipped. A line whose octets are no UTF-8 is read all the same.
// Of CloudNativePG each has the record as a member, an object of the columns of csvlog; lines without one are
// of its own programs.
class JsonLogReader final : public LogReader {
 public:
  explicit JsonLogReader(LogFormat format = LogFormat::jsonlog) : format_(format) {}
  std::size_t read(std::string_view text, std::uint64_t offset, More more, LogVisitor& visitor) override;
  std::size_t last_begin(std::string_view text) const override;
  LogFormat format() const override { return format_; }

 private:
  bool read_line(std::string_view line, LogRecord& record);
  bool is_of_others(std::string_view line) const;

  LogFormat format_;

  Unescaped unescaped_;
  LogTimes times_;
};

}  // namespace signalbox::queries
