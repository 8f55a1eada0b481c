#include "instruments/profile/symbols/symbol_file.hpp"

#include <algorithm>

#include <elf.h>

#include "instruments/profile/elf/debug_file.hpp"
#include "instruments/profile/elf/octet_reader.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMinDigits = 8;
constexpr std::size_t kMaxDigits = 128;

}  // namespace

std::string_view name_of(SymbolKind kind) {
  return kind == SymbolKind::executable ? "executable" : "debuginfo";
}

std::optional<SymbolKind> symbol_kind_from(std::string_view name) {
  for (const SymbolKind kind : {SymbolKind::executable, SymbolKind::debuginfo})
    if (name_of(kind) == name) return kind;
  return std::nullopt;
}

SymbolContents contents_of(const ElfFile& elf) {
  SymbolContents out;
  out.code = std::any_of(elf.sections().begin(), elf.sections().end(), [](const ElfSection& section) {
    return (section.flags & SHF_EXECINSTR) != 0 && section.type != SHT_NOBITS && !section.octets.empty();
  });
  out.symbols = elf.has_octets_of(".symtab");
  out.debug_info = has_debug_info(elf);
  out.unwind_rows = elf.has_octets_of(".eh_frame");
  if (const ElfSection* const link = elf.section(".gnu_debuglink"))
    out.link = std::string(OctetReader{link->octets}.text());
  return out;
}

bool is_build_id(std::string_view text) {
  return text.size() >= kMinDigits && text.size() <= kMaxDigits && text.size() % 2 == 0 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace signalbox::profile
