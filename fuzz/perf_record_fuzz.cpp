// Records of perf_event_open's ring, /proc/PID/maps, stat, syscall and status, and perf maps: nothing outside
// the octets is read.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "instruments/profile/capture/perf_ring.hpp"
#include "instruments/profile/capture/proc.hpp"
#include "instruments/profile/capture/thread_reader.hpp"
#include "instruments/profile/runtimes/perf_map.hpp"

using namespace signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // As in the ring, a record lies at a multiple of eight octets.
  const std::string octets(reinterpret_cast<const char*>(data), size);
  for (const UserStacks stacks : {UserStacks::frame_pointers, UserStacks::registers_stack}) {
    SamplingEvent how;
    how.stacks = stacks;
    std::uint64_t sum = time_of_record(octets);
    if (const auto record = parse_perf_record(octets, how)) {
      if (const auto* sample = std::get_if<SampleRecord>(&*record)) {
        for (const std::uint64_t entry : sample->callchain) sum += entry;
        for (const char octet : sample->stack) sum += static_cast<unsigned char>(octet);
      }
      if (const auto* mapped = std::get_if<MapRecord>(&*record)) sum += mapped->path.size();
    }
    if (sum == 0x5eed) return 1;
  }
  for (const MemoryRegion& region : parse_memory_map(octets)) {
    if (region.limit <= region.start) __builtin_trap();
  }
  parse_process_times(octets);
  parse_busy_time(octets);
  parse_system_call(octets);
  parse_switches(octets);
  const PerfMap map = PerfMap::parse(octets);
  map.find(0x1000);
  return 0;
}
