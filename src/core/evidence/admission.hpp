// Whose envelopes a log takes: `evidence.admit` of signalbox.yaml. docs/decisions/0207-admission.md
#pragma once

#include <cstddef>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/config/workspace.hpp"
#include "core/evidence/ledger_record.hpp"
#include "core/evidence/trust.hpp"

namespace signalbox::evidence {

enum class Admit {
  any,      // what is well formed; readers judge signatures
  trusted,  // what a key signed that trust holds valid at that time, for its type and subjects
};

// `admit` of the section `evidence`; absent: any.
Result<Admit> parse_admit(const config::Node& section);

// A signature of an envelope times a key of trust; an envelope that would need more is refused. A signature
// whose key id names its key takes one.
inline constexpr std::size_t kMaxTrials = 64;

// Refuses (bad_input) what no key signed that `trust` holds valid now, naming each signer and why. `clock`
// must outlive it.
Admission admit_trusted(Trust trust, const Clock& clock);

// What the workspace asks for: nothing, or the above with its trust.
Result<Admission> admission_of(const Workspace& workspace, const Clock& clock);

}  // namespace signalbox::evidence
