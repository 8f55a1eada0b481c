#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "commands/evidence/readers/sbom.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence_command {
namespace {

constexpr std::size_t kMaxSbomDepth = 128;

struct Algorithm {
  std::string_view cyclonedx, spdx, in_toto;
  std::size_t digits;
};
constexpr std::array<Algorithm, 6> kAlgorithms = {{{"SHA-256", "SHA256", "sha256", 64},
                                                   {"SHA-384", "SHA384", "sha384", 96},
                                                   {"SHA-512", "SHA512", "sha512", 128},
                                                   {"SHA3-256", "SHA3-256", "sha3_256", 64},
                                                   {"SHA3-384", "SHA3-384", "sha3_384", 96},
                                                   {"SHA3-512", "SHA3-512", "sha3_512", 128}}};

}  // namespace

Status keep_digest(std::string_view algorithm, std::string_view hex, std::string_view where, Sbom& sbom) {
  const auto known = std::find_if(kAlgorithms.begin(), kAlgorithms.end(), [&](const Algorithm& one) {
    return algorithm == one.cyclonedx || algorithm == one.spdx;
  });
  if (known == kAlgorithms.end()) return {};
  if (hex.size() != known->digits || !from_hex(hex)) {
    return fail(ErrorKind::bad_input, fmt::format("{}: no {} digest: {} hexadecimal digits are wanted", where,
                                                  known->in_toto, known->digits));
  }
  const auto [kept, is_new] = sbom.described_digest.emplace(known->in_toto, to_lower(hex));
  if (!is_new && kept->second != to_lower(hex))
    return fail(ErrorKind::bad_input, fmt::format("{}: a second {} digest", where, known->in_toto));
  return {};
}

Result<Sbom> read_sbom(std::string_view json) {
  SIGNALBOX_TRY(
      const Json root,
      parse_json(json, {.max_bytes = kMaxSbomBytes, .max_depth = kMaxSbomDepth, .exact_integers = false}));
  if (root["bomFormat"].as_string() == "CycloneDX") return read_cyclonedx(root);
  if (root["spdxVersion"].is_string()) return read_spdx(root);
  return fail(ErrorKind::bad_input, "neither CycloneDX ($.bomFormat) nor SPDX 2 ($.spdxVersion)",
              "CycloneDX 1.5 and 1.6 and SPDX 2.3 are read, as JSON");
}

}  // namespace signalbox::evidence_command
