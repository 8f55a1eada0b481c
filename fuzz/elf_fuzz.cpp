// Any octets as a program: its segments, symbols and frames are read or left out, and what was made of them
// stays within its tables.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "instruments/profile/elf/elf_file.hpp"
#include "instruments/profile/elf/go_table.hpp"
#include "instruments/profile/elf/mini_debug.hpp"
#include "instruments/profile/elf/probe_sites.hpp"
#include "instruments/profile/elf/symbol_table.hpp"
#include "instruments/profile/elf/unwind_table.hpp"
#include "instruments/profile/elf/unwinder.hpp"

namespace profile = signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string octets(reinterpret_cast<const char*>(data), size);
  auto elf = profile::ElfFile::from_memory(octets, "fuzzed");
  if (!elf) return 0;
  const auto file = std::make_shared<const profile::ElfFile>(std::move(*elf));
  for (const profile::StaticProbe& probe : profile::static_probes(*file))
    if (const auto at = profile::code_offset_of(*file, probe.vaddr); at && *at >= UINT64_MAX - size)
      std::abort();
  for (const char* name : {"main", "Ledger::~Ledger"})
    for (const profile::FunctionEntry& entry : profile::functions_called(*file, name))
      if (entry.symbol.empty()) std::abort();
  const profile::SymbolTable symbols(file);
  for (const profile::Symbol& symbol : symbols.symbols())
    if (symbols.find(symbol.start) == nullptr && symbol.limit > symbol.start) std::abort();
  if (const auto mini = profile::read_mini_debug(*file)) profile::SymbolTable{mini};
  if (const auto go = profile::GoTable::open(file)) {
    std::size_t octets_of_names = 0;
    for (std::size_t at = 0; at + sizeof(std::uint64_t) <= size && at < 4096; at += sizeof(std::uint64_t)) {
      std::uint64_t address = 0;
      std::memcpy(&address, data + at, sizeof address);
      for (const std::uint64_t each : {address, 0x401000 + at}) {
        for (const profile::GoLine& line : go->find(each)) {
          if (line.function.empty() || line.line < 0 || line.start_line < 0) std::abort();
          octets_of_names += line.function.size() + line.file.size();
        }
      }
    }
    if (octets_of_names == SIZE_MAX) return -1;
  }
  const auto table = profile::compile_unwind_table(*file);
  if (!table) return 0;
  const auto pages = table->pages();
  for (std::size_t page = 0; page < pages.size(); ++page)
    if (pages[page] > table->rows().size()) std::abort();
  for (const std::uint32_t row : table->rows())
    if (row >> 16 >= table->rules().size()) std::abort();
  // A stack of the same octets, wherever it leads.
  std::vector<profile::UnwoundFrame> frames;
  const std::uint64_t base = table->base();
  profile::unwind(
      {base, base, base, base, octets}, file->machine(),
      [&](std::uint64_t address) {
        return profile::UnwindPlace{&*table, address};
      },
      frames);
  if (frames.size() > profile::kMaxUnwoundFrames) std::abort();
  return 0;
}
