// Exceptions as the log has them: predicates train/exception-request/v1, train/exception/v1,
// train/freeze-exception/v1 and train/exception-audit/v1, and the fold over all of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/evidence/ledger.hpp"
#include "core/evidence/trust.hpp"
#include "core/gates/exception.hpp"
#include "core/report/report.hpp"
#include "instruments/train/gating/ballot.hpp"

namespace signalbox::train {

// Times in predicates are Unix seconds, as conditions read them.
Json to_predicate(const gates::ExceptionRequest& request, const std::string& id);
Result<gates::ExceptionRequest> parse_exception_request(const Json& predicate);

// An approval says all of the request again, so that it can be judged by itself: `kind_of` tells whether it
// is a freeze-exception (freezes alone) or an exception.
Json to_predicate(const gates::ExceptionRequest& request, const gates::ExceptionApproval& approval);
std::string kind_of(const gates::ExceptionScope& scope);
struct ApprovalClaim {
  std::uint64_t request = 0;  // its index in the log
  gates::ExceptionRequest copy;
};
Result<ApprovalClaim> parse_exception_approval(const Json& predicate);

Json to_predicate(const gates::Exception& exception, const gates::ExceptionAudit& audit,
                  const std::string& id);
struct AuditClaim {
  std::uint64_t exception = 0;  // index of its request
  gates::ExceptionAudit audit;
};
Result<AuditClaim> parse_exception_audit(const Json& predicate);

gates::ExceptionTarget target_of(const Candidate& candidate);
std::string text_of(const gates::ExceptionScope& scope);    // "gates tests, security; freeze year's end"
std::string text_of(const gates::ExceptionTarget& target);  // "train 2026-12, commit 1a2b3c4"

struct ExceptionBook {
  std::vector<gates::Exception> all;  // oldest first
  std::vector<std::string> faults;    // entries that the log does not hold, or that were not read
};
// An approval that repeats its request in another form counts for nothing. One that was erased, or whose
// request was, holds for nothing and is owed an audit: by the number of the request where an approval still
// tells it, else by its own.
Result<ExceptionBook> read_exceptions(const evidence::Ledger& ledger, const evidence::Trust& trust,
                                      const gates::ExceptionPolicy& policy,
                                      const gates::ApprovalPolicy& people, Time now);

// The exceptions that hold for a candidate now.
struct InForce {
  std::vector<const gates::Exception*> list;
  std::string taken_for_granted = {};  // of the people who asked and approved; empty: nothing

  const gates::Exception* for_gate(const std::string& name) const;
  const gates::Exception* for_freeze(const std::string& name) const;
};
InForce in_force(const std::vector<gates::Exception>& all, const gates::ExceptionPolicy& policy,
                 const gates::ApprovalPolicy& people, const Candidate& candidate, Time now);

}  // namespace signalbox::train
