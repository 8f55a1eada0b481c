// Bills of materials, read into the predicate of evidence/sbom/v1: CycloneDX 1.5 and 1.6, SPDX 2.3, as JSON.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::evidence_command {

inline constexpr std::size_t kMaxSbomBytes = std::size_t{64} << 20;

// What a bill of materials lists, counted, and what it says it is the bill of.
struct Sbom {
  std::string format;             // "CycloneDX" or "SPDX"
  std::string version;            // of the format: "1.6", "2.3"
  std::string tool;               // who wrote it, by comma; empty where it does not say
  std::int64_t components = 0;    // nested ones too, without the thing itself
  std::int64_t dependencies = 0;  // that one of them needs another
  // Components that lack what a bill should tell of each of them.
  std::int64_t without_version = 0, without_license = 0, without_digest = 0;
  std::int64_t without_identifier = 0;  // neither package URL nor CPE

  std::string described_name, described_version;  // the thing itself; empty where it is not named
  // Its digests by in-toto's names of the algorithms, in lower-case hexadecimal; MD5 and SHA-1 are left out.
  std::map<std::string, std::string> described_digest;
};

// By its own word about its format. One that lists nothing because nobody looked, two components under one
// reference, a component without a name and more than kMaxSbomBytes are bad_input, with the place.
Result<Sbom> read_sbom(std::string_view json);

// The two formats, from the parsed document.
Result<Sbom> read_cyclonedx(const Json& root);
Result<Sbom> read_spdx(const Json& root);

// Keeps a digest as in-toto names it ("SHA-256" and "SHA256" are sha256), where the algorithm still proves
// something. bad_input where it is not as long as its algorithm makes it.
Status keep_digest(std::string_view algorithm, std::string_view hex, std::string_view where, Sbom& sbom);

}  // namespace signalbox::evidence_command
