// Any octets as an in-toto Statement: what was read and can be written reads back as the same octets.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/evidence/statement.hpp"

namespace ev = signalbox::evidence;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto statement = ev::parse_statement({reinterpret_cast<const char*>(data), size});
  if (!statement) return 0;
  if (statement->subjects.empty() || statement->predicate_type.empty()) std::abort();
  const auto octets = ev::write_statement(*statement);
  if (!octets) return 0;
  const auto again = ev::parse_statement(*octets);
  if (!again || *ev::write_statement(*again) != *octets) std::abort();
  return 0;
}
