// Any octets as a file that is pushed, or that lies below a folder that is served: what is said of it is
// said, and what it names as its sources is absolute and without steps upward.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "instruments/profile/symbols/debug_link.hpp"
#include "instruments/profile/symbols/source_names.hpp"
#include "instruments/profile/symbols/symbol_file.hpp"

namespace profile = signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string octets(reinterpret_cast<const char*>(data), size);
  if (profile::is_build_id(octets) && octets.find_first_not_of("0123456789abcdef") != std::string::npos)
    std::abort();
  const auto elf = profile::ElfFile::from_memory(octets, "fuzzed");
  if (!elf) return 0;
  const profile::SymbolContents contents = profile::contents_of(*elf);
  if (contents.link.find('\0') != std::string::npos) std::abort();
  profile::debug_link_checksum(*elf);
  for (const std::string& name : profile::source_names(*elf)) {
    const std::filesystem::path path(name);
    if (!path.is_absolute() || path.lexically_normal() != path) std::abort();
  }
  return 0;
}
