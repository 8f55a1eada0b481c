#include "instruments/profile/elf/probe_sites.hpp"

#include <algorithm>
#include <cstring>

#include <elf.h>

#include "instruments/profile/elf/demangle.hpp"
#include "instruments/profile/elf/octet_reader.hpp"

namespace signalbox::profile {
namespace {

constexpr std::string_view kNotes = ".note.stapsdt";
constexpr std::string_view kBase = ".stapsdt.base";
constexpr std::string_view kOwner{"stapsdt\0", 8};
constexpr std::uint32_t kType = 3;
constexpr std::uint64_t kAlignment = 4;

// Notes are followed by octets up to a multiple of four.
std::string_view padded(OctetReader& in, std::uint32_t size) {
  const std::string_view out = in.octets(size);
  if (const std::uint64_t rest = size % kAlignment; rest != 0 && !in.left.empty())
    in.octets(kAlignment - rest);
  return out;
}

std::optional<StaticProbe> probe_of(std::string_view description, std::uint64_t base) {
  OctetReader in{description};
  StaticProbe out;
  out.vaddr = in.take<std::uint64_t>();
  const auto noted_base = in.take<std::uint64_t>();
  out.semaphore = in.take<std::uint64_t>();
  out.provider = in.text();
  out.name = in.text();
  if (!in.ok) return std::nullopt;
  // A file that was moved after it was linked has its notes unmoved, and tells by how much.
  if (base != 0 && noted_base != 0) {
    const std::uint64_t moved = base - noted_base;
    out.vaddr += moved;
    if (out.semaphore != 0) out.semaphore += moved;
  }
  return out;
}

// "f" of "f(int)", "a::f<b(c)>" of "a::f<b(c)>(int) const".
std::string_view without_parameters(std::string_view name) {
  int open = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '<') ++open;
    if (name[i] == '>' && open > 0) --open;
    if (name[i] == '(' && open == 0 && i > 0 && !name.substr(i).starts_with("(anonymous namespace)"))
      return name.substr(0, i);
  }
  return name;
}

bool is_called(std::string_view symbol, std::string_view name) {
  if (symbol == name) return true;
  if (!symbol.starts_with("_Z") && !symbol.starts_with("_R") && !symbol.starts_with("_D")) return false;
  const std::string readable = demangled(symbol);
  return readable == name || without_parameters(readable) == name;
}

std::optional<std::uint64_t> offset_in(const ElfFile& elf, std::uint64_t vaddr, bool executable) {
  for (const ElfSegment& segment : elf.segments()) {
    if (executable && !segment.is_executable) continue;
    if (vaddr >= segment.vaddr && vaddr - segment.vaddr < segment.file_size)
      return segment.file_offset + (vaddr - segment.vaddr);
  }
  return std::nullopt;
}

}  // namespace

std::vector<StaticProbe> static_probes(const ElfFile& elf) {
  std::vector<StaticProbe> out;
  const ElfSection* notes = elf.section(kNotes);
  if (notes == nullptr) return out;
  const ElfSection* base = elf.section(kBase);
  OctetReader in{notes->octets};
  while (in.ok && !in.left.empty()) {
    const auto name_bytes = in.take<std::uint32_t>();
    const auto description_bytes = in.take<std::uint32_t>();
    const auto type = in.take<std::uint32_t>();
    const std::string_view owner = padded(in, name_bytes);
    const std::string_view description = padded(in, description_bytes);
    if (!in.ok) break;
    if (type != kType || owner != kOwner) continue;
    if (const auto probe = probe_of(description, base == nullptr ? 0 : base->vaddr)) out.push_back(*probe);
  }
  return out;
}

std::vector<FunctionEntry> functions_called(const ElfFile& elf, std::string_view name) {
  std::vector<FunctionEntry> out;
  for (const ElfSection& section : elf.sections()) {
    if ((section.type != SHT_SYMTAB && section.type != SHT_DYNSYM) || section.link >= elf.sections().size())
      continue;
    const std::string_view names = elf.sections()[section.link].octets;
    for (OctetReader in{section.octets}; in.left.size() >= sizeof(Elf64_Sym);) {
      const auto symbol = in.take<Elf64_Sym>();
      const unsigned type = ELF64_ST_TYPE(symbol.st_info);
      if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol.st_shndx == SHN_UNDEF ||
          symbol.st_name >= names.size())
        continue;
      const std::string_view called = OctetReader{names.substr(symbol.st_name)}.text();
      if (!called.empty() && is_called(called, name))
        out.push_back({called, symbol.st_value, type == STT_GNU_IFUNC});
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const FunctionEntry& a, const FunctionEntry& b) { return a.vaddr < b.vaddr; });
  out.erase(std::unique(out.begin(), out.end(),
                        [](const FunctionEntry& a, const FunctionEntry& b) { return a.vaddr == b.vaddr; }),
            out.end());
  return out;
}

std::optional<std::uint64_t> code_offset_of(const ElfFile& elf, std::uint64_t vaddr) {
  return offset_in(elf, vaddr, true);
}

std::optional<std::uint64_t> file_offset_of(const ElfFile& elf, std::uint64_t vaddr) {
  return offset_in(elf, vaddr, false);
}

}  // namespace signalbox::profile
