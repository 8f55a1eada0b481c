// Any octets as a SARIF log: counted or refused.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "commands/evidence/readers/readers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto findings = signalbox::evidence_command::read_sarif({reinterpret_cast<const char*>(data), size});
  if (findings && (findings->tool.empty() || findings->errors < 0)) std::abort();
  return 0;
}
