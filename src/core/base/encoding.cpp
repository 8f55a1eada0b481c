#include "core/base/encoding.hpp"

#include <array>
#include <cstdint>

namespace signalbox {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t kNoValue = 0x80;

constexpr std::array<std::uint8_t, 256> make_table(bool both_alphabets) {
  std::array<std::uint8_t, 256> table{};
  for (auto& value : table) value = kNoValue;
  for (std::size_t i = 0; i < 64; ++i) {
    table[static_cast<unsigned char>(kStandard[i])] = static_cast<std::uint8_t>(i);
    if (both_alphabets) table[static_cast<unsigned char>(kUrlSafe[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}
constexpr auto kStrictTable = make_table(false);
constexpr auto kAnyTable = make_table(true);

std::string encode(std::string_view octets, std::string_view alphabet) {
  std::string out((octets.size() * 4 + 2) / 3, '\0');
  char* to = out.data();
  std::size_t i = 0;
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(octets[at]));
  };
  for (; i + 2 < octets.size(); i += 3) {
    const std::uint32_t group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    for (int shift = 18; shift >= 0; shift -= 6) *to++ = alphabet[group >> shift & 63];
  }
  const std::size_t left = octets.size() - i;
  if (left == 0) return out;
  const std::uint32_t group = byte(i) << 16 | (left == 2 ? byte(i + 1) << 8 : 0U);
  *to++ = alphabet[group >> 18 & 63];
  *to++ = alphabet[group >> 12 & 63];
  if (left == 2) *to = alphabet[group >> 6 & 63];
  return out;
}

// Four characters at a time; the last two or three one by one.
Result<std::string> decode(std::string_view text, const std::array<std::uint8_t, 256>& table) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  char* to = out.data();
  std::uint32_t any = 0;
  const auto value = [&](std::size_t at) {
    const std::uint32_t found = table[static_cast<unsigned char>(text[at])];
    any |= found;
    return found & 63;
  };
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const std::uint32_t group = value(i) << 18 | value(i + 1) << 12 | value(i + 2) << 6 | value(i + 3);
    *to++ = static_cast<char>(group >> 16);
    *to++ = static_cast<char>(group >> 8 & 0xff);
    *to++ = static_cast<char>(group & 0xff);
  }
  std::uint32_t bits = 0;
  int held = 0;
  for (; i < text.size(); ++i) {
    bits = bits << 6 | value(i);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    *to++ = static_cast<char>(bits >> held & 0xff);
  }
  if ((any & kNoValue) != 0)
    return fail(ErrorKind::bad_input, "not base64: a character outside the alphabet");
  if (held == 6) return fail(ErrorKind::bad_input, "not base64: the last group is one character");
  if ((bits & ((1U << held) - 1)) != 0)
    return fail(ErrorKind::bad_input, "not base64: the unused last bits are not zero");
  out.resize(static_cast<std::size_t>(to - out.data()));
  return out;
}

std::string_view without_padding(std::string_view text) {
  for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  return text;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(std::string_view octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out(octets.size() * 2, '\0');
  char* to = out.data();
  for (const char c : octets) {
    const auto value = static_cast<unsigned char>(c);
    *to++ = digits[value >> 4];
    *to++ = digits[value & 15];
  }
  return out;
}

bool is_lower_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return fail(ErrorKind::bad_input, "not hexadecimal: an odd number of digits");
  std::string out;
  out.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = hex_value(hex[i]);
    const int low = hex_value(hex[i + 1]);
    if (high < 0 || low < 0) return fail(ErrorKind::bad_input, "not hexadecimal: a character outside 0-9a-f");
    out += static_cast<char>(high << 4 | low);
  }
  return out;
}

std::string to_base64(std::string_view octets) {
  std::string out = encode(octets, kStandard);
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::string to_base64url(std::string_view octets) {
  return encode(octets, kUrlSafe);
}

Result<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0)
    return fail(ErrorKind::bad_input, "not base64: the length is not a multiple of four");
  return decode(without_padding(text), kStrictTable);
}

Result<std::string> from_base64_any(std::string_view text) {
  const std::string_view bare = without_padding(text);
  if (bare.size() != text.size() && text.size() % 4 != 0)
    return fail(ErrorKind::bad_input, "not base64: wrong padding");
  return decode(bare, kAnyTable);
}

std::string to_percent(std::string_view octets) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kUnreservedMarks = "-._~";
  std::string out;
  for (const char c : octets) {
    const bool is_unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                               kUnreservedMarks.find(c) != std::string_view::npos;
    if (is_unreserved) {
      out += c;
      continue;
    }
    const auto value = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[value >> 4];
    out += kDigits[value & 15];
  }
  return out;
}

std::string from_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_octet =
        text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0;
    if (!is_octet) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
    i += 2;
  }
  return out;
}

}  // namespace signalbox
