// How to find a caller from any instruction of a file: `.eh_frame` (LSB 5, DWARF 5 section 6.4) as rows of a
// table.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

// How the frame of a function lies at one place of it. Its "canonical frame address" (CFA) is what the stack
// pointer is in the caller, after the return.
struct UnwindRule {
  enum class Kind : std::uint8_t {
    unknown = 0,  // not covered, or in a way that is not understood here
    bottom = 1,   // nobody called: `_start`, a thread's first function
    from_sp = 2,  // CFA = stack pointer + cfa_offset
    from_fp = 3,  // CFA = frame pointer + cfa_offset
    plt = 4,      // CFA = stack pointer + 8, and 8 more where (address & 15) >= cfa_offset: an entry of a PLT
    fp_points = 5,  // CFA = what lies at frame pointer + cfa_offset, and the caller's frame pointer at frame
                    // pointer: a stack that was realigned
    signal = 6,     // the frame of a signal: all registers lie in it
  };
  Kind kind = Kind::unknown;
  std::uint8_t unused = 0;
  std::int16_t fp_offset = 0;  // of the caller's frame pointer, from the CFA; 0: it is as it was
  std::int32_t cfa_offset = 0;
  std::int16_t ra_offset = 0;  // of the return address, from the CFA; 0: it is in the link register
  std::int16_t unused_more = 0;
  bool operator==(const UnwindRule&) const = default;
};

// Rows by address: from `base` on in pages of 4 KiB, page p has the rows from pages()[p] up to pages()[p +
// 1]. A row is the address within 64 KiB in its low 16 bits and the number of its rule above; the first of
// each page lies at its start. The layout is that of the program in the kernel, capture/bpf/layout.h.
class UnwindTable {
 public:
  static constexpr unsigned kPageShift = 12;

  struct Parts {
    std::uint64_t base = 0;
    std::span<const std::uint32_t> pages;
    std::span<const std::uint32_t> rows;
    std::span<const UnwindRule> rules;
    std::size_t not_understood = 0;
  };
  // Views into what `owner` keeps, and with it this. The numbers of rows in `pages` have to be good.
  UnwindTable(const Parts& parts, std::shared_ptr<const void> owner)
      : parts_(parts), owner_(std::move(owner)) {}

  const UnwindRule& find(std::uint64_t vaddr) const;  // of kind `unknown` where none is known
  std::uint64_t base() const { return parts_.base; }
  std::span<const std::uint32_t> pages() const { return parts_.pages; }  // one more than there are pages
  std::span<const std::uint32_t> rows() const { return parts_.rows; }
  std::span<const UnwindRule> rules() const { return parts_.rules; }  // rule 0 is `unknown`
  // Rows whose rule is `unknown` because it was not understood.
  std::size_t not_understood() const { return parts_.not_understood; }

 private:
  Parts parts_;
  std::shared_ptr<const void> owner_;
};

// not_found where the file has no `.eh_frame`; an entry that is broken is left out, and so is all behind it.
Result<UnwindTable> compile_unwind_table(const ElfFile& file);

}  // namespace signalbox::profile
