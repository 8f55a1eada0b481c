#include "instruments/train/gating/excepting.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/gating/train_standing.hpp"

namespace signalbox::train {
namespace {

// Rows about the decision itself. An exception from them would be one from the rules of exceptions.
constexpr std::array<std::string_view, 8> kNeverExcepted = {"log",  "trust",    "tags",      "lost commits",
                                                            "veto", "decision", kTrainCheck, kManifestCheck};

}  // namespace

bool may_be_excepted(const std::string& row) {
  return std::find(kNeverExcepted.begin(), kNeverExcepted.end(), row) == kNeverExcepted.end();
}

UsedException use_of(const gates::Exception& exception, const InForce& among, std::string check) {
  return {std::move(check),
          exception.request.index,
          exception.approval->index,
          exception.request.requester.key.name,
          exception.approval->approver.key.name,
          exception.request.reason,
          exception.request.expires,
          among.taken_for_granted};
}

void tell_excepted(Check& check, const UsedException& used) {
  check.verdict = Verdict::warn;
  check.reason = "excepted";
  check.answer =
      fmt::format("excepted until {} by {}, asked by {}: {}; without it: {}", to_rfc3339(used.expires),
                  printable(used.approver), printable(used.requester), printable(used.reason), check.answer);
  if (!used.taken_for_granted.empty()) check.answer += "; taken for granted: " + used.taken_for_granted;
}

std::vector<UsedException> except_checks(const InForce& in_force, std::vector<Check>& checks) {
  std::vector<UsedException> out;
  for (Check& check : checks) {
    if (check.verdict != Verdict::fail || !may_be_excepted(check.name)) continue;
    const gates::Exception* const exception = in_force.for_gate(check.name);
    if (exception == nullptr) continue;
    out.push_back(use_of(*exception, in_force, check.name));
    tell_excepted(check, out.back());
  }
  return out;
}

gates::FreezeAnswer except_freezes(const InForce& in_force, const gates::FreezeAnswer& freezes,
                                   std::vector<UsedException>& used) {
  std::set<std::string> told;
  const auto keep = [&](const std::vector<gates::FrozenSpan>& spans) {
    std::vector<gates::FrozenSpan> out;
    std::copy_if(spans.begin(), spans.end(), std::back_inserter(out),
                 [&](const gates::FrozenSpan& span) { return in_force.for_freeze(span.name) == nullptr; });
    return out;
  };
  for (const gates::FrozenSpan& span : freezes.in_force) {
    const gates::Exception* const exception = in_force.for_freeze(span.name);
    if (exception != nullptr && told.insert(span.name).second)
      used.push_back(use_of(*exception, in_force, "freeze"));
  }
  gates::FreezeAnswer out;
  out.in_force = keep(freezes.in_force);
  out.following = keep(freezes.following);
  out.free_from = gates::end_of_union(out.in_force, out.following);
  out.next = freezes.next;
  return out;
}

std::vector<Finding> audit_findings(const std::vector<gates::Exception>& all, Time now) {
  std::vector<Finding> out;
  for (const gates::Exception& one : all) {
    const auto due = one.audit_due();
    if (!due || one.audit) continue;
    const bool overdue = one.is_overdue(now);
    out.push_back(
        {overdue ? "train/audit-overdue" : "train/audit-open", overdue ? Severity::warning : Severity::note,
         fmt::format("exception {} ({}) is to be audited: {} {}{}", one.request.index,
                     one.erased.empty() ? text_of(one.request.scope) : one.erased,
                     overdue ? "was due" : "due", to_rfc3339(*due),
                     overdue ? "; no other exception before that" : ""),
         std::nullopt,
         fmt::format("signalbox train exception audit {} --outcome justified --finding TEXT --key KEY",
                     one.request.index)});
  }
  return out;
}

}  // namespace signalbox::train
