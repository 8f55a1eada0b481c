// Any octets as units of split DWARF in one file: what is told of a unit lies within the file, its strings
// are its own, and the object file that is made of it has what was told.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "instruments/profile/elf/dwp_index.hpp"
#include "instruments/profile/elf/elf_file.hpp"

namespace profile = signalbox::profile;

namespace {

void look_for(const profile::DwpIndex& index, std::uint64_t id, std::size_t size) {
  const auto sections = index.find(id);
  if (!sections) return;
  const auto made = profile::ElfFile::from_memory(profile::object_file(*sections), "made");
  if (!made) std::abort();
  for (const profile::DwoSection& section : *sections) {
    const profile::ElfSection* const read = made->section(section.name);
    if (read == nullptr) std::abort();
    if (read->octets != section.octets) std::abort();
    if (section.name != ".debug_str.dwo" && section.octets.size() > size) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string octets(reinterpret_cast<const char*>(data), size);
  // As a whole file, and as the table of one.
  std::vector<std::string> files = {octets};
  files.push_back(profile::object_file({{".debug_cu_index", octets},
                                        {".debug_info.dwo", std::string(64, 'i')},
                                        {".debug_abbrev.dwo", std::string(64, 'a')},
                                        {".debug_str_offsets.dwo", octets.substr(0, 256)},
                                        {".debug_str.dwo", octets.substr(0, 512)}}));
  for (std::string& file : files) {
    const auto elf = profile::ElfFile::from_memory(std::move(file), "fuzzed");
    if (!elf) continue;
    const auto index = profile::DwpIndex::open(*elf);
    if (!index) continue;
    for (std::size_t at = 0; at + sizeof(std::uint64_t) <= size && at < 256; at += sizeof(std::uint64_t)) {
      std::uint64_t id = 0;
      std::memcpy(&id, data + at, sizeof id);
      look_for(*index, id, elf->octets().size());
    }
  }
  return 0;
}
