// Would the gates that asked for evidence say the same again? Judged anew from what an auditor holds alone.
#pragma once

#include <vector>

#include "core/gates/condition.hpp"
#include "core/report/report.hpp"
#include "instruments/train/after/exhibits.hpp"

namespace signalbox::train::after {

// A check for each condition of the decision that asked for evidence, whose gate is in the policy and whose
// entry is here: type, keys, age and the condition itself, as of the decision. Conditions about the train or
// the log are left out: what they saw is not in the file. `decision` is one of the exhibits, of a trusted
// key. An Error is one of the evaluator alone.
Result<std::vector<Check>> replay_gates(const Exhibits& exhibits, const Exhibit& decision,
                                        gates::Evaluator& evaluator);

}  // namespace signalbox::train::after
