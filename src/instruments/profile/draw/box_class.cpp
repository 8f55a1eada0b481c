#include "instruments/profile/draw/box_class.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "instruments/profile/draw/flame_data.hpp"

namespace signalbox::profile {

std::string kind_class(const FlameFrame& frame) {
  if (frame.kind == FrameKind::synthetic) return "s0";
  constexpr std::string_view kLetters = "ukijp";  // in the order of FrameKind
  return fmt::format("{}{}", kLetters[static_cast<std::size_t>(frame.kind)], shade_of(frame.name));
}

std::string change_class(const FlameChange& change) {
  const double size = std::abs(change.relative);
  if (size < kNoChange) return "n0";
  const int step = std::clamp(static_cast<int>(std::ceil(size * kChangeSteps)), 1, kChangeSteps);
  return fmt::format("{}{}", change.relative > 0 ? 'm' : 'l', step);
}

}  // namespace signalbox::profile
