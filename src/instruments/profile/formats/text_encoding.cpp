#include "instruments/profile/formats/text_encoding.hpp"

#include <cstddef>
#include <cstdint>

#include "core/base/utf8.hpp"

namespace signalbox::profile {
namespace {

bool is_high(std::uint32_t unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}
bool is_low(std::uint32_t unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

// `first` is which octet of a unit is the more significant one: 0 or 1.
std::string from_utf16(std::string_view octets, std::size_t first) {
  const auto unit_at = [&](std::size_t i) {
    return std::uint32_t{static_cast<unsigned char>(octets[i + first])} << 8 |
           std::uint32_t{static_cast<unsigned char>(octets[i + 1 - first])};
  };
  std::string out;
  out.reserve(octets.size());
  std::size_t i = 0;
  for (; i + 1 < octets.size(); i += 2) {
    const std::uint32_t unit = unit_at(i);
    if (is_high(unit) && i + 3 < octets.size() && is_low(unit_at(i + 2))) {
      append_utf8(out, 0x10000 + ((unit - 0xd800) << 10) + (unit_at(i + 2) - 0xdc00));
      i += 2;
    } else {
      append_utf8(out, is_character(unit) ? unit : kReplacementCharacter);
    }
  }
  if (i < octets.size()) append_utf8(out, kReplacementCharacter);
  return out;
}

}  // namespace

std::string_view as_utf8(std::string_view octets, std::string& storage) {
  if (octets.starts_with("\xef\xbb\xbf")) return octets.substr(3);
  const bool big = octets.starts_with("\xfe\xff");
  if (!big && !octets.starts_with("\xff\xfe")) return octets;
  storage = from_utf16(octets.substr(2), big ? 0 : 1);
  return storage;
}

}  // namespace signalbox::profile
