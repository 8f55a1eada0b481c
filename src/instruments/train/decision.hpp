// GO or NO-GO: what the gates answered, the readiness score, and the one command that turns red to green.
// Pure: whatever it judges is handed in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/evidence/statement.hpp"
#include "core/gates/freeze_table.hpp"
#include "instruments/train/gating/ballot.hpp"
#include "instruments/train/gating/excepting.hpp"
#include "instruments/train/gating/train_standing.hpp"
#include "instruments/train/notes.hpp"
#include "instruments/train/plan_reader.hpp"
#include "instruments/train/policy.hpp"

namespace signalbox::train {

// A gate or rubric item with its answer.
struct Judged {
  gates::Gate gate;
  gates::GateResult result;
  double value = 0;  // 0 to 1, in the score: 1 where it passed, of tests the part that passed
};

struct ScoreItem {
  std::string name;
  double weight = 0;
  double value = 0;  // 0 to 1
  std::string remedy;
};

// Σ weight·value over what was ever recorded or is configured, of 100.
struct Score {
  std::vector<ScoreItem> items;
  double pass_at = 80;
  bool is_asked() const { return pass_at > 0 && total_weight() > 0; }
  double total_weight() const;
  double value() const;                                          // 0 to 100
  double value_of(const std::vector<std::string>& names) const;  // of these items alone; none: of all
};

struct Decision {
  Plan plan;
  Policy policy;
  std::vector<Judged> gates;
  std::vector<Check> checks;  // of the train, then gates, changelog, freeze, readiness
  Score score;
  std::string fix;  // the command; empty on GO
  Time time;
  bool dirty = false;           // the work tree holds what the commit does not
  bool test_program = false;    // ./test --fast records the tests of this repository
  gates::FreezeAnswer freezes;  // now, without those under an exception
  Candidate candidate;
  std::optional<TrainStanding> train;            // that it would leave with
  gates::Approvals approvals;                    // who said what about it
  std::vector<UsedException> exceptions;         // that it rests on
  std::vector<gates::Exception> all_exceptions;  // of the whole log, with their audits

  bool is_go() const;
  std::vector<std::string> blockers() const;  // names of the red checks
  std::vector<std::string> excepted() const;  // names of the checks that would be red without an exception
  // The command for a gate, as this repository does it.
  std::string remedy_of(const gates::Gate& gate) const;
  gates::ApprovalQuestion question_of(const gates::Gate& gate) const;  // of the kind approval
  std::vector<Check> conditions() const;  // checks, and the items of the score that are no gates
};

struct Situation {
  std::vector<Judged> gates;
  std::vector<Judged> rubric;            // those that count
  std::optional<std::string> changelog;  // octets at the candidate; absent: it has no such file
  gates::FreezeAnswer freezes;           // of the policy's environment, now
  bool test_program = false;             // ./test --fast records the tests of this repository
  bool dirty = false;
  Time now;
  Candidate candidate;
  std::optional<TrainStanding> train;  // that it would leave with; absent: the commit alone is judged
  gates::Approvals approvals;
  std::vector<gates::Exception> exceptions;  // of the whole log
  std::vector<std::string> log_faults;       // entries of people's words that the log does not hold
  std::optional<Check> moved_tags;           // red where there are any
  std::optional<Check> trust;                // absent where nobody asks for the word of root keys
};

Score score_of(const Policy& policy, const std::vector<Judged>& gates, const std::vector<Judged>& rubric);
Decision decide(Plan plan, Policy policy, Situation situation);

Report decision_report(const Decision& decision);
// `train/decision/v1` about the commit.
evidence::Statement decision_statement(const Decision& decision, const std::string& decider);

}  // namespace signalbox::train
