#include "instruments/profile/draw/amount_text.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace signalbox::profile {

namespace {

// Three digits that count.
std::string three_digits(double amount) {
  const double size = std::abs(amount);
  return fmt::format("{:.{}f}", amount, size >= 99.95 || size == 0 ? 0 : size >= 9.995 ? 1 : 2);
}

std::string with_commas(std::int64_t amount) {
  std::string digits = fmt::format("{}", amount);
  const std::size_t first = amount < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

template <std::size_t N>
std::string scaled(double amount, double step, const std::array<std::string_view, N>& units) {
  std::size_t unit = 0;
  while (unit + 1 < N && std::abs(amount) >= step * 0.9995) {
    amount /= step;
    ++unit;
  }
  return fmt::format("{} {}", three_digits(amount), units[unit]);
}

}  // namespace

std::string amount_text(std::int64_t amount, std::string_view unit) {
  static constexpr std::array<std::string_view, 4> kTimes{"ns", "µs", "ms", "s"};
  static constexpr std::array<std::string_view, 5> kBytes{"B", "KiB", "MiB", "GiB", "TiB"};
  const auto size = static_cast<double>(amount);
  if (unit == "nanoseconds") return scaled(size, 1000, kTimes);
  if (unit == "microseconds") return scaled(size * 1e3, 1000, kTimes);
  if (unit == "milliseconds") return scaled(size * 1e6, 1000, kTimes);
  if (unit == "seconds") return scaled(size * 1e9, 1000, kTimes);
  if (unit == "bytes") return scaled(size, 1024, kBytes);
  if (unit.empty() || unit == "count" || unit == "none") return with_commas(amount);
  return fmt::format("{} {}", with_commas(amount), unit);
}

std::string share_text(double share) {
  const double percent = share * 100;
  const double size = std::abs(percent);
  if (size == 0) return "0 %";
  if (size >= 0.0995) return fmt::format("{:.1f} %", percent);
  return fmt::format("{:.{}f} %", percent, size >= 0.00995 ? 2 : 3);
}

std::string share_text(const FlameShare& share) {
  if (share.interval.lower <= 0 && share.interval.upper >= 1) return share_text(share.share);
  const std::string lower = share_text(share.interval.lower);
  return fmt::format("{} ({}–{})", share_text(share.share), lower.substr(0, lower.size() - 2),
                     share_text(share.interval.upper));
}

}  // namespace signalbox::profile
