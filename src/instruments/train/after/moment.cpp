#include "instruments/train/after/moment.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::after {
namespace {

constexpr std::array<std::string_view, kMoments.size()> kNames = {
    "planning", "change", "freeze", "pre-cutover", "departure", "pause", "rollback", "summary"};

}  // namespace

std::string_view name_of(Moment moment) {
  return kNames[static_cast<std::size_t>(moment)];
}

Result<Moment> moment_from(std::string_view name) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found != kNames.end()) return static_cast<Moment>(found - kNames.begin());
  return fail(ErrorKind::bad_input, fmt::format("`{}` is no moment that is announced", printable(name)),
              join({kNames.begin(), kNames.end()}, ", "));
}

}  // namespace signalbox::train::after
