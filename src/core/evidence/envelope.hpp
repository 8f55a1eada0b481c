// DSSE 1.0.2: a payload, its type, and signatures over both. https://github.com/secure-systems-lab/dsse
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/evidence/keys.hpp"

namespace signalbox::evidence {

inline constexpr std::size_t kMaxEnvelopeBytes = std::size_t{16} << 20;

struct Signature {
  std::string keyid;  // a hint only; empty where absent
  std::string octets;
};

struct Envelope {
  std::string payload_type;
  std::string payload;                // decoded octets: exactly what was signed, never re-serialised
  std::vector<Signature> signatures;  // not empty
  // What Sigstore's bundle had to prove the certificate that signed, JSON; empty where a bare key signed.
  // Read by sigstore/certified.hpp.
  std::string verification_material;
};

std::string pre_authentication_encoding(std::string_view payload_type, std::string_view payload);
Envelope sign_envelope(std::string_view payload_type, std::string_view payload,
                       const std::vector<const SigningKey*>& keys);
Result<Envelope> parse_envelope(std::string_view json);  // unknown members ignored, base64 of either alphabet
std::string write_envelope(const Envelope& envelope);

// The distinct keys of `known` that signed it. A signature by an unknown key is no error; none at all gives
// an empty list.
std::vector<PublicKey> verified_by(const Envelope& envelope, const std::vector<PublicKey>& known);

}  // namespace signalbox::evidence
