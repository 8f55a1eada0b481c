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

std::size_t RawProfile::LineHash::operator()(const InterpretedLine& line) const {
  return hash_of(line.function.value, line.file.value, line.first_line, line.line);
}

std::uint32_t RawProfile::interpreted(std::uint32_t parent, const InterpretedLine& line) {
  const auto [known, is_new] = line_numbers_.try_emplace(line, lines_.size());
  if (is_new) lines_.push_back(line);
  return stack(parent, {kNoCode, FrameKind::interpreted, known->second});
}

}  // namespace signalbox::profile
