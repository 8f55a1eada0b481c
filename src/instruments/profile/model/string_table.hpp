// Each text once, by number.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace signalbox::profile {

// Number of a text in a StringTable; 0 is the empty text.
struct StringId {
  std::uint32_t value = 0;
  bool empty() const { return value == 0; }
  bool operator==(const StringId&) const = default;
};

// Owns its texts; the views it gives live as long as it does, also after a move. Copies are whole.
class StringTable {
 public:
  StringTable();
  StringTable(const StringTable& other);
  StringTable& operator=(const StringTable& other);
  StringTable(StringTable&&) noexcept = default;
  StringTable& operator=(StringTable&&) noexcept = default;

  StringId add(std::string_view text);  // the number that it has already, where it is there
  std::string_view operator[](StringId id) const { return texts_[id.value]; }
  std::size_t size() const { return texts_.size(); }

 private:
  std::string_view keep(std::string_view text);

  std::vector<std::unique_ptr<char[]>> chunks_;  // texts lie one behind another in them
  std::size_t left_ = 0;                         // octets free at the end of the last chunk
  char* next_ = nullptr;
  std::vector<std::string_view> texts_;
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

}  // namespace signalbox::profile
