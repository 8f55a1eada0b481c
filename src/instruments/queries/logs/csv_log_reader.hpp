#pragma once

#include <array>
#include <string>

#include "instruments/queries/logs/log_reader.hpp"
#include "instruments/queries/logs/scanning.hpp"

namespace signalbox::queries {

// Whether a line begins as a record does: with a time and a comma.
bool begins_csv_record(std::string_view line);

// Comma separated values as RFC 4180 has them, in PostgreSQL's columns (chapter 20.8.4): 23 of 12, 24 of 13,
// 26 of 14 and later. After a record that is none it goes on at the next line that begins with a time.
class CsvLogReader final : public LogReader {
 public:
  std::size_t read(std::string_view text, std::uint64_t offset, More more, LogVisitor& visitor) override;
  std::size_t last_begin(std::string_view text) const override;
  LogFormat format() const override { return LogFormat::csvlog; }

 private:
  enum class Outcome { record, incomplete, broken };
  Outcome split(std::string_view text, std::size_t& length);
  bool quoted(const char*& at, const char* end);
  bool fill(LogRecord& record);

  static constexpr std::size_t kMaxColumns = 64;
  std::array<std::string_view, kMaxColumns> fields_;  // of one record, count_ of them
  std::size_t count_ = 0;
  Unescaped unquoted_;
  std::string ended_;  // the last record, with the line end that it lacks in the file
  LogTimes times_;
};

}  // namespace signalbox::queries
