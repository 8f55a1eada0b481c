#include "core/cli/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/text.hpp"

namespace signalbox::cli {

using namespace std::chrono_literals;

namespace {

// Of standard error; 0 where it is no terminal, or does not say.
std::size_t terminal_columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

std::string progress_line(std::uint64_t done, std::uint64_t total, std::string_view unit,
                          std::chrono::milliseconds elapsed) {
  constexpr std::size_t kBarColumns = 20;
  const double seconds = static_cast<double>(std::max<std::int64_t>(elapsed.count(), 1)) / 1000.0;
  const double rate = static_cast<double>(done) / seconds;
  const std::string name = printable(unit);
  if (total == 0 || done > total) return fmt::format("{} {}  {:.0f}/s", done, name, rate);
  const double part = static_cast<double>(done) / static_cast<double>(total);
  const auto full = static_cast<std::size_t>(part * static_cast<double>(kBarColumns));
  std::string bar;
  for (std::size_t i = 0; i < kBarColumns; ++i) bar += i < full ? "━" : "┄";
  std::string line =
      fmt::format("{} {} of {} {}  {:.0f}%  {:.0f}/s", bar, done, total, name, part * 100, rate);
  if (rate > 0 && done < total) {
    const double left_s = std::ceil(static_cast<double>(total - done) / rate);
    line +=
        fmt::format("  {} left", to_text(Duration(static_cast<std::int64_t>(std::min(left_s, 1e9)) * 1000)));
  }
  return line;
}

void BarProgress::update(std::uint64_t done, std::uint64_t total, std::string_view unit) {
  if (style_ == ProgressStyle::none) return;
  const auto now = std::chrono::steady_clock::now();
  if (!started_) {
    started_ = true;
    start_ = now;
    last_ = now;
    return;
  }
  const auto pause = style_ == ProgressStyle::terminal && drawn_ ? 100ms : 1000ms;
  if (now - last_ < pause) return;
  last_ = now;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - start_);
  std::string line = progress_line(done, total, unit, elapsed);
  // A line that wraps is not taken away whole.
  if (const std::size_t columns = terminal_columns(); style_ == ProgressStyle::terminal && columns > 1)
    line = cut_to_width(line, columns - 1);
  std::fputs(style_ == ProgressStyle::terminal ? ("\r\033[K" + line).c_str() : (line + "\n").c_str(), stderr);
  drawn_ = true;
}

void BarProgress::clear() {
  if (drawn_ && style_ == ProgressStyle::terminal) std::fputs("\r\033[K", stderr);
}

void BarProgress::finish() {
  clear();
  drawn_ = false;
  started_ = false;
}

}  // namespace signalbox::cli
