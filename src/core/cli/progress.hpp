// Progress drawn on standard error.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "core/cli/command.hpp"

namespace signalbox::cli {

// How the bar is drawn: not at all, over itself on a terminal, or as a line a second into a log.
enum class ProgressStyle { none, terminal, lines };

// A bar with rate and time left, "  412 of 1000 commits  41%  120/s  5s left", drawn once the work took over
// a second.
class BarProgress final : public Progress {
 public:
  explicit BarProgress(ProgressStyle style) : style_(style) {}
  ~BarProgress() override { finish(); }
  void update(std::uint64_t done, std::uint64_t total, std::string_view unit) override;
  void finish() override;
  void clear();  // takes the bar away, so that a line can be written

 private:
  ProgressStyle style_;
  bool started_ = false;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
};

// The text of a bar. `elapsed` is positive; total 0: unknown.
std::string progress_line(std::uint64_t done, std::uint64_t total, std::string_view unit,
                          std::chrono::milliseconds elapsed);

}  // namespace signalbox::cli
