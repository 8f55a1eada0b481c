// The track: one train of a service is on its way at a time.
#pragma once

#include <string>
#include <vector>

#include "core/evidence/ledger.hpp"
#include "core/evidence/trust.hpp"
#include "instruments/train/ramp/ramp_state.hpp"

namespace signalbox::train::ramp {

// Ramps of other trains of the service that are on their way or stuck, the newest first.
Result<std::vector<Ramp>> others_on_track(const evidence::Ledger& ledger, const evidence::Trust& trust,
                                          const std::string& train, const std::string& service);
// conflict where one of them holds the track, naming it and what to do.
Status check_track(const std::vector<Ramp>& others);
// Two trains may both have seen a free track before they began; the attempt that is first in the log keeps
// it. That train in words, where it is not this one; empty: the track is this attempt's.
std::string train_ahead(const std::vector<Ramp>& others, const std::string& attempt);

// The train whose ramp began last; not_found where none ever did.
Result<std::string> newest_train(const evidence::Ledger& ledger);

}  // namespace signalbox::train::ramp
