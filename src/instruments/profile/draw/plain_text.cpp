#include <cstdint>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/draw/shown_name.hpp"

namespace signalbox::profile {

namespace {

bool is_continuation(char octet) {
  return (static_cast<unsigned char>(octet) & 0xc0U) == 0x80U;
}

// The code point at the start of well-formed UTF-8, and how many octets it has.
std::pair<std::uint32_t, std::size_t> first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  std::size_t size = 1;
  while (size < text.size() && is_continuation(text[size])) ++size;
  if (size == 1) return {lead, 1};
  std::uint32_t code = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) code = code << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
  return {code, size};
}

bool is_shown_by_number(std::uint32_t code) {
  const bool is_control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool turns_direction = code == 0x061c || code == 0x200e || code == 0x200f ||
                               (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  const bool is_invisible = (code >= 0x200b && code <= 0x200d) || code == 0x2028 || code == 0x2029 ||
                            code == 0x2060 || code == 0xfeff;
  const bool is_no_character = (code & 0xfffeU) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef);
  return is_control || turns_direction || is_invisible || is_no_character;
}

// Whether a name can be copied as it is; nearly all can.
bool is_plain_ascii(std::string_view text) {
  for (const char octet : text)
    if (octet < 0x20 || octet == 0x7f) return false;
  return true;
}

}  // namespace

std::string plain_text(std::string_view octets, std::size_t most) {
  std::string_view kept = octets;
  if (kept.size() > most) {
    kept = kept.substr(0, most);
    while (!kept.empty() && is_continuation(octets[kept.size()])) kept.remove_suffix(1);
  }
  std::string out;
  if (is_plain_ascii(kept)) {
    out = kept;
  } else {
    const std::string valid = escape_invalid_utf8(kept);
    for (std::string_view rest = valid; !rest.empty();) {
      const auto [code, size] = first_character(rest);
      if (is_shown_by_number(code))
        out += code < 0x100 ? fmt::format("\\x{:02x}", code) : fmt::format("\\u{:04x}", code);
      else
        out += rest.substr(0, size);
      rest.remove_prefix(size);
    }
  }
  if (kept.size() < octets.size()) out += fmt::format("… ({} octets in all)", octets.size());
  return out;
}

}  // namespace signalbox::profile
