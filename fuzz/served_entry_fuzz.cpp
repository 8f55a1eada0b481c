// Any octets as a server's answer about an entry: an envelope that is shown is the one that the record
// commits to.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/json.hpp"
#include "core/evidence/ledger_record.hpp"
#include "core/remote/served_log.hpp"

namespace sb = signalbox;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = sb::parse_json({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  const auto entry = sb::remote::read_served_entry(7, *json);
  if (!entry) return 0;
  if (entry->index != 7 || entry->leaf != sb::evidence::leaf_hash(entry->record)) std::abort();
  const auto record = sb::parse_json(entry->record);
  if (!record) std::abort();
  if (!entry->envelope.empty() &&
      (*record)["envelope"].as_string() != sb::evidence::envelope_commitment(entry->salt, entry->envelope))
    std::abort();
  return 0;
}
