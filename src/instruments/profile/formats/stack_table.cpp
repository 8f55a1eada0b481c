#include "instruments/profile/formats/stack_table.hpp"

#include <bit>

namespace signalbox::profile {
namespace {

constexpr std::size_t kSlotsMin = 1024;

}  // namespace

StackTable::StackTable(std::vector<Stack>& stacks) : stacks_(stacks), slots_(kSlotsMin) {
  mask_ = kSlotsMin - 1;
  shift_ = 64 - std::countr_zero(kSlotsMin);
}

StackId StackTable::add(std::size_t at, std::uint64_t key) {
  const auto stack = static_cast<StackId>(stacks_.size());
  stacks_.push_back({static_cast<StackId>(key >> 32), static_cast<FrameId>(key)});
  slots_[at] = {key, stack};
  if (stacks_.size() * 2 > slots_.size()) grow();
  return stack;
}

void StackTable::grow() {
  std::vector<Slot> before(slots_.size() * 2);
  before.swap(slots_);
  mask_ = slots_.size() - 1;
  --shift_;
  for (const Slot& slot : before) {
    if (slot.stack == 0) continue;
    std::size_t at = place_of(slot.key);
    while (slots_[at].stack != 0) at = (at + 1) & mask_;
    slots_[at] = slot;
  }
}

}  // namespace signalbox::profile
