// Where a train of the log stands among the milestones of its cadence.
#pragma once

#include "core/evidence/ledger.hpp"
#include "core/evidence/trust.hpp"
#include "instruments/train/schedule/milestones.hpp"

namespace signalbox::train::schedule {

// The template that holds for a train: of the cadence it was made for, else of the configured one.
Result<Cadence> cadence_of(const Train& train, const Cadence& configured);
Result<std::vector<MilestoneState>> read_milestones(const evidence::Ledger& ledger,
                                                    const evidence::Trust& trust, const Train& train,
                                                    const Cadence& configured, Time now);

}  // namespace signalbox::train::schedule
