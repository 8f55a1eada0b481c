// By what a train's events are judged, besides what they say themselves.
#pragma once

#include <string>
#include <vector>

#include "core/evidence/ledger.hpp"
#include "core/gates/exception.hpp"
#include "instruments/train/boarding/rules.hpp"
#include "instruments/train/gating/scope_exception.hpp"

namespace signalbox::train {

struct Policy;

// The rules of boarding, and every exception of the log with the rules that it has to keep.
struct Rulebook {
  BoardingRules boarding;
  gates::ApprovalPolicy people;  // which keys are one person
  gates::ExceptionPolicy exception_policy;
  std::vector<gates::Exception> exceptions;

  // Why it does not open the scope; empty where it does.
  std::string objection_to(const NamedException& named) const;
};

// The policy's rules and the log's exceptions. `ledger`: nullptr where nothing was ever recorded. conflict
// where the log does not hold what it should.
Result<Rulebook> read_rulebook(const evidence::Ledger* ledger, const Policy& policy, Time now);

}  // namespace signalbox::train
