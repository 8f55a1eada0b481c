// Characters as UTF-8. All of it is here: programs that link next to nothing use it, too.
#pragma once

#include <cstdint>
#include <string>

namespace signalbox {

// A number that stands for no character: half of a surrogate pair, or more than Unicode has.
constexpr bool is_character(std::uint32_t code) {
  return code < 0xd800 || (code >= 0xe000 && code <= 0x10ffff);
}

inline constexpr std::uint32_t kReplacementCharacter = 0xfffd;

// One to four octets. Halves of surrogate pairs are written as their numbers say, which is no well-formed
// text: who may have some puts kReplacementCharacter in their place. The same goes for what is beyond
// U+10FFFF, of which the lowest 21 bits are written.
inline void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t octet) { out += static_cast<char>(octet); };
  const auto more = [&](unsigned shift) { put(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xe0 | code >> 12);
    } else {
      put(0xf0 | (code >> 18 & 7));
      more(12);
    }
    more(6);
  }
  more(0);
}

}  // namespace signalbox
