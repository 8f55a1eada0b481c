// What a Sigstore bundle brings to prove who signed its envelope (sigstore_bundle.proto,
// VerificationMaterial), of bundles that a certificate signed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::evidence::sigstore {

struct InclusionProof {
  std::uint64_t index = 0, size = 0;
  Sha256 root{};
  std::vector<Sha256> hashes;  // leaf to root
  std::string checkpoint;      // signed note
};

// A log's word that it holds a signature (sigstore_rekor.proto, TransparencyLogEntry).
struct LogEntry {
  std::string log_id;         // octets
  std::string kind, version;  // of its body
  std::uint64_t index = 0;
  std::optional<Time> integrated;
  std::string promise;  // signed entry timestamp; empty where there is none
  std::optional<InclusionProof> proof;
  std::string body;  // what was logged, canonical JSON
};

struct Material {
  std::string certificate;  // of the signer, DER
  std::vector<LogEntry> entries;
  std::vector<std::string> timestamps;  // TimeStampResp of RFC 3161 over the signature, DER
};

// Whether a certificate, not a bare key, is said to have signed.
bool names_a_certificate(const Json& verification_material);
// What a log keeps of it: certificate, log entries and timestamps, as they are; of a certificate chain the
// first alone, for the others are whom to trust, and that is for the trust root to say.
Json kept_of(const Json& verification_material);
// Of what `kept_of` leaves.
Result<Material> parse_material(const Json& verification_material);

}  // namespace signalbox::evidence::sigstore
