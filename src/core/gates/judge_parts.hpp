// What the judges of the kinds of gates share: how an answer is put together.
#pragma once

#include <string>

#include "core/evidence/all_entries.hpp"
#include "core/gates/gate.hpp"

namespace signalbox::gates {

std::string_view short_type(std::string_view type);  // without kPredicatePrefix
std::string asked_of(const Gate& gate);              // what has to be true, in words
std::string signers_text(const Gate& gate);          // "builder key", "trusted keys among a, b"

// A signer that the gate takes: valid, with the role it asks for, among the keys it names.
bool accepts(const Gate& gate, const evidence::Signer& signer);
int count_accepted(const Gate& gate, const std::vector<evidence::Signer>& signers);  // distinct keys

GateResult result_for(const Gate& gate);  // name, owner and question; no answer yet
// The answer rests on this entry too: its age is that of the oldest.
void rest_on(GateResult& result, Input input, Time entered, Time now);
void rest_on(GateResult& result, const evidence::Entry& entry, Time now);

struct Refusal {
  std::string reason, answer, remedy;
};
GateResult red(const Gate& gate, GateResult result, Refusal refusal);
GateResult green(GateResult result, std::string answer);

// Where the log has more entries than a gate reads, it is red.
inline constexpr const char* kRemedyOfTooMany = "signalbox evidence query";

Result<GateResult> judge_evidence(const Gate& gate, const Situation& situation, Evaluator& evaluator,
                                  std::uint64_t most = evidence::kMaxEntriesRead);
// Kinds that read the log without a condition, or nothing of it.
Result<GateResult> judge_ci(const Gate& gate, const Situation& situation);
Result<GateResult> judge_artifact(const Gate& gate, const Situation& situation, Evaluator& evaluator);
GateResult judge_approval(const Gate& gate, const Situation& situation);
GateResult judge_hours(const Gate& gate, const Situation& situation);
GateResult judge_score(const Gate& gate, const Situation& situation);
GateResult judge_command(const Gate& gate, const Situation& situation);

}  // namespace signalbox::gates
