// A timestamp authority's word that a signature existed at a time: RFC 3161.
#pragma once

#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/sigstore/trusted_root.hpp"

namespace signalbox::evidence::sigstore {

// The time (whole seconds) at which an authority among `authorities`, to be trusted then, signed that it had
// seen `signature`; by the certificate that begins its chain. `response` is a TimeStampResp in DER. The error
// names what does not hold.
Result<Time> check_timestamp(std::string_view response, std::string_view signature,
                             const std::vector<Authority>& authorities);

}  // namespace signalbox::evidence::sigstore
