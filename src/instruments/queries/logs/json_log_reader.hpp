#pragma once

#include "instruments/queries/logs/log_reader.hpp"
#include "instruments/queries/logs/scanning.hpp"

namespace signalbox::queries {

// One object a line (PostgreSQL 15, chapter 20.8.5). Members in any order; those that are unknown are
// skipped. A line whose octets are no UTF-8 is read all the same.
class JsonLogReader final : public LogReader {
 public:
  std::size_t read(std::string_view text, std::uint64_t offset, More more, LogVisitor& visitor) override;
  std::size_t last_begin(std::string_view text) const override;
  LogFormat format() const override { return LogFormat::jsonlog; }

 private:
  bool read_line(std::string_view line, LogRecord& record);

  Unescaped unescaped_;
  LogTimes times_;
};

}  // namespace signalbox::queries
