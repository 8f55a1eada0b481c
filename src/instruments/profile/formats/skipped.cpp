#include "instruments/profile/formats/skipped.hpp"

#include <fmt/ranges.h>

#include "core/base/text.hpp"

namespace signalbox::profile {

void SkippedLines::add(std::uint64_t line) {
  ++count;
  if (first.size() < kShownMax) first.push_back(line);
}

std::string words_of(const SkippedLines& skipped, const std::string& why) {
  return fmt::format("{} skipped ({}): {}{}", counted(skipped.count, "line"), why,
                     fmt::join(skipped.first, ", "), skipped.count > skipped.first.size() ? ", …" : "");
}

}  // namespace signalbox::profile
