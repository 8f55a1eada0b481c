// Lines of a text that a reader could not use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::profile {

struct SkippedLines {
  static constexpr std::size_t kShownMax = 10;

  std::uint64_t count = 0;
  std::vector<std::uint64_t> first;  // numbers of the first kShownMax of them, from 1

  void add(std::uint64_t line);
};

// "2 lines skipped: 4, 9"; "no stack and count" is `why`: "2 lines skipped (no stack and count): 4, 9".
std::string words_of(const SkippedLines& skipped, const std::string& why);

}  // namespace signalbox::profile
