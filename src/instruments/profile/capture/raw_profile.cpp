#include "instruments/profile/capture/raw_profile.hpp"

namespace signalbox::profile {

std::size_t RawProfile::Hash::operator()(const Key& key) const {
  std::uint64_t z = key.frame.address * 0x9e3779b97f4a7c15ULL;
  z ^= (std::uint64_t{key.parent} << 32) | (std::uint64_t{key.frame.code} << 3) |
       static_cast<std::uint64_t>(key.frame.kind);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  return static_cast<std::size_t>(z ^ (z >> 31));
}

std::uint32_t RawProfile::stack(std::uint32_t parent, const RawFrame& frame) {
  const auto [found, is_new] =
      numbers_.try_emplace({parent, frame}, static_cast<std::uint32_t>(nodes_.size()));
  if (is_new) nodes_.push_back({parent, frame});
  return found->second;
}

std::uint32_t RawProfile::synthetic(std::uint32_t parent, std::string_view words) {
  return stack(parent, {kNoCode, FrameKind::synthetic, words_.add(words).value});
}

}  // namespace signalbox::profile
