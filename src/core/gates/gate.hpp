// A gate: which evidence is asked for, and what must be true of it. Five ways not to be green: no evidence,
// stale, bad signature, condition false, condition that fails to run; each names the command that fixes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/config/config.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/trust.hpp"
#include "core/gates/allow.hpp"
#include "core/gates/condition.hpp"
#include "core/gates/freeze.hpp"
#include "core/report/report.hpp"

namespace signalbox::gates {

inline constexpr int kMaxThreshold = 64;

struct Gate {
  std::string name;
  std::string owner;  // may be empty
  std::string type;   // predicate type asked for; "evidence/tests/v1" is short for kPredicatePrefix + it
  std::string subject = "@commit";  // "@commit", "@artifact", or ALG:HEX
  std::optional<std::string> signer_role;
  int threshold = 1;  // distinct keys
  std::optional<Duration> max_age;
  std::string require;  // jq; empty: being there is enough
  std::string remedy;   // the command that produces the evidence
  bool blocker = true;  // false: counts in the score alone
  double weight = 0;    // in the readiness score
  std::vector<std::string> allow_empty;
  std::vector<std::string> signer_keys;  // names of trusted keys; empty: any with the role
  std::vector<std::string> command;  // instead of evidence: passes where it exits with 0; program and words
};

// Members: name owner type subject signer max_age require remedy blocker weight allow_empty command; or type,
// subject, signer and max_age within `select`, as signalbox/condition/v1 has them. signer is a role, or a map
// of role, keys, threshold. A condition with a forbidden word is bad_input with both places.
Result<Gate> parse_gate(const config::Node& node);

// The command that records evidence of this gate's type: its own remedy, else the usual one.
std::string remedy_of(const Gate& gate);

// What a gate is judged by, all of it from the outside.
struct Situation {
  const evidence::Ledger* ledger = nullptr;  // nullptr: nothing was ever recorded
  const evidence::Trust& trust;
  evidence::Subject commit;
  std::optional<evidence::Subject> artifact;
  Time now;
  Json train;                                    // what conditions see as .train
  const Configuration* configuration = nullptr;  // whose commands may run; nullptr: none
};

struct GateResult {
  Check check;  // asked, answer, reason, remedy, age, index
  std::optional<std::uint64_t> evidence_index;
  std::string envelope_digest;  // of the evidence that answered, sha256 hex
};
// The newest evidence that enough trusted keys signed answers. check.reason is empty, "missing", "stale",
// "signature", "condition" or "error"; for commands also "not-allowed". What is no blocker warns where it
// would fail. An Error is one of the store alone.
Result<GateResult> judge(const Gate& gate, const Situation& situation, Evaluator& evaluator);

}  // namespace signalbox::gates
