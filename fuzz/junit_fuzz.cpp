// Any octets as a JUnit report: counted, or refused with line and column.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "commands/evidence/readers/readers.hpp"

namespace ec = signalbox::evidence_command;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto results = ec::read_junit({reinterpret_cast<const char*>(data), size});
  if (!results) return 0;
  if (results->failures + results->errors + results->skipped > results->tests) std::abort();
  if (results->duration_ms < 0 || results->failed.size() > ec::kMaxFailedNames) std::abort();
  return 0;
}
