#include "core/report/chart_axis.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

namespace signalbox::report {
namespace {

// Values beyond are drawn at this one: differences and sums of them stay finite.
constexpr double kLargest = 1e300;
// Values nearer to zero count as zero: quotients of them stay finite.
constexpr double kSmallest = 1e-290;
// Two values whose difference is a smaller part of them than this count as one.
constexpr double kDistinct = 1e-12;
// Rounding in a quotient may not cost a tick, nor add one.
constexpr double kSlack = 1e-9;

double drawable(double value) {
  return std::abs(value) < kSmallest ? 0 : std::clamp(value, -kLargest, kLargest);
}

// The smallest 1, 2 or 5 times a power of ten that is at least `wanted`.
double nice_step(double wanted) {
  const double power = std::pow(10, std::floor(std::log10(wanted)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (wanted <= factor * power * (1 + kSlack)) return factor * power;
  }
  return 10 * power;
}

struct Multiples {
  double first;
  double last;  // both whole numbers, of steps

  int count() const { return static_cast<int>(last - first) + 1; }
};

Multiples multiples(double low, double high, double step, Ends ends) {
  if (ends == Ends::rounded) return {std::floor(low / step + kSlack), std::ceil(high / step - kSlack)};
  return {std::ceil(low / step - kSlack), std::floor(high / step + kSlack)};
}

int decimals_of(double step) {
  return std::max(0, static_cast<int>(-std::floor(std::log10(step) + kSlack)));
}

}  // namespace

Axis nice_axis(double low, double high, int ticks_max, Ends ends) {
  low = drawable(low);
  high = drawable(high);
  if (low > high) std::swap(low, high);
  if (high - low <= kDistinct * std::max(std::abs(low), std::abs(high))) {
    const double margin = low == 0 ? 0.5 : std::abs(low) / 10;
    low -= margin;
    high += margin;
  }
  Axis axis;
  axis.step = nice_step((high - low) / (std::max(2, ticks_max) + 1));
  Multiples steps = multiples(low, high, axis.step, ends);
  while (steps.count() > std::max(2, ticks_max)) {
    axis.step = nice_step(axis.step * 1.5);
    steps = multiples(low, high, axis.step, ends);
  }
  for (int i = 0; i < steps.count(); ++i) axis.ticks.push_back((steps.first + i) * axis.step);
  axis.low = ends == Ends::rounded ? axis.ticks.front() : low;
  axis.high = ends == Ends::rounded ? axis.ticks.back() : high;
  return axis;
}

std::string tick_text(double value, const Axis& axis) {
  const double largest = std::max(std::abs(axis.low), std::abs(axis.high));
  if (value == 0) value = 0;  // no "-0"
  if (largest >= 1e15 || largest < 1e-4) return fmt::format("{:.4g}", value);
  double unit = 1;
  std::string_view suffix;
  if (largest >= 1e5) {
    constexpr std::string_view kSuffixes[] = {"k", "M", "G", "T"};
    const int thousands = std::min(4, static_cast<int>(std::floor(std::log10(largest) / 3 + kSlack)));
    unit = std::pow(1000, thousands);
    suffix = kSuffixes[thousands - 1];
  }
  return fmt::format("{:.{}f}{}", value / unit, decimals_of(axis.step / unit), value == 0 ? "" : suffix);
}

std::string number_text(double value) {
  if (value == 0) return "0";
  const double size = std::abs(value);
  if (!std::isfinite(value) || size >= 1e15 || size < 1e-4) return fmt::format("{:.4g}", value);
  constexpr int kDigits = 4;
  const int before_point = static_cast<int>(std::floor(std::log10(size))) + 1;
  std::string text = fmt::format("{:.{}f}", value, std::max(0, kDigits - before_point));
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

}  // namespace signalbox::report
