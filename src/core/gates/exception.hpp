// Exceptions: leaving in spite of a red gate, a freeze or a locked scope. For a short time, for what is named
// and nothing else, asked for by one person and approved by another, and audited afterwards. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/config/config.hpp"
#include "core/gates/approval.hpp"

namespace signalbox::gates {

inline constexpr Duration kLongestException = std::chrono::hours(24);
inline constexpr int kAuditWorkingDays = 5;

// Section `exceptions` of a policy: who may, for how long, and what never.
struct ExceptionPolicy {
  std::vector<std::string> requesters;  // roles or names of keys; empty: any trusted key
  std::vector<std::string> approvers = {
      "approver"};                 // the same; each alone is accountable for what they approve
  std::vector<std::string> never;  // gates and freezes that no exception covers
  std::size_t max_targets = 3;     // gates and freezes of one exception
  Duration longest = kLongestException;
};
// Members: requesters approvers never max_targets longest. longest is at most kLongestException.
Result<ExceptionPolicy> parse_exception_policy(const config::Node& node);

// What an exception is about. Each part that is there has to be the candidate's own.
struct ExceptionTarget {
  std::optional<std::string> commit;    // hexadecimal
  std::optional<std::string> manifest;  // sha256, hexadecimal
  std::optional<std::string> train;

  bool is_empty() const { return !commit && !manifest && !train; }
  bool covers(const ExceptionTarget& candidate) const;
  bool operator==(const ExceptionTarget&) const = default;
};

struct ExceptionScope {
  std::vector<std::string> gates, freezes;  // by name
  bool scope_lock = false;                  // passengers may change after the lock

  std::size_t size() const { return gates.size() + freezes.size() + (scope_lock ? 1 : 0); }
  bool operator==(const ExceptionScope&) const = default;
};

// A key that spoke, as trust has it.
struct Speaks {
  evidence::PublicKey key;
  std::vector<std::string> roles;
  std::string objection = {};  // why its signature did not count when it came; empty: it did
  std::string fallen = {};     // why it does not count any more: revoked since; empty: it does
};

struct ExceptionRequest {
  std::uint64_t index = 0;  // of the request in the log: the exception's number
  Time time;
  Speaks requester;
  ExceptionTarget target;
  ExceptionScope scope;
  std::string reason;
  Time expires;
};

struct ExceptionApproval {
  std::uint64_t index = 0;
  Time time;
  Speaks approver;
  // Of one whose envelope was erased: the key ids in its record, which alone tell who gave it.
  std::vector<std::string> key_ids = {};
};

struct ExceptionAudit {
  std::uint64_t index = 0;
  Time time;
  Speaks auditor;
  bool justified = false;
  std::string finding;
};

// A request and what became of it.
struct Exception {
  ExceptionRequest request;
  std::optional<ExceptionApproval> approval;  // the first that the rules allowed when it came
  std::optional<ExceptionAudit> audit;        // the same
  // "entry 7 was erased": what it was asked for, or by whom, cannot be read. It holds for nothing, and its
  // audit is owed all the same. Empty: it can.
  std::string erased = {};

  // The audit opens with the approval and has to be there by then.
  std::optional<Time> audit_due() const;
  bool is_overdue(Time now) const;
};

// A rule that an exception breaks, by its stable name: "exception/self-approved".
struct Breach {
  std::string_view rule;
  std::string message;
};

struct ExceptionRules {
  const ExceptionPolicy& policy;
  const ApprovalPolicy& people;
  const std::vector<Exception>& all;  // of the whole log, for audits that are overdue
};
// As it stands at the time of the request; nothing: it may be asked for.
std::optional<Breach> breach_of_request(const ExceptionRequest& request, const ExceptionRules& rules);
// As it stands at the time of the approval.
std::optional<Breach> breach_of_approval(const ExceptionRequest& request, const ExceptionApproval& approval,
                                         const ExceptionRules& rules);
std::optional<Breach> breach_of_audit(const Exception& exception, const ExceptionAudit& audit,
                                      const ExceptionRules& rules);
// Why it does not hold now: not approved, expired, or a rule that it breaks. Nothing: it is in force.
std::optional<Breach> breach_at(const Exception& exception, const ExceptionRules& rules, Time now);

// The same time of day, so many days from Monday to Friday (UTC) later.
Time add_working_days(Time start, int days);

}  // namespace signalbox::gates
