// Who signed an envelope by a certificate, with all that proves it: the way of Sigstore's clients.
// https://docs.sigstore.dev/about/bundle/, "Verification"
#pragma once

#include <string>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/sigstore/trusted_root.hpp"

namespace signalbox::evidence::sigstore {

struct Certified {
  std::string subject;  // "ada@example.com", "https://github.com/…/release.yml@refs/heads/main"
  std::string issuer;   // that vouched for it: "https://token.actions.githubusercontent.com"
  std::string key;      // SubjectPublicKeyInfo in DER: made for this signature
  Time signed_at;       // the earliest time that is proven
};

// Holds where the certificate was issued by an authority of the root and valid at each time that is proven,
// its timestamps (SCT), each log entry and each timestamp hold, one time at least is proven, and the
// signature is by the certificate's key. What the root has logs for has to be there. denied otherwise, naming
// every piece that is missing or does not hold.
Result<Certified> check_certified(const Envelope& envelope, const TrustedRoot& root);

}  // namespace signalbox::evidence::sigstore
