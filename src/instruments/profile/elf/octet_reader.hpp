// Octets of files, whatever offsets and sizes those tell.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace signalbox::profile {

// Empty where it is not all there.
inline std::string_view part(std::string_view octets, std::uint64_t offset, std::uint64_t size) {
  if (offset > octets.size() || size > octets.size() - offset) return {};
  return octets.substr(offset, size);
}

// Numbers from the front of octets; past their end everything is 0 and `ok` is false.
struct OctetReader {
  std::string_view left;
  bool ok = true;

  template <class Number>
  Number take() {
    Number out{};
    if (left.size() < sizeof out) {
      ok = false;
      left = {};
      return out;
    }
    std::memcpy(&out, left.data(), sizeof out);
    left.remove_prefix(sizeof out);
    return out;
  }
  std::string_view octets(std::uint64_t count) {
    if (count > left.size()) {
      ok = false;
      left = {};
      return {};
    }
    const std::string_view out = left.substr(0, count);
    left.remove_prefix(count);
    return out;
  }
  // DWARF 5, section 7.6.
  std::uint64_t uleb() {
    std::uint64_t out = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto octet = take<std::uint8_t>();
      if (shift < 64) out |= std::uint64_t{octet & 0x7fU} << shift;
      if (!ok || (octet & 0x80) == 0) return out;
    }
  }
  std::int64_t sleb() {
    std::uint64_t out = 0;
    for (unsigned shift = 0;;) {
      const auto octet = take<std::uint8_t>();
      if (shift < 64) out |= std::uint64_t{octet & 0x7fU} << shift;
      shift += 7;
      if (!ok) return 0;
      if ((octet & 0x80) != 0) continue;
      if ((octet & 0x40) != 0 && shift < 64) out |= ~std::uint64_t{0} << shift;
      return static_cast<std::int64_t>(out);
    }
  }
  std::string_view text() {  // up to its NUL, which is taken too
    const std::size_t end = left.find('\0');
    if (end == std::string_view::npos) {
      ok = false;
      left = {};
      return {};
    }
    const std::string_view out = left.substr(0, end);
    left.remove_prefix(end + 1);
    return out;
  }
};

}  // namespace signalbox::profile
