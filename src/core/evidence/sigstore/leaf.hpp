// A signer's certificate, as Fulcio issues them: for minutes, to somebody whom an OpenID Connect issuer
// vouched for. https://github.com/sigstore/fulcio/blob/main/docs/certificate-specification.md
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/sigstore/openssl.hpp"
#include "core/evidence/sigstore/trusted_root.hpp"

namespace signalbox::evidence::sigstore {

struct Leaf {
  Certificate certificate;
  Key key;
  std::string der;
  std::string subject;  // its one subject alternative name: an e-mail address, a URI, or a user name in
                        // Fulcio's own form
  std::string issuer;   // of the token: extension 1.3.6.1.4.1.57264.1.8, in older ones .1
};

// bad_input where it does not say, in one way alone, who signs, or may not sign code.
Result<Leaf> read_leaf(std::string_view der);

// The certificate of whom issued it: by an authority that was to be trusted at that moment, through
// certificates that were all valid then. The error says why there is none.
Result<Certificate> issuer_of(const Leaf& leaf, const std::vector<Authority>& authorities, Time at);

// The embedded signed certificate timestamps (RFC 6962 section 3.3): one at least, each of a log among `logs`
// that was in use then, over this certificate as `issuer` issued it. The error says which is missing or does
// not hold.
Status check_certificate_logs(const Leaf& leaf, X509& issuer, const std::vector<LogInstance>& logs);

}  // namespace signalbox::evidence::sigstore
