#include "instruments/profile/symbols/debug_link.hpp"

#include <cstring>

#include <zlib.h>

#include "instruments/profile/elf/octet_reader.hpp"

namespace signalbox::profile {

std::optional<std::uint32_t> debug_link_checksum(const ElfFile& elf) {
  const ElfSection* const link = elf.section(".gnu_debuglink");
  if (link == nullptr) return std::nullopt;
  // The name, zeros up to a multiple of four, the checksum.
  const std::size_t at = (OctetReader{link->octets}.text().size() + 1 + 3) / 4 * 4;
  std::uint32_t out = 0;
  if (link->octets.size() < at + sizeof out) return std::nullopt;
  std::memcpy(&out, link->octets.data() + at, sizeof out);
  return out;
}

std::uint32_t checksum_of(std::string_view octets) {
  return static_cast<std::uint32_t>(
      crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(octets.data()), octets.size()));
}

}  // namespace signalbox::profile
