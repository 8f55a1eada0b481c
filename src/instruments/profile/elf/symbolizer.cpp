#include "instruments/profile/elf/symbolizer.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <cxxabi.h>
#include <elf.h>

namespace signalbox::profile {
namespace {

std::string_view name_at(std::string_view names, std::uint32_t offset) {
  if (offset >= names.size()) return {};
  const std::string_view rest = names.substr(offset);
  return rest.substr(0, rest.find('\0'));
}

}  // namespace

std::string demangled(std::string_view name) {
  std::string out(name);
  if (!name.starts_with("_Z")) return out;
  int status = 0;
  char* const text = abi::__cxa_demangle(out.c_str(), nullptr, nullptr, &status);
  if (status == 0 && text != nullptr) out = text;
  std::free(text);
  return out;
}

Symbolizer::Symbolizer(std::shared_ptr<const ElfFile> file) : file_(std::move(file)) {
  for (const ElfSection& section : file_->sections()) {
    if (section.type == SHT_SYMTAB || section.type == SHT_DYNSYM) read_symbols(section);
  }
  // Of symbols at one address the longest comes first, and stays.
  std::stable_sort(symbols_.begin(), symbols_.end(), [](const Symbol& a, const Symbol& b) {
    return a.vaddr != b.vaddr ? a.vaddr < b.vaddr : a.size > b.size;
  });
  symbols_.erase(std::unique(symbols_.begin(), symbols_.end(),
                             [](const Symbol& a, const Symbol& b) { return a.vaddr == b.vaddr; }),
                 symbols_.end());
}

Symbolizer::~Symbolizer() = default;

void Symbolizer::read_symbols(const ElfSection& section) {
  if (section.link >= file_->sections().size()) return;
  const std::string_view names = file_->sections()[section.link].octets;
  for (std::size_t at = 0; at + sizeof(Elf64_Sym) <= section.octets.size(); at += sizeof(Elf64_Sym)) {
    Elf64_Sym symbol;
    std::memcpy(&symbol, section.octets.data() + at, sizeof symbol);
    const unsigned type = ELF64_ST_TYPE(symbol.st_info);
    const bool is_code = type == STT_FUNC || type == STT_GNU_IFUNC;
    const std::string_view name = name_at(names, symbol.st_name);
    if (is_code && symbol.st_shndx != SHN_UNDEF && !name.empty())
      symbols_.push_back({symbol.st_value, symbol.st_size, name});
  }
}

std::vector<SymbolLine> Symbolizer::find(std::uint64_t vaddr) const {
  const auto after =
      std::upper_bound(symbols_.begin(), symbols_.end(), vaddr,
                       [](std::uint64_t wanted, const Symbol& symbol) { return wanted < symbol.vaddr; });
  if (after == symbols_.begin()) return {};
  const Symbol& symbol = *std::prev(after);
  // A size of 0 is that of assembly: it reaches to the next one.
  if (symbol.size != 0 && vaddr - symbol.vaddr >= symbol.size) return {};
  SymbolLine out;
  out.function = demangled(symbol.name);
  if (out.function != symbol.name) out.system_name = std::string(symbol.name);
  return {std::move(out)};
}

}  // namespace signalbox::profile
