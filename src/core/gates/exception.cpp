#include "core/gates/exception.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::gates {
namespace {

constexpr std::size_t kMaxTargets = 20;
constexpr std::string_view kAnything = "*?[";  // what only patterns have

bool has(const std::vector<std::string>& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

// By the name of the key, a role of trust, or a role that the policy gives to approvers.
bool is_among(const Speaks& speaker, const std::vector<std::string>& allowed, const ApprovalPolicy& people) {
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& one) {
    if (one == speaker.key.name || has(speaker.roles, one)) return true;
    const auto role = people.roles.find(one);
    return role != people.roles.end() && has(role->second, speaker.key.name);
  });
}

// Whether two keys are two people is not known of one that the policy's people leave out.
std::optional<Breach> breach_of_nobody(const Speaks& speaker, std::string_view what,
                                       const ApprovalPolicy& people) {
  if (!people.is_nobody(speaker.key.name)) return std::nullopt;
  return Breach{"exception/who", fmt::format("{} may not {}: train.approvals.people does not say whose key "
                                             "it is",
                                             printable(speaker.key.name), what)};
}

bool is_one_person(const Speaks& a, const Speaks& b, const ApprovalPolicy& people) {
  if (a.key.same_key(b.key) || a.key.name == b.key.name) return true;
  const auto known = people.known_as(a.key.name);
  const auto also_known = people.known_as(b.key.name);
  return std::any_of(known.begin(), known.end(),
                     [&](const std::string& one) { return also_known.count(one) > 0; });
}

// The audit of an earlier exception that was overdue at that time.
const Exception* overdue_at(const std::vector<Exception>& all, Time time) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Exception& one) { return one.is_overdue(time); });
  return found == all.end() ? nullptr : &*found;
}

std::optional<Breach> overdue_breach(const ExceptionRules& rules, Time time) {
  const Exception* overdue = overdue_at(rules.all, time);
  if (overdue == nullptr) return std::nullopt;
  return Breach{"exception/audit-overdue",
                fmt::format("the audit of exception {} was due {}: no other before it",
                            overdue->request.index, to_rfc3339(*overdue->audit_due()))};
}

std::vector<std::string> names_in(const ExceptionScope& scope) {
  std::vector<std::string> out = scope.gates;
  out.insert(out.end(), scope.freezes.begin(), scope.freezes.end());
  return out;
}

std::optional<Breach> breach_of_scope(const ExceptionRequest& request, const ExceptionPolicy& policy) {
  if (request.target.is_empty())
    return Breach{"exception/scope-too-wide",
                  "it names no commit, manifest or train: it would be for all of them"};
  if (request.scope.size() == 0)
    return Breach{"exception/empty-scope", "it names no gate, no freeze and no lock"};
  if (request.scope.size() > policy.max_targets)
    return Breach{"exception/scope-too-wide",
                  fmt::format("it is for {} things at once, at most {} are allowed", request.scope.size(),
                              policy.max_targets)};
  for (const std::string& name : names_in(request.scope)) {
    if (name.empty() || name.find_first_of(kAnything) != std::string::npos)
      return Breach{"exception/scope-too-wide",
                    fmt::format("`{}` is a pattern: each gate and freeze is named", printable(name))};
    if (has(policy.never, name))
      return Breach{"exception/never",
                    fmt::format("the policy allows no exception from {}", printable(name))};
  }
  return std::nullopt;
}

std::optional<Breach> breach_of_length(const ExceptionRequest& request, Time from,
                                       const ExceptionPolicy& policy) {
  const Duration longest = std::min(policy.longest, kLongestException);
  if (request.expires <= from)
    return Breach{"exception/expired", "it expired " + to_rfc3339(request.expires)};
  if (request.expires - from > longest)
    return Breach{"exception/too-long", fmt::format("it is for {}, at most {} are allowed",
                                                    to_text(request.expires - from), to_text(longest))};
  return std::nullopt;
}

}  // namespace

Result<ExceptionPolicy> parse_exception_policy(const config::Node& node) {
  ExceptionPolicy out;
  if (!node.exists()) return out;
  SIGNALBOX_CHECK(node.only({"requesters", "approvers", "never", "max_targets", "longest"}));
  for (const auto& [key, list] :
       {std::pair{"requesters", &out.requesters}, {"approvers", &out.approvers}, {"never", &out.never}}) {
    if (!node[key].exists()) continue;
    SIGNALBOX_TRY(*list, node[key].texts());
  }
  if (node["max_targets"].exists()) {
    SIGNALBOX_TRY(const std::int64_t most, node["max_targets"].integer());
    if (most < 1 || most > static_cast<std::int64_t>(kMaxTargets))
      return node["max_targets"].wrong(fmt::format("1 to {} things at once", kMaxTargets));
    out.max_targets = static_cast<std::size_t>(most);
  }
  if (node["longest"].exists()) {
    SIGNALBOX_TRY(out.longest, node["longest"].duration());
    if (out.longest > kLongestException)
      return node["longest"].wrong("no exception is longer than " + to_text(kLongestException));
  }
  return out;
}

bool ExceptionTarget::covers(const ExceptionTarget& candidate) const {
  const auto fits = [](const std::optional<std::string>& asked, const std::optional<std::string>& there) {
    return !asked || asked == there;
  };
  return !is_empty() && fits(commit, candidate.commit) && fits(manifest, candidate.manifest) &&
         fits(train, candidate.train);
}

std::optional<Time> Exception::audit_due() const {
  if (!approval) return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(add_working_days(approval->time, kAuditWorkingDays));
}

bool Exception::is_overdue(Time now) const {
  const auto due = audit_due();
  return due && now > *due && (!audit || audit->time > now);
}

std::optional<Breach> breach_of_request(const ExceptionRequest& request, const ExceptionRules& rules) {
  const ExceptionPolicy& policy = rules.policy;
  if (!request.requester.objection.empty())
    return Breach{"exception/who", fmt::format("{} asked: {}", printable(request.requester.key.name),
                                               request.requester.objection)};
  if (trim(request.reason).empty()) return Breach{"exception/no-reason", "it has no reason"};
  if (!policy.requesters.empty() && !is_among(request.requester, policy.requesters, rules.people))
    return Breach{"exception/who",
                  fmt::format("{} may not ask for exceptions; {} may", printable(request.requester.key.name),
                              join(policy.requesters, ", "))};
  if (auto breach = breach_of_nobody(request.requester, "ask for exceptions", rules.people)) return breach;
  if (auto breach = breach_of_scope(request, policy)) return breach;
  if (auto breach = breach_of_length(request, request.time, policy)) return breach;
  return overdue_breach(rules, request.time);
}

std::optional<Breach> breach_of_approval(const ExceptionRequest& request, const ExceptionApproval& approval,
                                         const ExceptionRules& rules) {
  const Speaks& approver = approval.approver;
  const std::string name = printable(approver.key.name);
  if (!approver.objection.empty())
    return Breach{"exception/who", fmt::format("{} approved: {}", name, approver.objection)};
  if (!is_among(approver, rules.policy.approvers, rules.people))
    return Breach{"exception/who", fmt::format("{} may not approve exceptions; {} may", name,
                                               join(rules.policy.approvers, ", "))};
  if (auto breach = breach_of_nobody(approver, "approve exceptions", rules.people)) return breach;
  if (is_one_person(approver, request.requester, rules.people))
    return Breach{"exception/self-approved", fmt::format("{} asked for it and may not approve it", name)};
  if (auto breach = breach_of_length(request, approval.time, rules.policy)) return breach;
  return overdue_breach(rules, approval.time);
}

std::optional<Breach> breach_of_audit(const Exception& exception, const ExceptionAudit& audit,
                                      const ExceptionRules& rules) {
  const std::string name = printable(audit.auditor.key.name);
  if (!exception.approval)
    return Breach{"exception/not-approved", "it was never approved: there is nothing to audit"};
  if (!audit.auditor.objection.empty())
    return Breach{"exception/who", fmt::format("{} audited: {}", name, audit.auditor.objection)};
  if (auto breach = breach_of_nobody(audit.auditor, "audit exceptions", rules.people)) return breach;
  if (is_one_person(audit.auditor, exception.approval->approver, rules.people) ||
      has(exception.approval->key_ids, audit.auditor.key.id()))
    return Breach{"exception/self-audited", fmt::format("{} approved it and may not audit it", name)};
  if (trim(audit.finding).empty()) return Breach{"exception/no-reason", "the audit says nothing"};
  return std::nullopt;
}

std::optional<Breach> breach_at(const Exception& exception, const ExceptionRules& rules, Time now) {
  if (!exception.erased.empty()) return Breach{"exception/erased", exception.erased};
  if (auto breach = breach_of_request(exception.request, rules)) return breach;
  if (!exception.approval) return Breach{"exception/not-approved", "nobody approved it yet"};
  if (auto breach = breach_of_approval(exception.request, *exception.approval, rules)) return breach;
  for (const Speaks* one : {&exception.request.requester, &exception.approval->approver}) {
    if (!one->fallen.empty())
      return Breach{"exception/who", fmt::format("{}: {}", printable(one->key.name), one->fallen)};
  }
  if (now >= exception.request.expires)
    return Breach{"exception/expired", "it expired " + to_rfc3339(exception.request.expires)};
  return std::nullopt;
}

Time add_working_days(Time start, int days) {
  const auto first = std::chrono::floor<std::chrono::days>(start);
  const Duration into = start - first;
  std::chrono::sys_days day = first;
  while (days > 0) {
    day += std::chrono::days(1);
    const unsigned weekday = std::chrono::weekday(day).iso_encoding();
    if (weekday <= 5) --days;
  }
  return Time(day) + into;
}

}  // namespace signalbox::gates
