// Any text as what objdump printed: what is taken lies within the code, in order and without a gap.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/profile/disassembly/disassembler.hpp"

namespace profile = signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kSize = 0x400;
  const std::string_view output(reinterpret_cast<const char*>(data), size);
  for (const std::uint64_t start : {std::uint64_t{0x1160}, std::uint64_t{0}, UINT64_MAX - kSize}) {
    const auto told = profile::read_objdump(output, start, kSize);
    if (!told) continue;
    std::uint64_t next = start;
    for (const profile::Instruction& instruction : *told) {
      if (instruction.vaddr != next || instruction.size == 0 || instruction.text.empty()) std::abort();
      next += instruction.size;
    }
    if (next != start + kSize) std::abort();
  }
  return 0;
}
