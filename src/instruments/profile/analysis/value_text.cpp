#include "instruments/profile/analysis/value_text.hpp"

#include <array>
#include <cmath>
#include <span>

#include <fmt/format.h>

namespace signalbox::profile {
namespace {

struct Scale {
  double at_least;  // of the base unit
  std::string_view name;
};

constexpr std::array<Scale, 4> kNanoseconds = {{{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}}};
constexpr std::array<Scale, 4> kBytes = {
    {{1073741824.0, "GiB"}, {1048576.0, "MiB"}, {1024.0, "KiB"}, {1, "bytes"}}};

std::string three_digits(double value) {
  const double size = std::abs(value);
  return size >= 100  ? fmt::format("{:.0f}", value)
         : size >= 10 ? fmt::format("{:.1f}", value)
                      : fmt::format("{:.2f}", value);
}

std::string scaled(double value, std::span<const Scale> scales) {
  if (value == 0) return fmt::format("0 {}", scales.back().name);
  for (const Scale& scale : scales) {
    if (std::abs(value) >= scale.at_least || &scale == &scales.back())
      return fmt::format("{} {}", three_digits(value / scale.at_least), scale.name);
  }
  return {};
}

// 1204 → "1,204".
std::string grouped(double value) {
  const std::string digits = fmt::format("{:.0f}", std::abs(value));
  std::string out = value < 0 ? "-" : "";
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

double multiplier(std::string_view unit) {
  return unit == "seconds" ? 1e9 : unit == "milliseconds" ? 1e6 : unit == "microseconds" ? 1e3 : 1;
}

int digits_of_percent(double part) {
  return std::abs(part) < 0.01 ? 2 : 1;
}

}  // namespace

std::string value_text(double value, std::string_view unit) {
  if (unit.ends_with("seconds")) return scaled(value * multiplier(unit), kNanoseconds);
  if (unit == "bytes") return scaled(value, kBytes);
  const std::string number = value == std::round(value) ? grouped(value) : three_digits(value);
  return unit.empty() || unit == "count" ? number : fmt::format("{} {}", number, unit);
}

std::string signed_value_text(double value, std::string_view unit) {
  return (value > 0 ? "+" : "") + value_text(value, unit);
}

std::string percent_text(double part) {
  return fmt::format("{:.{}f} %", 100 * part, digits_of_percent(part));
}

std::string signed_percent_text(double part) {
  return (part > 0 ? "+" : "") + percent_text(part);
}

std::string interval_text(stats::Interval part) {
  const int digits = digits_of_percent(part.upper);
  return fmt::format("{:.{}f}–{:.{}f} %", 100 * part.lower, digits, 100 * part.upper, digits);
}

}  // namespace signalbox::profile
