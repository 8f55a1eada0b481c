#include "instruments/profile/runtimes/python_text.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/utf8.hpp"

namespace signalbox::profile {
namespace {

constexpr std::uint64_t kMaxCharacters = 4096;     // of a name; the rest is cut
constexpr std::uint64_t kMaxTableBytes = 4 << 20;  // of a code object's lines
constexpr std::uint64_t kSize = 16;                // PyVarObject.ob_size, PyASCIIObject.length
constexpr std::uint64_t kState = 32;               // PyASCIIObject.state
constexpr std::uint64_t kBytes = 32;               // PyBytesObject.ob_sval

}  // namespace

std::optional<std::string> read_python_text(ProcessMemory& memory, const PythonLayout& layout,
                                            std::uint64_t address) {
  std::uint64_t length = 0;
  std::uint32_t state = 0;
  const MemoryPiece head[] = {{address + kSize, {reinterpret_cast<char*>(&length), sizeof length}},
                              {address + kState, {reinterpret_cast<char*>(&state), sizeof state}}};
  if (!memory.read(head)) return std::nullopt;
  // interned : 2, kind : 3 (octets of a character), compact : 1, ascii : 1
  const std::uint32_t width = state >> 2 & 7;
  const bool is_compact = (state >> 5 & 1) != 0;
  const bool is_ascii = (state >> 6 & 1) != 0;
  if (!is_compact || (width != 1 && width != 2 && width != 4) || length > UINT32_MAX) return std::nullopt;
  std::string octets(std::min(length, kMaxCharacters) * width, '\0');
  const MemoryPiece body{address + (is_ascii ? layout.ascii_bytes : layout.unicode_bytes), octets};
  if (!octets.empty() && !memory.read(std::span(&body, 1))) return std::nullopt;
  std::string out;
  for (std::size_t at = 0; at < octets.size(); at += width) {
    std::uint32_t character = 0;
    std::memcpy(&character, octets.data() + at, width);
    append_utf8(out, is_character(character) ? character : kReplacementCharacter);
  }
  return out;
}

std::optional<std::string> read_python_bytes(ProcessMemory& memory, std::uint64_t address) {
  std::uint64_t size = 0;
  if (!memory.read(address + kSize, size) || size > kMaxTableBytes) return std::nullopt;
  std::string out(size, '\0');
  const MemoryPiece body{address + kBytes, out};
  if (!out.empty() && !memory.read(std::span(&body, 1))) return std::nullopt;
  return out;
}

}  // namespace signalbox::profile
