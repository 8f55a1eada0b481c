#pragma once

#include "instruments/queries/logs/line_prefix.hpp"
#include "instruments/queries/logs/log_reader.hpp"
#include "instruments/queries/logs/scanning.hpp"

namespace signalbox::queries {

// Lines with a prefix and a severity; what belongs to one follows in lines of the same process (DETAIL, HINT,
// CONTEXT, STATEMENT), and lines that begin with a tab go on.
class StderrLogReader final : public LogReader {
 public:
  explicit StderrLogReader(LinePrefix prefix) : prefix_(std::move(prefix)) {}
  std::size_t read(std::string_view text, std::uint64_t offset, More more, LogVisitor& visitor) override;
  std::size_t last_begin(std::string_view text) const override;
  LogFormat format() const override { return LogFormat::stderr_text; }

 private:
  bool begins_record(std::string_view text) const;
  std::string_view words(std::string_view text, std::size_t begin, std::size_t end);

  LinePrefix prefix_;
  Unescaped unfolded_;  // texts without the tabs of their further lines
  LogTimes times_;
};

}  // namespace signalbox::queries
