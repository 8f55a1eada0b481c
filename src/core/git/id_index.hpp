// Ids by number.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/git/object.hpp"

namespace signalbox::git {

// Each id once, numbered from 0 in the order in which they came. Open addressing; at most half of the slots
// are taken.
class IdIndex {
 public:
  std::uint32_t size() const { return static_cast<std::uint32_t>(ids_.size()); }
  const ObjectId& operator[](std::uint32_t number) const { return ids_[number]; }

  std::optional<std::uint32_t> find(const ObjectId& id) const {
    if (slots_.empty()) return std::nullopt;
    const std::uint32_t taken = slots_[slot_of(id)];
    return taken == 0 ? std::nullopt : std::optional(taken - 1);
  }

  void reserve(std::size_t count) {
    ids_.reserve(count);
    if (count * 2 > slots_.size()) resize(std::bit_ceil(count * 2));
  }

  // True where it was not there yet.
  bool insert(const ObjectId& id) {
    if ((ids_.size() + 1) * 2 > slots_.size()) resize(std::max(kSmallest, slots_.size() * 2));
    std::uint32_t& slot = slots_[slot_of(id)];
    if (slot != 0) return false;
    ids_.push_back(id);
    slot = size();
    return true;
  }

 private:
  static constexpr std::size_t kSmallest = 64;

  // Where the id is, or would be.
  std::size_t slot_of(const ObjectId& id) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = id.hash() & mask;
    while (slots_[at] != 0 && ids_[slots_[at] - 1] != id) at = (at + 1) & mask;
    return at;
  }

  void resize(std::size_t slots) {
    slots_.assign(slots, 0);
    for (std::uint32_t number = 0; number < size(); ++number) slots_[slot_of(ids_[number])] = number + 1;
  }

  std::vector<ObjectId> ids_;
  std::vector<std::uint32_t> slots_;  // number + 1, or 0
};

}  // namespace signalbox::git
