// The stacks of a profile that is being read, found by parent and frame. For readers of many samples:
// ProfileBuilder does the same more slowly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

class StackTable {
 public:
  // Adds to `stacks`, which outlives this and which nobody else adds to.
  explicit StackTable(std::vector<Stack>& stacks);

  // `frame` called from the top of `parent`.
  StackId child(StackId parent, FrameId frame) {
    const std::uint64_t key = (std::uint64_t{parent} << 32) | frame;
    for (std::size_t at = place_of(key);; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.stack == 0) return add(at, key);
      if (slot.key == key) return slot.stack;
    }
  }

 private:
  struct Slot {
    std::uint64_t key = 0;
    StackId stack = 0;  // 0: free
  };

  std::size_t place_of(std::uint64_t key) const {
    return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15ULL) >> shift_);
  }
  StackId add(std::size_t at, std::uint64_t key);
  void grow();

  std::vector<Stack>& stacks_;
  std::vector<Slot> slots_;  // a power of two of them
  std::size_t mask_ = 0;
  int shift_ = 0;  // of a 64-bit hash, so that it is below the size
};

}  // namespace signalbox::profile
