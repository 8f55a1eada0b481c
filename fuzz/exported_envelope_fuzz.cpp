// Any octets as a line of exported envelopes: what was read is written as a line that says the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/evidence/ledger_import.hpp"

namespace ev = signalbox::evidence;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = ev::parse_envelope_line({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  ev::Entry entry;
  if (*read) {
    entry.salt = (*read)->salt;
    entry.envelope = (*read)->envelope;
  }
  std::string line = ev::envelope_line(entry);
  line.pop_back();
  const auto again = ev::parse_envelope_line(line);
  if (!again || again->has_value() != read->has_value()) std::abort();
  if (*read && ((*again)->salt != (*read)->salt || (*again)->envelope != (*read)->envelope)) std::abort();
  return 0;
}
