#include "instruments/profile/elf/mini_debug.hpp"

#include <optional>
#include <string>
#include <utility>

#include <lzma.h>

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 20;             // when unpacked
constexpr std::uint64_t kMaxMemoryBytes = std::uint64_t{128} << 20;  // to unpack with
constexpr std::size_t kStepBytes = std::size_t{256} << 10;

// The only stream of these octets, unpacked.
std::optional<std::string> unpacked(std::string_view packed) {
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_stream_decoder(&stream, kMaxMemoryBytes, 0) != LZMA_OK) return std::nullopt;
  std::string out;
  stream.next_in = reinterpret_cast<const std::uint8_t*>(packed.data());
  stream.avail_in = packed.size();
  lzma_ret state = LZMA_OK;
  while (state == LZMA_OK && out.size() < kMaxBytes) {
    const std::size_t before = out.size();
    out.resize(before + kStepBytes);
    stream.next_out = reinterpret_cast<std::uint8_t*>(out.data() + before);
    stream.avail_out = kStepBytes;
    state = lzma_code(&stream, LZMA_FINISH);
    out.resize(out.size() - stream.avail_out);
  }
  lzma_end(&stream);
  return state == LZMA_STREAM_END ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace

std::shared_ptr<const ElfFile> read_mini_debug(const ElfFile& elf) {
  const ElfSection* const section = elf.section(".gnu_debugdata");
  if (section == nullptr) return nullptr;
  auto octets = unpacked(section->octets);
  if (!octets) return nullptr;
  auto found = ElfFile::from_memory(std::move(*octets), elf.name() + " (.gnu_debugdata)");
  return found ? std::make_shared<const ElfFile>(std::move(*found)) : nullptr;
}

}  // namespace signalbox::profile
