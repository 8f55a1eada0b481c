#include "instruments/profile/capture/raw_profile.hpp"

#include "instruments/profile/model/hash.hpp"

namespace signalbox::profile {

std::size_t RawProfile::Hash::operator()(const Key& key) const {
  return hash_of(key.parent, key.frame.code, key.frame.kind, key.frame.address);
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
