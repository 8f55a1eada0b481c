// A log's word that it holds a signature: Rekor's, version 1.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/sigstore/leaf.hpp"
#include "core/evidence/sigstore/material.hpp"
#include "core/evidence/sigstore/trusted_root.hpp"

namespace signalbox::evidence::sigstore {

// That a log among `logs` holds exactly this envelope, signed by this certificate: by its promise (signed
// entry timestamp), by a proof that leads to a checkpoint that it signed, or by both; what is there has to
// hold. The time at which it took the entry in where the promise vouches for it: a proof says nothing of
// time. The error names what does not hold.
Result<std::optional<Time>> check_logged(const LogEntry& entry, const Envelope& envelope, const Leaf& leaf,
                                         const std::vector<LogInstance>& logs);

}  // namespace signalbox::evidence::sigstore
