// Functions of a file by its symbol table.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

struct Symbol {
  std::uint64_t start = 0;
  std::uint64_t limit = 0;  // one past its last octet
  std::string_view name;    // as the linker has it; "malloc@plt" of an entry of the linkage table
};

// The functions of .symtab and .dynsym and the entries of the procedure linkage table, sorted by address.
class SymbolTable {
 public:
  explicit SymbolTable(std::shared_ptr<const ElfFile> elf);

  const Symbol* find(std::uint64_t vaddr) const;  // nullptr: in none
  const std::vector<Symbol>& symbols() const { return symbols_; }

 private:
  void add_linkage_table(std::string_view section_name);

  std::shared_ptr<const ElfFile> elf_;  // owns the names
  std::deque<std::string> names_;       // of entries of the linkage table
  std::vector<Symbol> symbols_;
};

}  // namespace signalbox::profile
