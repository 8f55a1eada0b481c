// Any octets as a bill of materials: counted or refused, and nothing is lacking more often than it is there.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "commands/evidence/readers/sbom.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto sbom = signalbox::evidence_command::read_sbom({reinterpret_cast<const char*>(data), size});
  if (!sbom) return 0;
  if (sbom->without_version > sbom->components || sbom->without_license > sbom->components ||
      sbom->without_digest > sbom->components || sbom->without_identifier > sbom->components)
    std::abort();
  for (const auto& [algorithm, hex] : sbom->described_digest) {
    if (algorithm.empty() || hex.find_first_not_of("0123456789abcdef") != std::string::npos) std::abort();
  }
  return 0;
}
