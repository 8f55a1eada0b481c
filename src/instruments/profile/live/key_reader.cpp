#include "instruments/profile/live/key_reader.hpp"

#include <algorithm>
#include <optional>

#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

constexpr char kEscape = '\x1b';
constexpr std::size_t kMaxSequence = 16;  // longer ones are no keys

std::optional<Key::Kind> control_key(char octet) {
  switch (octet) {
    case '\r':
    case '\n':
      return Key::Kind::enter;
    case '\x7f':
    case '\b':
      return Key::Kind::erase;
    case '\x03':
      return Key::Kind::interrupt;
    default:
      return std::nullopt;
  }
}

// What stands behind "ESC [" or "ESC O", its last octet included.
std::optional<Key::Kind> sequence_key(std::string_view sequence) {
  if (sequence == "A") return Key::Kind::up;
  if (sequence == "B") return Key::Kind::down;
  if (sequence == "H" || sequence == "1~" || sequence == "7~") return Key::Kind::home;
  if (sequence == "F" || sequence == "4~" || sequence == "8~") return Key::Kind::end;
  if (sequence == "5~") return Key::Kind::page_up;
  if (sequence == "6~") return Key::Kind::page_down;
  return std::nullopt;
}

// Octets of the character that these begin with; 1 where they begin none.
std::size_t length_of_character(std::string_view octets) {
  const auto first = static_cast<unsigned char>(octets.front());
  if (first < 0xc2 || first > 0xf4) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const bool goes_on = std::all_of(
      octets.begin() + 1, octets.begin() + static_cast<std::ptrdiff_t>(std::min(length, octets.size())),
      [](char each) { return (static_cast<unsigned char>(each) & 0xc0) == 0x80; });
  return goes_on ? length : 1;
}

}  // namespace

std::vector<Key> KeyReader::take(std::string_view octets) {
  waiting_ += octets;
  return parse(false);
}

std::vector<Key> KeyReader::settle() {
  return parse(true);
}

std::vector<Key> KeyReader::parse(bool is_all) {
  std::vector<Key> out;
  std::string_view left = waiting_;
  while (!left.empty()) {
    if (left.front() == kEscape) {
      if (left.size() == 1 && !is_all) break;
      if (left.size() == 1 || (left[1] != '[' && left[1] != 'O')) {
        out.push_back({Key::Kind::escape, {}});
        left.remove_prefix(1);
        continue;
      }
      const auto end =
          std::find_if(left.begin() + 2, left.end(), [](char c) { return c >= 0x40 && c <= 0x7e; });
      const auto length = static_cast<std::size_t>(end - left.begin());
      if (end == left.end() && length <= kMaxSequence && !is_all) break;
      if (end != left.end()) {
        if (const auto kind = sequence_key(left.substr(2, length - 1))) out.push_back({*kind, {}});
      }
      left.remove_prefix(std::min(length + 1, left.size()));
      continue;
    }
    if (const auto kind = control_key(left.front())) {
      out.push_back({*kind, {}});
      left.remove_prefix(1);
      continue;
    }
    const std::size_t length = length_of_character(left);
    if (left.size() < length && !is_all) break;
    const std::string_view character = left.substr(0, length);
    const bool is_control = length == 1 && static_cast<unsigned char>(character.front()) < 0x20;
    if (!is_control && is_utf8(character)) {
      out.push_back({Key::Kind::text, std::string(character)});
      left.remove_prefix(length);
    } else {
      left.remove_prefix(1);
    }
  }
  waiting_ = std::string(left);
  return out;
}

}  // namespace signalbox::profile
