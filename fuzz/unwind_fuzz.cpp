// A hostile ELF file: read, its tables compiled, a stack unwound by them, its symbols looked up.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "instruments/profile/elf/elf_file.hpp"
#include "instruments/profile/elf/symbolizer.hpp"
#include "instruments/profile/elf/unwind_table.hpp"
#include "instruments/profile/elf/unwinder.hpp"

using namespace signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto read = ElfFile::from_memory(std::string(reinterpret_cast<const char*>(data), size), "fuzz");
  if (!read) return 0;
  const auto elf = std::make_shared<const ElfFile>(std::move(*read));
  const Symbolizer symbols(elf);
  symbols.find(0x1000);
  const auto table = compile_unwind_table(*elf);
  if (!table) return 0;
  const std::string stack(4096, '\x11');
  std::vector<UnwoundFrame> frames;
  unwind(
      {table->base(), 0x7000, 0x7100, 0, stack}, elf->machine(),
      [&](std::uint64_t address) {
        return UnwindPlace{&*table, address};
      },
      frames);
  if (frames.size() > kMaxUnwoundFrames) __builtin_trap();
  return 0;
}
