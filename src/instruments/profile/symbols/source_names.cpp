#include "instruments/profile/symbols/source_names.hpp"

#include <filesystem>

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <libelf.h>

namespace signalbox::profile {
namespace {

struct Ended {
  void operator()(Elf* elf) const { elf_end(elf); }
  void operator()(Dwarf* dwarf) const { dwarf_end(dwarf); }
};

std::string text_of(Dwarf_Die& die, unsigned name) {
  Dwarf_Attribute attribute;
  const char* const text = dwarf_formstring(dwarf_attr(&die, name, &attribute));
  return text == nullptr ? "" : text;
}

}  // namespace

std::set<std::string> source_names(const ElfFile& elf) {
  std::set<std::string> out;
  elf_version(EV_CURRENT);
  // libelf writes into what it is given where sections are compressed.
  std::string octets(elf.octets());
  const std::unique_ptr<Elf, Ended> image(elf_memory(octets.data(), octets.size()));
  if (image == nullptr) return out;
  const std::unique_ptr<Dwarf, Ended> dwarf(dwarf_begin_elf(image.get(), DWARF_C_READ, nullptr));
  if (dwarf == nullptr) return out;
  Dwarf_CU* unit = nullptr;
  Dwarf_Die die;
  while (dwarf_get_units(dwarf.get(), unit, &unit, nullptr, nullptr, &die, nullptr) == 0) {
    Dwarf_Files* files = nullptr;
    std::size_t count = 0;
    if (dwarf_getsrcfiles(&die, &files, &count) != 0) continue;
    const std::filesystem::path folder = text_of(die, DW_AT_comp_dir);
    for (std::size_t i = 0; i < count; ++i) {
      const char* const name = dwarf_filesrc(files, i, nullptr, nullptr);
      if (name == nullptr) continue;
      const std::filesystem::path path = (folder / name).lexically_normal();
      if (path.is_absolute()) out.insert(path.string());
    }
  }
  return out;
}

}  // namespace signalbox::profile
