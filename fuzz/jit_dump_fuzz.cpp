// What runtimes tell of their code: whatever a dump or a map holds, each address has the name of one piece of
// code or none, and names and files are parts of what was read.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "instruments/profile/runtimes/jit_dump.hpp"
#include "instruments/profile/runtimes/perf_map.hpp"

using namespace signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string octets(reinterpret_cast<const char*>(data), size);
  const auto dump = JitDump::parse(octets);
  const PerfMap map = PerfMap::parse(octets);
  std::size_t octets_of_names = 0;
  for (std::size_t at = 0; at + sizeof(std::uint64_t) <= size; at += 4) {
    std::uint64_t address = 0;
    std::memcpy(&address, data + at, sizeof address);
    for (const std::uint64_t each : {address, address + 8}) {
      octets_of_names += readable_jit_name(map.find(each)).size();
      if (!dump) continue;
      const auto found = dump->find(each);
      if (found && (found->line < 0 || found->column < 0 || (found->file.empty() && found->line != 0)))
        __builtin_trap();
      if (found) octets_of_names += found->function.size() + found->file.size();
    }
  }
  // All of them are read, so that one that lies elsewhere is found.
  return octets_of_names == SIZE_MAX ? -1 : 0;
}
