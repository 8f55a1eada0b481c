#include "instruments/profile/model/string_table.hpp"

#include <algorithm>
#include <cstring>

namespace signalbox::profile {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} << 10;

}  // namespace

StringTable::StringTable() {
  add({});
}

StringTable::StringTable(const StringTable& other) {
  for (const std::string_view text : other.texts_) add(text);
}

StringTable& StringTable::operator=(const StringTable& other) {
  if (this != &other) *this = StringTable(other);
  return *this;
}

std::string_view StringTable::keep(std::string_view text) {
  if (text.size() > left_) {
    const std::size_t bytes = std::max(kChunkBytes, text.size());
    next_ = chunks_.emplace_back(std::make_unique<char[]>(bytes)).get();
    left_ = bytes;
  }
  char* const at = next_;
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  next_ += text.size();
  left_ -= text.size();
  return {at, text.size()};
}

StringId StringTable::add(std::string_view text) {
  if (const auto found = numbers_.find(text); found != numbers_.end()) return {found->second};
  const auto number = static_cast<std::uint32_t>(texts_.size());
  texts_.push_back(keep(text));
  numbers_.emplace(texts_.back(), number);
  return {number};
}

}  // namespace signalbox::profile
