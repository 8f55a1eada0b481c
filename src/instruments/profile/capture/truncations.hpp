// How many stacks end early, by why.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>

#include "instruments/profile/elf/unwinder.hpp"

namespace signalbox::profile {

// What unwinding ran into, in the order of UnwindEnd, or what never came.
enum class Truncation : std::uint8_t {
  no_code,
  no_rule,
  beyond,
  no_register,
  not_upward,
  too_deep,
  no_frames,  // the kernel named a stack whose frames had no room on their way
  no_begin,   // of a wait
};
inline constexpr std::size_t kTruncations = 8;

// `end` is not `bottom`: that is a stack which is whole.
constexpr Truncation truncation_of(UnwindEnd end) {
  return static_cast<Truncation>(static_cast<int>(end) - 1);
}
static_assert(truncation_of(UnwindEnd::no_code) == Truncation::no_code);
static_assert(truncation_of(UnwindEnd::too_deep) == Truncation::too_deep);

// As the frame `[truncated: …]` of such a stack says it.
inline std::string_view name_of(Truncation why) {
  if (why == Truncation::no_frames) return "its frames did not come";
  if (why == Truncation::no_begin) return "nobody saw where it began";
  return name_of(static_cast<UnwindEnd>(static_cast<int>(why) + 1));
}

class Truncations {
 public:
  void add(Truncation why) { ++counts_[static_cast<std::size_t>(why)]; }
  std::int64_t of(Truncation why) const { return counts_[static_cast<std::size_t>(why)]; }
  std::int64_t total() const { return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0}); }
  Truncations& operator+=(const Truncations& more) {
    for (std::size_t i = 0; i < kTruncations; ++i) counts_[i] += more.counts_[i];
    return *this;
  }
  // What came since `before`.
  Truncations since(const Truncations& before) const {
    Truncations out;
    for (std::size_t i = 0; i < kTruncations; ++i) out.counts_[i] = counts_[i] - before.counts_[i];
    return out;
  }

 private:
  std::array<std::int64_t, kTruncations> counts_{};
};

}  // namespace signalbox::profile
