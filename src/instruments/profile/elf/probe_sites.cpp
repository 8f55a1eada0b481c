#include "instruments/profile/elf/probe_sites.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <memory>
#include <utility>

#include <elf.h>

#include "core/base/text.hpp"
#include "instruments/profile/elf/demangle.hpp"
#include "instruments/profile/elf/octet_reader.hpp"
#include "instruments/profile/elf/symbol_table.hpp"

namespace signalbox::profile {
namespace {

constexpr std::string_view kNotes = ".note.stapsdt";
constexpr std::string_view kBase = ".stapsdt.base";
constexpr std::string_view kOwner{"stapsdt\0", 8};
constexpr std::uint32_t kType = 3;
constexpr std::uint64_t kAlignment = 4;
constexpr std::size_t kMostWrappers = 1'000;                      // of one name: of more all are told
constexpr std::uint64_t kMostCodeBytes = std::uint64_t{1} << 20;  // of one function that are looked through

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

// A symbol without what compilers put behind the name of a function that they made of another one.
struct MadeName {
  std::string_view name;
  bool is_rest = false;  // of a function that begins elsewhere
};

MadeName made_name(std::string_view symbol) {
  constexpr std::string_view kWhole[] = {"constprop", "isra", "lto_priv", "llvm", "clone", "localalias"};
  constexpr std::string_view kRest[] = {"part", "__part", "cold"};
  const auto is_among = [](std::string_view word, const auto& words) {
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
  };
  MadeName out{symbol};
  for (;;) {
    // "part.0", "llvm.4711"; "cold" and "localalias" have a number or none.
    std::string_view left = out.name;
    const std::size_t behind = left.rfind('.');
    const bool has_number = behind != std::string_view::npos && parse_integer(left.substr(behind + 1));
    if (has_number) left = left.substr(0, behind);
    const std::size_t dot = left.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return out;
    const std::string_view word = left.substr(dot + 1);
    if (!has_number && word != "cold" && word != "localalias") return out;
    const bool is_rest = is_among(word, kRest);
    if (!is_rest && !is_among(word, kWhole)) return out;
    out.is_rest = out.is_rest || is_rest;
    out.name = left.substr(0, dot);
  }
}

bool is_called(std::string_view symbol, std::string_view name) {
  if (symbol == name) return true;
  const MadeName made = made_name(symbol);
  if (made.is_rest) return false;
  if (made.name == name) return true;
  if (!symbol.starts_with("_Z") && !symbol.starts_with("_R") && !symbol.starts_with("_D")) return false;
  const std::string readable = demangled(made.name);
  return readable == name || without_parameters(readable) == name;
}

// Whether two symbols are of one constructor or destructor, and the first may leave its work to the second:
// "…D0Ev" to "…D1Ev" (Itanium C++ ABI 5.1.4.3; C4 and D4 are gcc's, for what several have in common).
bool may_leave_its_work_to(std::string_view first, std::string_view second) {
  if (first.size() != second.size() || first == second) return false;
  const auto differs = std::mismatch(first.begin(), first.end(), second.begin());
  const auto at = static_cast<std::size_t>(differs.first - first.begin());
  return at > 0 && (first[at - 1] == 'C' || first[at - 1] == 'D') && first[at] >= '0' &&
         first[at] < second[at] && second[at] <= '4' && first.substr(at + 1) == second.substr(at + 1) &&
         demangled(first) == demangled(second);  // not f(C1) and f(C2)
}

// Where the calls and jumps that lie in machine code go, as far as their instruction says it. On x86-64 each
// octet is looked at, as none begins an instruction for sure: what is none of them hits no given address but
// once in 2^32.
std::vector<std::uint64_t> direct_calls(const ElfFile& elf, const FunctionEntry& function) {
  const std::string_view code = elf.at(function.vaddr).substr(0, std::min(function.size, kMostCodeBytes));
  std::vector<std::uint64_t> out;
  if (elf.machine() == Machine::x86_64) {
    constexpr std::size_t kBytes = 5;  // the operation, and a distance from behind it
    for (std::size_t at = 0; at + kBytes <= code.size(); ++at) {
      if (code[at] != '\xE8' && code[at] != '\xE9') continue;
      const auto distance = OctetReader{code.substr(at + 1)}.take<std::int32_t>();
      out.push_back(function.vaddr + at + kBytes + static_cast<std::uint64_t>(std::int64_t{distance}));
    }
  } else if (elf.machine() == Machine::aarch64) {
    for (OctetReader in{code}; in.left.size() >= sizeof(std::uint32_t);) {
      const std::uint64_t at = function.vaddr + (code.size() - in.left.size());
      const auto word = in.take<std::uint32_t>();
      if ((word & 0x7C000000U) != 0x14000000U) continue;  // B, BL: a distance of 26 bits, in words
      out.push_back(at + static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(word << 6) >> 4}));
    }
  }
  return out;
}

// Without those that leave their work to another of these, which is come by at each call then.
void leave_out_wrappers(const ElfFile& elf, std::vector<FunctionEntry>& entries) {
  if (entries.size() > kMostWrappers) return;
  constexpr std::string_view kLinkage = "@plt";
  std::optional<SymbolTable> linkage;  // a library calls what others may replace through its linkage table
  const auto leaves_its_work = [&](const FunctionEntry& entry) {
    std::optional<std::vector<std::uint64_t>> calls;
    return std::any_of(entries.begin(), entries.end(), [&](const FunctionEntry& other) {
      if (!may_leave_its_work_to(entry.symbol, other.symbol)) return false;
      if (!calls) calls = direct_calls(elf, entry);
      if (!linkage) linkage.emplace(std::shared_ptr<const ElfFile>(std::shared_ptr<void>(), &elf));
      return std::any_of(calls->begin(), calls->end(), [&](std::uint64_t target) {
        if (target == other.vaddr) return true;
        const Symbol* symbol = linkage->find(target);
        return symbol != nullptr && symbol->start == target && symbol->name.ends_with(kLinkage) &&
               may_leave_its_work_to(entry.symbol,
                                     symbol->name.substr(0, symbol->name.size() - kLinkage.size()));
      });
    });
  };
  std::vector<FunctionEntry> out;
  std::copy_if(entries.begin(), entries.end(), std::back_inserter(out),
               [&](const FunctionEntry& entry) { return !leaves_its_work(entry); });
  entries = std::move(out);
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
        out.push_back({called, symbol.st_value, symbol.st_size, type == STT_GNU_IFUNC});
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const FunctionEntry& a, const FunctionEntry& b) { return a.vaddr < b.vaddr; });
  out.erase(std::unique(out.begin(), out.end(),
                        [](const FunctionEntry& a, const FunctionEntry& b) { return a.vaddr == b.vaddr; }),
            out.end());
  leave_out_wrappers(elf, out);
  return out;
}

std::optional<std::uint64_t> code_offset_of(const ElfFile& elf, std::uint64_t vaddr) {
  return offset_in(elf, vaddr, true);
}

std::optional<std::uint64_t> file_offset_of(const ElfFile& elf, std::uint64_t vaddr) {
  return offset_in(elf, vaddr, false);
}

}  // namespace signalbox::profile
