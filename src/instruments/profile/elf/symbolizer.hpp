// Names of the functions of a file, and of those that were inlined.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "instruments/profile/elf/debug_file.hpp"
#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

// A function at an address, and where in its source that is.
struct SymbolLine {
  std::string function;     // demangled; "malloc@plt" of an entry of the linkage table
  std::string system_name;  // as the linker has it; empty where it is the same
  std::string file;         // empty: unknown
  std::int64_t start_line = 0;
  std::int32_t line = 0;
  std::int32_t column = 0;
  bool operator==(const SymbolLine&) const = default;
};

// The machine code of one function, or of the part of it that has a symbol of its own ("parse.cold").
struct CodeRange {
  std::uint64_t start = 0;
  std::uint64_t limit = 0;  // one past its last octet
  std::string name;         // demangled
};

// Looks in the file, in its separate debug file or the symbols that were left in it (.gnu_debugdata), and in
// the table of Go's runtime. Starts no process. Lines are read a compilation unit at a time, when one is
// first asked for. Not for several threads at once.
class Symbolizer {
 public:
  explicit Symbolizer(std::shared_ptr<const ElfFile> file, const DebugPlaces& places = {});
  ~Symbolizer();
  Symbolizer(const Symbolizer&) = delete;
  Symbolizer& operator=(const Symbolizer&) = delete;

  // Innermost first: inlined functions, then the one that has machine code. Empty where nothing is known.
  std::vector<SymbolLine> find(std::uint64_t vaddr) const;
  std::optional<CodeRange> range_at(std::uint64_t vaddr) const;  // nullopt: of no function that is known

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace signalbox::profile
