#include "instruments/profile/runtimes/python_lines.hpp"

#include <algorithm>
#include <climits>

namespace signalbox::profile {
namespace {

constexpr std::int64_t kUnitBytes = 2;  // of an instruction

std::uint8_t octet_at(std::string_view table, std::size_t at) {
  return static_cast<std::uint8_t>(table[at]);
}

std::int32_t as_line(std::int64_t line) {
  return line > 0 && line <= INT_MAX ? static_cast<std::int32_t>(line) : 0;
}

// Pairs of how much code and how many lines later the next line begins.
std::int32_t by_lnotab(std::string_view table, std::int64_t line, std::int64_t offset) {
  std::int64_t begin = 0;
  for (std::size_t at = 0; at + 1 < table.size(); at += 2) {
    begin += octet_at(table, at);
    if (begin > offset) break;
    line += static_cast<std::int8_t>(table[at + 1]);
  }
  return as_line(line);
}

// Pairs of how long a range is, and how its line differs from the last one; -128: it has none.
std::int32_t by_ranges(std::string_view table, std::int64_t line, std::int64_t offset) {
  constexpr std::int8_t kNoLine = -128;
  std::int64_t limit = 0;
  for (std::size_t at = 0; at + 1 < table.size(); at += 2) {
    limit += octet_at(table, at);
    const auto change = static_cast<std::int8_t>(table[at + 1]);
    if (change != kNoLine) line += change;
    if (offset < limit) return change == kNoLine ? 0 : as_line(line);
  }
  return 0;
}

// Six bits an octet, the lowest first, one more says that it goes on; of a signed one the lowest bit is the
// sign.
bool take_signed(std::string_view table, std::size_t& at, std::int64_t& out) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 6) {
    if (at >= table.size() || shift > 60) return false;
    const std::uint8_t octet = octet_at(table, at++);
    value |= std::uint64_t{octet & 0x3fU} << shift;
    if ((octet & 0x40) == 0) break;
  }
  const auto magnitude = static_cast<std::int64_t>((value >> 1) & INT_MAX);
  out = (value & 1) != 0 ? -magnitude : magnitude;
  return true;
}

std::int32_t by_locations(std::string_view table, std::int64_t line, std::int64_t offset) {
  constexpr unsigned kFirstOneLine = 10;
  constexpr unsigned kNoColumns = 13;
  constexpr unsigned kLong = 14;
  constexpr unsigned kNone = 15;
  std::int64_t limit = 0;
  for (std::size_t at = 0; at < table.size();) {
    const std::uint8_t head = octet_at(table, at++);
    if ((head & 0x80) == 0) return 0;
    const unsigned kind = (head >> 3) & 15U;
    limit += ((head & 7) + 1) * kUnitBytes;
    std::int64_t change = 0;
    if (kind >= kFirstOneLine && kind < kNoColumns) change = kind - kFirstOneLine;
    if ((kind == kNoColumns || kind == kLong) && !take_signed(table, at, change)) return 0;
    line += change;
    if (offset < limit) return kind == kNone ? 0 : as_line(line);
    // The rest of an entry says columns; the next one begins with the highest bit set.
    while (at < table.size() && (octet_at(table, at) & 0x80) == 0) ++at;
  }
  return 0;
}

}  // namespace

std::int32_t python_line(PythonLineTable kind, std::string_view table, std::int32_t first_line,
                         std::int64_t offset) {
  if (offset < 0) return std::max(first_line, 0);
  switch (kind) {
    case PythonLineTable::lnotab:
      return by_lnotab(table, first_line, offset);
    case PythonLineTable::ranges:
      return by_ranges(table, first_line, offset);
    case PythonLineTable::locations:
      return by_locations(table, first_line, offset);
  }
  return 0;
}

}  // namespace signalbox::profile
