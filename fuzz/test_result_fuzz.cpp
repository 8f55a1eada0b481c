// Any octets as an in-toto test result: counted or refused; failures are never lost.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "commands/evidence/readers/readers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto read = signalbox::evidence_command::read_test_result(json);
  if (!read) return 0;
  const auto& results = read->results;
  if (results.failures > results.tests || (results.failures == 0 && !results.failed.empty())) std::abort();
  return 0;
}
