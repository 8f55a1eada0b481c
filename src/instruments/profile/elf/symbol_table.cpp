#include "instruments/profile/elf/symbol_table.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <elf.h>

#include "instruments/profile/elf/octet_reader.hpp"

namespace signalbox::profile {

namespace {

constexpr std::size_t kLinkageEntryBytes = 16;

template <class Entry>
std::vector<Entry> entries_of(const ElfSection& section) {
  std::vector<Entry> entries(section.octets.size() / sizeof(Entry));
  if (!entries.empty()) std::memcpy(entries.data(), section.octets.data(), entries.size() * sizeof(Entry));
  return entries;
}

std::string_view text_at(std::string_view table, std::uint32_t offset) {
  return offset < table.size() ? OctetReader{table.substr(offset)}.text() : std::string_view{};
}

std::string_view names_of(const ElfFile& elf, const ElfSection& section) {
  return section.link < elf.sections().size() ? elf.sections()[section.link].octets : std::string_view{};
}

// A symbol with what decides between several of one address.
struct Candidate {
  Symbol symbol;
  bool local = false;
};

void add_symbols(const ElfFile& elf, const ElfSection& section, std::vector<Candidate>& out) {
  const std::string_view names = names_of(elf, section);
  for (const Elf64_Sym& symbol : entries_of<Elf64_Sym>(section)) {
    const unsigned type = ELF64_ST_TYPE(symbol.st_info);
    const bool function = type == STT_FUNC || type == STT_GNU_IFUNC;
    // Hand-written assembly may leave the type out: `_start` of some C libraries.
    const bool label = type == STT_NOTYPE && ELF64_ST_BIND(symbol.st_info) == STB_GLOBAL &&
                       symbol.st_shndx < elf.sections().size() &&
                       (elf.sections()[symbol.st_shndx].flags & SHF_EXECINSTR) != 0;
    if ((!function && !label) || symbol.st_shndx == SHN_UNDEF ||
        symbol.st_value > UINT64_MAX - symbol.st_size)
      continue;
    const std::string_view name = text_at(names, symbol.st_name);
    if (name.empty()) continue;
    out.push_back({{symbol.st_value, symbol.st_value + symbol.st_size, name},
                   ELF64_ST_BIND(symbol.st_info) == STB_LOCAL});
  }
}

// Where `jmp *slot(%rip)` of an entry finds its target; 0: it is no such entry.
std::uint64_t slot_of_entry(std::string_view entry, std::uint64_t vaddr) {
  std::size_t at = 0;
  if (entry.starts_with("\xF3\x0F\x1E\xFA")) at = 4;   // endbr64
  if (at < entry.size() && entry[at] == '\xF2') ++at;  // bnd
  if (entry.substr(at, 2) != "\xFF\x25") return 0;
  OctetReader reader{entry.substr(at + 2)};
  const auto distance = reader.take<std::int32_t>();
  return !reader.ok ? 0 : vaddr + at + 6 + static_cast<std::uint64_t>(std::int64_t{distance});
}

}  // namespace

SymbolTable::SymbolTable(std::shared_ptr<const ElfFile> elf) : elf_(std::move(elf)) {
  std::vector<Candidate> found;
  for (const ElfSection& section : elf_->sections())
    if (section.type == SHT_SYMTAB || section.type == SHT_DYNSYM) add_symbols(*elf_, section, found);
  // Of several at one address: the longest, a global one, the one with fewer underscores before it.
  std::sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
    const auto key = [](const Candidate& candidate) {
      return std::tuple(candidate.symbol.start, ~candidate.symbol.limit, candidate.local,
                        candidate.symbol.name.find_first_not_of('_'), candidate.symbol.name);
    };
    return key(a) < key(b);
  });
  // A linker may have a symbol of its own for an entry of the linkage table.
  for (const std::string_view section : {".plt", ".plt.sec", ".plt.got"}) add_linkage_table(section);
  for (const Candidate& candidate : found) symbols_.push_back(candidate.symbol);
  std::stable_sort(symbols_.begin(), symbols_.end(),
                   [](const Symbol& a, const Symbol& b) { return a.start < b.start; });
  symbols_.erase(std::unique(symbols_.begin(), symbols_.end(),
                             [](const Symbol& a, const Symbol& b) { return a.start == b.start; }),
                 symbols_.end());
  // One without a size goes on to the next.
  for (std::size_t i = 0; i + 1 < symbols_.size(); ++i)
    if (symbols_[i].limit == symbols_[i].start) symbols_[i].limit = symbols_[i + 1].start;
}

void SymbolTable::add_linkage_table(std::string_view section_name) {
  const ElfSection* section = elf_->section(section_name);
  if (section == nullptr || elf_->machine() != Machine::x86_64) return;
  std::unordered_map<std::uint64_t, std::string_view> slots;
  for (const ElfSection& relocations : elf_->sections()) {
    if (relocations.type != SHT_RELA || relocations.link >= elf_->sections().size()) continue;
    const ElfSection& symbols = elf_->sections()[relocations.link];
    if (symbols.type != SHT_DYNSYM) continue;
    const auto entries = entries_of<Elf64_Sym>(symbols);
    for (const Elf64_Rela& relocation : entries_of<Elf64_Rela>(relocations)) {
      const std::uint64_t type = ELF64_R_TYPE(relocation.r_info);
      const std::uint64_t index = ELF64_R_SYM(relocation.r_info);
      if ((type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT) && index < entries.size())
        slots[relocation.r_offset] = text_at(names_of(*elf_, symbols), entries[index].st_name);
    }
  }
  for (std::size_t at = 0; at < section->octets.size(); at += kLinkageEntryBytes) {
    const std::uint64_t vaddr = section->vaddr + at;
    const auto slot = slots.find(slot_of_entry(section->octets.substr(at, kLinkageEntryBytes), vaddr));
    if (slot == slots.end() || slot->second.empty()) continue;
    names_.push_back(std::string(slot->second) + "@plt");
    symbols_.push_back({vaddr, vaddr + kLinkageEntryBytes, names_.back()});
  }
}

const Symbol* SymbolTable::find(std::uint64_t vaddr) const {
  auto after =
      std::upper_bound(symbols_.begin(), symbols_.end(), vaddr,
                       [](std::uint64_t address, const Symbol& symbol) { return address < symbol.start; });
  // A symbol may lie within another: look a little further down.
  constexpr int kMaxNested = 8;
  for (int i = 0; i < kMaxNested && after != symbols_.begin(); ++i) {
    --after;
    if (vaddr < after->limit) return &*after;
  }
  return nullptr;
}

}  // namespace signalbox::profile
