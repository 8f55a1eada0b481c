// Any octets as records of a log: read or refused, one spelling of what was read, and replayed without a
// fault.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/evidence/completeness.hpp"
#include "core/evidence/entry_bundle.hpp"

namespace ev = signalbox::evidence;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const auto records = ev::parse_entry_bundle(octets);
  if (!records) return 0;
  std::string again;
  ev::SubjectReplay replay("gitCommit:" + std::string(40, 'a'), {});
  for (const std::string_view record : *records) {
    ev::add_to_entry_bundle(again, record);
    (void)replay.add(record);
  }
  if (again != octets || replay.indexes().size() > records->size()) std::abort();
  return 0;
}
