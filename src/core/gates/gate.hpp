// A gate: what is asked before a train leaves, and of whom. Each answers with what was asked, what was found,
// a class of reason where it is not green, and the command that turns it green.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/clock.hpp"
#include "core/config/config.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/trust.hpp"
#include "core/gates/allow.hpp"
#include "core/gates/approval.hpp"
#include "core/gates/artifact.hpp"
#include "core/gates/ci.hpp"
#include "core/gates/condition.hpp"
#include "core/gates/freeze.hpp"
#include "core/gates/time_rule.hpp"
#include "core/report/report.hpp"

namespace signalbox::gates {

inline constexpr int kMaxThreshold = 64;

enum class GateKind {
  evidence,  // a statement in the log, and a condition over it
  command,   // a program that exits with 0
  ci,        // jobs of a CI server
  slo,       // evidence/slo verdicts with the usual condition
  approval,  // people
  time,      // hours and dates
  score,     // the readiness score, or some items of it
  artifact,  // a file here, its checksum and evidence about it
};
std::string_view name_of(GateKind kind);

// What a gate of the kind score asks for.
struct ScoreRule {
  double at_least = 80;            // of 100
  std::vector<std::string> items;  // names of gates and rubric items; empty: all that have a weight
};

struct Gate {
  std::string name;
  std::string owner;  // who answers for it; may be empty
  GateKind kind = GateKind::evidence;
  std::string type;  // predicate type asked for; "evidence/tests/v1" is short for kPredicatePrefix + it
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
  std::vector<std::string> command;      // passes where it exits with 0; program and words
  // Of the kinds that have one.
  std::variant<std::monostate, ApprovalRule, CiRule, TimeRule, ScoreRule, ArtifactRule> rule;
};

// Members: name owner kind remedy blocker weight, and those of the kind. Without `kind` a gate with `type`
// asks for evidence (type subject signer max_age require allow_empty; the first four within `select`, as
// signalbox/condition/v1 has them), one with `command` runs it. A condition with a forbidden word is
// bad_input with both places.
Result<Gate> parse_gate(const config::Node& node);

// Member `previous` of an artifact gate: {file, checksums}, both wanted. Absent where the node is.
Result<std::optional<PreviousArtifact>> parse_previous_artifact(const config::Node& node);

// The command that records evidence of this gate's type: its own remedy, else the usual one.
std::string remedy_of(const Gate& gate);

// What was said about a candidate, by whom, and who had to do with it.
struct Approvals {
  ApprovalPolicy policy;
  Involved involved;
  std::vector<Vote> votes;
};

// The release to which a rollback would go.
struct ReleaseBefore {
  std::string tag;      // "v1.2.0"
  std::string version;  // "1.2.0"
};

// What a gate is judged by, all of it from the outside.
struct Situation {
  const evidence::Ledger* ledger = nullptr;  // nullptr: nothing was ever recorded
  const evidence::Trust& trust;
  evidence::Subject commit;
  std::optional<evidence::Subject> artifact;
  Time now;
  Json train;                                    // what conditions see as .train
  const Configuration* configuration = nullptr;  // whose commands may run; nullptr: none
  const Approvals* approvals = nullptr;          // nullptr: nobody was asked
  CiServer* ci_server = nullptr;                 // nullptr: none is asked
  std::filesystem::path directory;               // where artifacts lie; empty: none does
  std::optional<ReleaseBefore> release_before;   // absent: the candidate is the first release
  // The readiness score of these items, 0 to 100; absent: a gate that asks for it is an error.
  std::function<double(const std::vector<std::string>& items)> score;
};

// An entry of the log that a gate's answer rests on.
struct Input {
  std::uint64_t index = 0;
  std::string envelope_digest;  // sha256 hex; empty where the envelope was erased
};

struct GateResult {
  Check check;                // asked, answer, reason, remedy, age, index
  std::vector<Input> inputs;  // the one that answered first
};
// check.reason is empty, or a class of failure: "missing", "stale", "signature", "condition", "error";
// "not-allowed" of commands, "not-counted" of approvals, "running", "unavailable" and "subject" of ci,
// "time", "score"; "checksum" and "previous" of artifact. What is no blocker warns where it would fail. An
// Error is one of the store alone.
Result<GateResult> judge(const Gate& gate, const Situation& situation, Evaluator& evaluator);

}  // namespace signalbox::gates
