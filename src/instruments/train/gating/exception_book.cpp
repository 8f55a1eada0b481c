#include "instruments/train/gating/exception_book.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/gates/testimony.hpp"
#include "instruments/train/events/event.hpp"

namespace signalbox::train {
namespace {

using gates::Exception;
using gates::ExceptionApproval;
using gates::ExceptionAudit;
using gates::ExceptionRequest;
using gates::ExceptionScope;
using gates::ExceptionTarget;
using gates::Testimony;

// Everything that was said about exceptions, in the order of the log.
struct Spoken {
  std::string kind;
  Testimony testimony;
};

constexpr std::string_view kRequestKind = "exception-request";
constexpr std::string_view kAuditKind = "exception-audit";

std::string erased_text(std::uint64_t index) {
  return fmt::format("entry {} was erased", index);
}

// An approval of which nothing but its place in the log is known.
Exception owed_for(const gates::ErasedEntry& approval) {
  Exception out;
  out.request.index = approval.index;
  out.request.time = approval.time;
  out.approval = ExceptionApproval{approval.index, approval.time, {}, approval.key_ids};
  out.erased = erased_text(approval.index);
  return out;
}

gates::Speaks speaker_of(const Testimony& testimony, const evidence::Trust& trust, Time now) {
  if (testimony.signers.empty()) return {{}, {}, "nobody signed it"};
  const evidence::Signer* const signer = evidence::valid_signer(testimony.signers);
  const evidence::Signer& first = testimony.signers.front();
  if (signer == nullptr) return {first.key, first.roles, first.why};
  return {signer->key, signer->roles, "", gates::fallen_since(testimony, signer->key, trust, now)};
}

// Reads the log once, and folds what it says.
class Fold {
 public:
  Fold(const gates::ExceptionPolicy& policy, const gates::ApprovalPolicy& people,
       const evidence::Trust& trust, Time now)
      : policy_(policy), people_(people), trust_(trust), now_(now) {}

  // What was said there cannot be read any more. Of an audit nothing remains: it is due again.
  void miss(std::string_view kind, const gates::ErasedEntry& entry) {
    if (kind == kRequestKind) {
      erased_requests_.insert(entry.index);
    } else if (kind != kAuditKind) {
      all_.push_back(owed_for(entry));
    }
  }

  void take(const Spoken& spoken) {
    const Testimony& testimony = spoken.testimony;
    const Json& predicate = testimony.statement.predicate;
    if (spoken.kind == kRequestKind) {
      if (auto request = parse_exception_request(predicate)) begin(std::move(*request), testimony);
    } else if (spoken.kind == kAuditKind) {
      if (auto claim = parse_exception_audit(predicate)) audit(std::move(*claim), testimony);
    } else if (auto claim = parse_exception_approval(predicate)) {
      approve(*claim, spoken);
    }
  }

  std::vector<Exception> take_all() {
    std::sort(all_.begin(), all_.end(),
              [](const Exception& a, const Exception& b) { return a.request.index < b.request.index; });
    return std::move(all_);
  }

 private:
  void begin(ExceptionRequest request, const Testimony& testimony) {
    request.index = testimony.entry.index;
    request.time = testimony.entry.time;
    request.requester = speaker_of(testimony, trust_, now_);
    all_.push_back({std::move(request), {}, {}});
  }

  Exception* find(std::uint64_t request) {
    const auto found = std::find_if(all_.begin(), all_.end(),
                                    [&](const Exception& one) { return one.request.index == request; });
    return found == all_.end() ? nullptr : &*found;
  }

  void approve(const ApprovalClaim& claim, const Spoken& spoken) {
    ExceptionApproval approval{spoken.testimony.entry.index, spoken.testimony.entry.time,
                               speaker_of(spoken.testimony, trust_, now_)};
    Exception* const exception = find(claim.request);
    if (exception == nullptr) {
      if (erased_requests_.count(claim.request) > 0) owe(claim, std::move(approval));
      return;
    }
    const ExceptionRequest& request = exception->request;
    const bool repeats = claim.copy.target == request.target && claim.copy.scope == request.scope &&
                         claim.copy.expires == request.expires && claim.copy.reason == request.reason &&
                         spoken.kind == kind_of(request.scope);
    if (!repeats) return;
    const gates::ExceptionRules rules{policy_, people_, all_};
    const bool allowed =
        !gates::breach_of_request(request, rules) && !gates::breach_of_approval(request, approval, rules);
    if (allowed && !exception->approval) exception->approval = std::move(approval);
  }

  // The request was erased: who asked is not known, so that the approval allows nothing, but its audit is
  // due.
  void owe(const ApprovalClaim& claim, ExceptionApproval approval) {
    Exception out{claim.copy, {}, {}, erased_text(claim.request)};
    out.request.index = claim.request;
    out.request.time = approval.time;
    if (gates::breach_of_approval(out.request, approval, {policy_, people_, all_})) return;
    out.approval = std::move(approval);
    all_.push_back(std::move(out));
  }

  void audit(AuditClaim claim, const Testimony& testimony) {
    Exception* const exception = find(claim.exception);
    if (exception == nullptr || exception->audit) return;
    claim.audit.index = testimony.entry.index;
    claim.audit.time = testimony.entry.time;
    claim.audit.auditor = speaker_of(testimony, trust_, now_);
    if (!gates::breach_of_audit(*exception, claim.audit, {policy_, people_, all_}))
      exception->audit = std::move(claim.audit);
  }

  const gates::ExceptionPolicy& policy_;
  const gates::ApprovalPolicy& people_;
  const evidence::Trust& trust_;
  Time now_;
  std::set<std::uint64_t> erased_requests_;
  std::vector<Exception> all_;
};

}  // namespace

Result<ExceptionBook> read_exceptions(const evidence::Ledger& ledger, const evidence::Trust& trust,
                                      const gates::ExceptionPolicy& policy,
                                      const gates::ApprovalPolicy& people, Time now) {
  ExceptionBook out;
  std::vector<Spoken> spoken;
  Fold fold(policy, people, trust, now);
  for (const std::string_view kind :
       {kRequestKind, std::string_view("exception"), std::string_view("freeze-exception"), kAuditKind}) {
    SIGNALBOX_TRY(gates::Testimonies heard, gates::testimonies(ledger, trust, {event_type(kind), {}}));
    out.faults.insert(out.faults.end(), heard.faults.begin(), heard.faults.end());
    if (!heard.unread.empty()) out.faults.push_back(heard.unread);
    for (const gates::ErasedEntry& one : heard.erased) fold.miss(kind, one);
    for (Testimony& one : heard.found) spoken.push_back({std::string(kind), std::move(one)});
  }
  std::sort(spoken.begin(), spoken.end(), [](const Spoken& a, const Spoken& b) {
    return a.testimony.entry.index < b.testimony.entry.index;
  });
  std::set<std::string> seen;
  for (const Spoken& one : spoken) {
    if (seen.insert(one.testimony.payload_digest).second) fold.take(one);
  }
  out.all = fold.take_all();
  return out;
}

const Exception* InForce::for_gate(const std::string& name) const {
  for (const Exception* one : list) {
    const auto& gates = one->request.scope.gates;
    if (std::find(gates.begin(), gates.end(), name) != gates.end()) return one;
  }
  return nullptr;
}

const Exception* InForce::for_freeze(const std::string& name) const {
  for (const Exception* one : list) {
    const auto& freezes = one->request.scope.freezes;
    if (std::find(freezes.begin(), freezes.end(), name) != freezes.end()) return one;
  }
  return nullptr;
}

InForce in_force(const std::vector<Exception>& all, const gates::ExceptionPolicy& policy,
                 const gates::ApprovalPolicy& people, const Candidate& candidate, Time now) {
  const ExceptionTarget wanted = target_of(candidate);
  InForce out;
  if (people.people.empty()) out.taken_for_granted = gates::kEachKeyIsAPerson;
  for (const Exception& one : all) {
    if (one.request.target.covers(wanted) && !gates::breach_at(one, {policy, people, all}, now))
      out.list.push_back(&one);
  }
  return out;
}

ExceptionTarget target_of(const Candidate& candidate) {
  return {candidate.commit, candidate.manifest, candidate.train};
}

std::string text_of(const ExceptionScope& scope) {
  std::vector<std::string> parts;
  if (!scope.gates.empty()) parts.push_back("gates " + join(scope.gates, ", "));
  if (!scope.freezes.empty()) parts.push_back("freezes " + join(scope.freezes, ", "));
  if (scope.scope_lock) parts.emplace_back("the scope lock");
  return printable(join(parts, "; "));
}

std::string text_of(const ExceptionTarget& target) {
  constexpr std::size_t kShown = 12;
  std::vector<std::string> parts;
  if (target.train) parts.push_back("train " + printable(*target.train));
  if (target.manifest) parts.push_back("manifest " + target.manifest->substr(0, kShown));
  if (target.commit) parts.push_back("commit " + target.commit->substr(0, kShown));
  return join(parts, ", ");
}

}  // namespace signalbox::train
