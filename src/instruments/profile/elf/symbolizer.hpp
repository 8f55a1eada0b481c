// Names of the functions of a file, and of those that were inlined.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

// A function at an address, and where in its source that is.
struct SymbolLine {
  std::string function;     // demangled
  std::string system_name;  // as the linker has it; empty where it is the same
  std::string file;         // empty: unknown
  std::int64_t start_line = 0;
  std::int32_t line = 0;
  std::int32_t column = 0;
};

class Symbolizer {
 public:
  explicit Symbolizer(std::shared_ptr<const ElfFile> file);
  ~Symbolizer();
  Symbolizer(const Symbolizer&) = delete;
  Symbolizer& operator=(const Symbolizer&) = delete;

  // Innermost first: inlined functions, then the one that has machine code. Empty where nothing is known.
  std::vector<SymbolLine> find(std::uint64_t vaddr) const;

 private:
  struct Symbol {
    std::uint64_t vaddr;
    std::uint64_t size;
    std::string_view name;
  };
  void read_symbols(const ElfSection& section);

  std::shared_ptr<const ElfFile> file_;
  std::vector<Symbol> symbols_;  // by address; of those at one address the best
};

// "std::vector<int>::push_back(int const&)" for "_ZNSt6vectorIiSaIiEE9push_backERKi"; the name itself where
// it is not mangled.
std::string demangled(std::string_view name);

}  // namespace signalbox::profile
