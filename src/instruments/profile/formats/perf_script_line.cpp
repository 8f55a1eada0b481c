#include "instruments/profile/formats/perf_script_line.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace signalbox::profile {
namespace {

constexpr std::int64_t kNsInSecond = 1'000'000'000;
constexpr std::int64_t kSecondsMax = std::numeric_limits<std::int64_t>::max() / kNsInSecond - 1;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_space(char c) {
  return c == ' ' || c == '\t';
}

// Takes words from the front of a line.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  std::string_view rest() const { return rest_; }
  void skip_spaces() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }
  // Up to the next space; empty at the end.
  std::string_view next() {
    skip_spaces();
    const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t"));
    rest_.remove_prefix(word.size());
    return word;
  }

 private:
  std::string_view rest_;
};

template <class Number>
bool read_number(std::string_view text, Number& out, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

// "25607" or "24636/25607".
bool read_ids(std::string_view word, PerfHeader& out) {
  if (word.empty() || !is_digit(word.front())) return false;
  const std::size_t slash = word.find('/');
  if (slash == std::string_view::npos) return read_number(word, out.tid);
  return read_number(word.substr(0, slash), out.pid) && read_number(word.substr(slash + 1), out.tid);
}

// "4794564.109216:"
bool read_time(std::string_view word, std::int64_t& time_ns) {
  if (!word.ends_with(':')) return false;
  word.remove_suffix(1);
  const std::size_t dot = word.find('.');
  if (dot == std::string_view::npos) return false;
  std::int64_t seconds = 0;
  const std::string_view fraction = word.substr(dot + 1);
  std::int64_t part = 0;
  if (!read_number(word.substr(0, dot), seconds) || seconds < 0 || seconds > kSecondsMax ||
      fraction.size() > 9 || !read_number(fraction, part) || part < 0)
    return false;
  for (std::size_t digits = fraction.size(); digits < 9; ++digits) part *= 10;
  time_ns = seconds * kNsInSecond + part;
  return true;
}

// "  10101010 cycles:" or "cycles:  ffffffff8104f45a native (…)": what stands after the time.
void read_event(std::string_view text, PerfHeader& out) {
  Words words(text);
  std::string_view word = words.next();
  if (read_number(word, out.period)) word = words.next();
  if (!word.ends_with(':')) return;
  out.event = word.substr(0, word.size() - 1);
  words.skip_spaces();
  out.inline_frame = words.rest();
}

}  // namespace

std::optional<PerfHeader> perf_header_of(std::string_view line) {
  if (line.empty() || is_space(line.front())) return std::nullopt;
  PerfHeader out;
  Words words(line);
  words.next();  // a name is one word or more, and ids follow
  for (;;) {
    const std::string_view before = words.rest();
    const std::string_view word = words.next();
    if (word.empty()) return std::nullopt;
    if (!read_ids(word, out)) continue;
    if (words.rest().empty()) return std::nullopt;
    out.comm = line.substr(0, line.size() - before.size());
    break;
  }
  while (!words.rest().empty()) {
    const std::string_view word = words.next();
    if (read_time(word, out.time_ns)) {
      read_event(words.rest(), out);
      return out;
    }
    // "[000]", or, without a time, the event.
    if (word.ends_with(':')) {
      read_event(word, out);
      return out;
    }
  }
  return out;
}

std::optional<PerfFrame> perf_frame_of(std::string_view line) {
  Words words(line);
  PerfFrame out;
  if (!read_number(words.next(), out.address, 16)) return std::nullopt;
  words.skip_spaces();
  const std::string_view rest = words.rest();
  const std::size_t close = rest.rfind(')');
  if (close == std::string_view::npos) return std::nullopt;
  // A file that was deleted since: "/tmp/a.out (deleted)".
  constexpr std::string_view deleted = " (deleted)";
  std::string_view inside = rest.substr(0, close);
  const std::string_view whole = inside;
  if (inside.ends_with(deleted)) inside.remove_suffix(deleted.size());
  const std::size_t open = inside.rfind(" (");
  if (open == std::string_view::npos) return std::nullopt;
  out.module = whole.substr(open + 2);
  out.symbol = rest.substr(0, open);
  const std::size_t offset = out.symbol.rfind("+0x");
  if (offset != std::string_view::npos && offset + 3 < out.symbol.size() &&
      std::all_of(out.symbol.begin() + static_cast<std::ptrdiff_t>(offset) + 3, out.symbol.end(),
                  [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }))
    out.symbol = out.symbol.substr(0, offset);
  if (out.symbol.empty()) return std::nullopt;
  return out;
}

}  // namespace signalbox::profile
