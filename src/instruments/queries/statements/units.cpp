#include "instruments/queries/statements/units.hpp"

#include <cmath>

#include <fmt/format.h>

namespace signalbox::queries {
namespace {

// Three figures that count.
std::string three(double value) {
  const double size = std::abs(value);
  if (size >= 99.95) return fmt::format("{:.0f}", value);
  if (size >= 9.995) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

}  // namespace

std::string text_of_ms(double milliseconds) {
  if (milliseconds < 0.0005) return milliseconds == 0 ? "0 ms" : "< 0.001 ms";
  if (milliseconds < 0.1) return fmt::format("{:.3f} ms", milliseconds);
  if (milliseconds < 999.5) return three(milliseconds) + " ms";
  const double seconds = milliseconds / 1000;
  if (seconds < 119.5) return three(seconds) + " s";
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 7'200) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3'600, whole % 3'600 / 60);
}

std::string text_of_count(std::int64_t count) {
  constexpr std::int64_t kInWords = 10'000'000;
  if (count >= 1'000 * kInWords / 10) return three(static_cast<double>(count) / 1e9) + " G";
  if (count >= kInWords) return three(static_cast<double>(count) / 1e6) + " M";
  std::string out = std::to_string(count);
  const std::size_t sign = count < 0 ? 1 : 0;
  for (std::size_t at = out.size(); at > sign + 3; at -= 3) out.insert(at - 3, ",");
  return out;
}

std::string text_of_bytes(std::int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1'023.5 && unit + 1 < std::size(kUnits)) {
    value /= 1'024;
    ++unit;
  }
  if (unit == 0) return fmt::format("{} B", bytes);
  return fmt::format("{} {}", value == std::floor(value) ? fmt::format("{:.0f}", value) : three(value),
                     kUnits[unit]);
}

std::string text_of_blocks(std::int64_t blocks) {
  return text_of_bytes(blocks * kBlockBytes);
}

std::string text_of_share(double share) {
  const double percent = share * 100;
  if (percent > 0 && percent < 0.05) return "< 0.1 %";
  return fmt::format("{:.1f} %", percent);
}

}  // namespace signalbox::queries
