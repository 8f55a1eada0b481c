// A decision of the train in the words of other tools: SLSA's verification summary and in-toto's simple
// verification result. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/evidence/statement.hpp"

namespace signalbox::evidence_command {

inline constexpr std::string_view kDecisionType = "https://signalbox.dev/train/decision/v1";
inline constexpr std::string_view kVsaType = "https://slsa.dev/verification_summary/v1";
inline constexpr std::string_view kSvrType = "https://in-toto.io/attestation/svr/v0.1";

// A recorded decision, and what its readers have to know beside it.
struct SummaryInput {
  evidence::Statement decision;  // of kDecisionType
  Time time;                     // of its entry in the log
  std::string verifier;          // URI: who decided
  std::string resource;          // URI of what may depart
  // SHA-256 in hexadecimal of each envelope that it rests on; absent where one of them is not known any more.
  std::optional<std::vector<std::string>> inputs;
};

// https://slsa.dev/spec/v1.1/verification_summary. PASSED and the level SIGNALBOX_TRAIN_GO on GO, which
// claims no SLSA level; FAILED on NO-GO. bad_input where the statement is no decision.
Result<evidence::Statement> slsa_summary(const SummaryInput& input);
// https://github.com/in-toto/attestation/blob/main/spec/predicates/svr.md: SIGNALBOX_TRAIN_GO on GO, and
// SIGNALBOX_GATE_<NAME> of each gate that passed.
Result<evidence::Statement> simple_result(const SummaryInput& input);

}  // namespace signalbox::evidence_command
