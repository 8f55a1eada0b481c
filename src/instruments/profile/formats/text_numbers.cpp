#include "instruments/profile/formats/text_numbers.hpp"

#include <cstring>

namespace signalbox::profile {
namespace {

constexpr std::uint64_t kFactor = 0x9fb21c651e98df25ULL;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * kFactor;
  return hash ^ (hash >> 32);
}

// Eight octets at a time; for tables of one input, no defence against chosen ones.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = text.size();
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    hash = mixed(hash, word);
  }
  std::uint64_t word = 0;
  if (left > 0) std::memcpy(&word, at, left);
  return mixed(mixed(hash, word), left);
}

}  // namespace

std::pair<std::uint32_t, bool> TextNumbers::number(std::string_view text) {
  const std::uint64_t hash = hash_of(text);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at].number_and_one != 0; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.hash == hash && texts_[slot.number_and_one - 1] == text) return {slot.number_and_one - 1, false};
  }
  const auto number = static_cast<std::uint32_t>(texts_.size());
  texts_.push_back(text);
  slots_[at] = {hash, number + 1};
  if (texts_.size() * 2 > slots_.size()) grow();
  return {number, true};
}

void TextNumbers::grow() {
  std::vector<Slot> before(slots_.size() * 2);
  before.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : before) {
    if (slot.number_and_one == 0) continue;
    std::size_t at = slot.hash & mask;
    while (slots_[at].number_and_one != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

}  // namespace signalbox::profile
