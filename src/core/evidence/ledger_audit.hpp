// Everything in a log's store, recomputed from its records.
#pragma once

#include <cstdint>
#include <functional>

#include "core/base/result.hpp"
#include "core/evidence/ledger.hpp"
#include "core/store/database.hpp"

namespace signalbox::evidence {

// Leaves, envelopes, times, the chain of entries about each subject, the indexes by subject and type, tiles,
// the right edge and the checkpoint's signature, in one snapshot. What does not hold is a line in the audit's
// failures.
Result<Ledger::Audit> audit_log(store::Database& database,
                                const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);

}  // namespace signalbox::evidence
