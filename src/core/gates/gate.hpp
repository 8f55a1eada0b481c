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
#include "core/gates/condition.hpp"
#include "core/report/report.hpp"

namespace signalbox::gates {

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
};

Result<Gate> parse_gate(const config::Node& node);

// What a gate is judged by, all of it from the outside.
struct Situation {
  const evidence::Ledger* ledger = nullptr;  // nullptr: nothing was ever recorded
  const evidence::Trust& trust;
  evidence::Subject commit;
  std::optional<evidence::Subject> artifact;
  Time now;
  Json train;  // what conditions see as .train
};

struct GateResult {
  Check check;  // asked, answer, reason, remedy, age, index
  std::optional<std::uint64_t> evidence_index;
  std::string envelope_digest;  // of the evidence that answered, sha256 hex
};
Result<GateResult> judge(const Gate& gate, const Situation& situation, Evaluator& evaluator);

// A time in which nothing departs. Fixed start and end here; recurrence comes with the calendar.
struct Freeze {
  std::string name, reason;
  Time start, end;
  std::vector<std::string> environments;  // empty: all
};
Result<Freeze> parse_freeze(const config::Node& node);
// Those in force, latest end first.
std::vector<Freeze> freezes_at(const std::vector<Freeze>& freezes, Time at, std::string_view environment);

// `signalbox allow`: commands named in a configuration run only when exactly this configuration's digest was
// allowed on this machine.
Status allow(const std::string& configuration_octets, const std::string& path, Time now);
Result<bool> is_allowed(const std::string& configuration_octets, const std::string& path);

}  // namespace signalbox::gates
