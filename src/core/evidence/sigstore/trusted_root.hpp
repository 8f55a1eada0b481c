// Whose certificates, logs and timestamps count: trusted_root.json of a Sigstore deployment
// (sigstore/protobuf-specs, sigstore_trustroot.proto).
#pragma once

#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::evidence::sigstore {

// From when until when something may be gone by, both ends included; by default always.
struct Validity {
  Time start = Time::min();
  Time end = Time::max();
  bool holds(Time at) const { return start <= at && at <= end; }
};

// Issues certificates to signers, or signs timestamps.
struct Authority {
  std::string uri;
  std::vector<std::string> chain;  // X.509 in DER, each issued by the next, the last by itself; not empty
  Validity valid;
};

// A transparency log: of signatures (Rekor), or of certificates (RFC 6962).
struct LogInstance {
  std::string url;
  std::string id;   // octets, SHA-256 of the key
  std::string key;  // SubjectPublicKeyInfo in DER
  Validity valid;
};

struct TrustedRoot {
  std::vector<Authority> authorities;            // not empty
  std::vector<LogInstance> logs;                 // empty: no log entry is asked for
  std::vector<LogInstance> certificate_logs;     // empty: no SCT is asked for
  std::vector<Authority> timestamp_authorities;  // the chain begins with the certificate that signs
};

// Unknown members are ignored. bad_input where a certificate or key cannot be read, where nothing issues
// certificates, or where neither a log nor a timestamp authority could show when something was signed.
Result<TrustedRoot> parse_trusted_root(const Json& document);

}  // namespace signalbox::evidence::sigstore
