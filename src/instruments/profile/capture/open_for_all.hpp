// Opening what has to know all threads of a target, while the target goes on to start more.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace signalbox::profile {

// A target that starts processes all the time is left as it is after so many.
inline constexpr int kMaxOpenings = 5;

// What `open(threads())` gives, opened anew where threads came that it does not know: those that a thread
// starts before it is opened inherit nothing of it. An opening that is not taken ends before the next begins.
template <class Threads, class Open>
auto open_for_all(Threads threads, Open open) -> decltype(open(std::vector<std::int32_t>())) {
  std::vector<std::int32_t> known = threads();
  for (int openings = 1;; ++openings) {
    auto opened = open(known);
    if (!opened || openings == kMaxOpenings) return opened;
    std::vector<std::int32_t> now = threads();
    std::sort(known.begin(), known.end());
    std::sort(now.begin(), now.end());
    if (std::includes(known.begin(), known.end(), now.begin(), now.end())) return opened;
    known = std::move(now);
  }
}

}  // namespace signalbox::profile
