// Functions and lines of Go programs by the table that their runtime itself goes by (pclntab), which is there
// in stripped programs, too.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

struct GoLine {
  std::string_view function;    // "main.(*T).run"; type arguments are "[...]"
  std::string_view file;        // empty: unknown
  std::int32_t line = 0;        // 0: unknown
  std::int32_t start_line = 0;  // of the function; 0: not said (before Go 1.20)
};

// The machine code of one function.
struct GoRange {
  std::uint64_t start = 0;
  std::uint64_t limit = 0;  // where the next function begins
  std::string_view function;
};

// The layouts of Go 1.16, 1.18 and 1.20 (golang.org/src/runtime/symtab.go and runtime2.go of those releases).
// Reads what it is asked for from the file, which it keeps.
class GoTable {
 public:
  static std::unique_ptr<GoTable> open(std::shared_ptr<const ElfFile> elf);  // null: there is none

  // Innermost first: functions that were inlined, where the program's tables of them are found, then the one
  // that has machine code. Empty: in no function.
  std::vector<GoLine> find(std::uint64_t vaddr) const;
  std::optional<GoRange> range_at(std::uint64_t vaddr) const;  // nullopt: in no function
  std::size_t size() const { return function_count_; }
  bool knows_inlined() const { return layout_.has_pointers || go_func_ != 0; }

 private:
  // What differs between releases.
  struct Layout {
    std::uint32_t magic;
    bool has_pointers;              // functions by address, else by offset from the start of text
    std::uint64_t words_to_tables;  // of the header, before the offset of the names
    std::uint64_t entry_bytes;      // of a function's address, at its front
    std::uint64_t start_line;       // where it is behind cuOffset: 1
    std::uint64_t inlined_bytes;    // of a call that was inlined
    std::uint64_t inlined_name;     // where in it
    std::uint64_t inlined_parent;   // where in it
    std::uint64_t go_func;          // where in moduledata; 0: not needed
  };
  static const Layout kLayouts[];
  struct Function {
    std::uint64_t entry;
    std::uint64_t limit;
    std::uint64_t at;  // of its record, in the table
  };

  explicit GoTable(std::shared_ptr<const ElfFile> elf) : elf_(std::move(elf)) {}
  bool read(std::string_view octets, std::uint64_t vaddr);
  void read_module();
  std::uint64_t pointer_at(std::uint64_t vaddr) const;
  std::vector<std::uint64_t> places_of_pointer(std::uint64_t target) const;
  template <class Number>
  Number number(std::uint64_t at) const;  // 0 beyond the end
  std::uint64_t word(std::uint64_t index) const;
  std::string_view text(std::uint64_t at) const;
  std::optional<Function> function_at(std::uint64_t vaddr) const;
  std::uint32_t field(const Function& function, std::uint64_t index) const;
  std::int32_t value_at(std::uint32_t table, std::uint64_t entry, std::uint64_t vaddr) const;
  void set_place(GoLine& line, const Function& function, std::uint64_t vaddr) const;
  std::uint64_t inlined_calls_of(const Function& function, std::uint32_t& index_table) const;

  std::shared_ptr<const ElfFile> elf_;
  std::string_view table_;
  std::uint64_t vaddr_ = 0;  // of the table
  Layout layout_{};
  std::uint64_t quantum_ = 1;  // octets that offsets of code count in
  std::uint64_t function_count_ = 0;
  std::uint64_t text_start_ = 0;
  std::uint64_t names_ = 0, units_ = 0, files_ = 0, values_ = 0, functions_ = 0;  // where in the table
  std::uint64_t go_func_ = 0;  // where tables of inlined calls are counted from; 0: not known
};

}  // namespace signalbox::profile
