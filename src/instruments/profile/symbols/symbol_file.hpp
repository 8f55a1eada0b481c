// What names and lines can be had from a file, and under which build id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

// The two kinds of file that debuginfod serves.
enum class SymbolKind : std::uint8_t { executable, debuginfo };
std::string_view name_of(SymbolKind kind);                          // "executable", "debuginfo"
std::optional<SymbolKind> symbol_kind_from(std::string_view name);  // nothing for any other word

struct SymbolContents {
  bool code = false;         // machine code: an executable, and not only its debug information
  bool symbols = false;      // .symtab
  bool debug_info = false;   // .debug_info: lines and inlined functions
  bool unwind_rows = false;  // .eh_frame
  std::string link;          // file name in .gnu_debuglink; empty: none

  bool serves_as(SymbolKind kind) const {
    return kind == SymbolKind::executable ? code : debug_info || symbols;
  }
};

SymbolContents contents_of(const ElfFile& elf);

// 8 to 128 hexadecimal digits in lower case, an even number of them: nothing else is looked up in a folder.
bool is_build_id(std::string_view text);

}  // namespace signalbox::profile
