// `pack batch --record`: the evidence of a batch of plans.
#pragma once

#include <span>

#include "instruments/pack/batch.hpp"
#include "instruments/pack/measure/batch_evidence.hpp"

namespace signalbox::pack {

// Plans that the checker does not find valid once they were written and read again.
std::int64_t count_unverified(std::span<const PlanDocument> documents);

// Signs and logs what came of the batch, about the subjects of --subject, the orders' file and the boxes'.
Status record_batch(const cli::Arguments& arguments, const cli::Context& context, BatchEvidence found,
                    Report& report);

}  // namespace signalbox::pack
