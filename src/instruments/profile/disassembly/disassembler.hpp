// Machine code as text, by binutils' objdump: it knows the instructions of each processor that Debian runs
// on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

inline constexpr std::size_t kMaxCodeOctets = std::size_t{1} << 20;  // that are disassembled at once

struct Instruction {
  std::uint64_t vaddr = 0;
  std::uint64_t size = 0;  // octets
  std::string text;        // "jne    0x1160"; octets that are no instruction: ".byte 0xc5", "(bad)"
  std::optional<std::uint64_t> target;  // the address at the end of the text: of a jump, or beside "#"
};

enum class Syntax { att, intel };  // of x86; others have one

// `octets` lie at `vaddr`; each of them is in one instruction. objdump is given these octets alone, never the
// file that they are of, whose tables anybody may have written. unavailable: there is no objdump, or none for
// this machine; bad_input: more than kMaxCodeOctets.
Result<std::vector<Instruction>> disassemble(Machine machine, std::string_view octets, std::uint64_t vaddr,
                                             Syntax syntax = Syntax::att);

// What objdump printed of `size` octets at `vaddr`. bad_input where an address lies outside of them or before
// the one above it, or where they do not begin with an instruction.
Result<std::vector<Instruction>> read_objdump(std::string_view output, std::uint64_t vaddr,
                                              std::uint64_t size);

}  // namespace signalbox::profile
