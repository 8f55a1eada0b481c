// Predicates of exceptions: read strictly, written in the same form.
#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/git/object.hpp"
#include "instruments/train/gating/exception_book.hpp"

namespace signalbox::train {
namespace {

using gates::Exception;
using gates::ExceptionApproval;
using gates::ExceptionAudit;
using gates::ExceptionRequest;
using gates::ExceptionScope;
using gates::ExceptionTarget;

constexpr std::size_t kMaxNames = 100;
constexpr std::size_t kMaxNameBytes = 200;
constexpr std::int64_t kLastSecond = 253402300799;  // of the year 9999
constexpr std::string_view kSha256 = "sha256:";

tl::unexpected<Error> wrong(std::string_view member, std::string_view what) {
  return fail(ErrorKind::bad_input, fmt::format("exception: {}: {}", member, what));
}

Json list_of(const std::vector<std::string>& names) {
  Json out = Json::array();
  for (const std::string& name : names) out.push_back(name);
  return out;
}

std::int64_t seconds_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

Result<Time> time_in(const Json& predicate, std::string_view member) {
  const Json& value = predicate[member];
  if (!value.is_integer() || value.as_integer() <= 0 || value.as_integer() > kLastSecond)
    return wrong(member, "is no time in Unix seconds");
  return Time(std::chrono::seconds(value.as_integer()));
}

Result<std::uint64_t> index_in(const Json& predicate, std::string_view member) {
  const Json& value = predicate[member];
  if (!value.is_integer() || value.as_integer() < 0) return wrong(member, "is no index of the log");
  return static_cast<std::uint64_t>(value.as_integer());
}

Result<std::string> text_in(const Json& predicate, std::string_view member) {
  const Json& value = predicate[member];
  if (!value.is_string() || value.as_string().empty()) return wrong(member, "is no text");
  if (value.as_string().size() > kMaxReasonBytes)
    return wrong(member, fmt::format("more than {} bytes", kMaxReasonBytes));
  return std::string(value.as_string());
}

Result<std::vector<std::string>> names_in(const Json& scope, std::string_view member) {
  const Json& value = scope[member];
  if (!value.is_array() || value.size() > kMaxNames) return wrong(member, "is no list of names");
  std::vector<std::string> out;
  for (const Json& name : value.items()) {
    if (!name.is_string() || name.as_string().empty() || name.as_string().size() > kMaxNameBytes)
      return wrong(member, "a name in it is none");
    out.emplace_back(name.as_string());
  }
  return out;
}

Result<ExceptionScope> scope_in(const Json& predicate) {
  const Json& scope = predicate["scope"];
  if (!scope.is_object()) return wrong("scope", "is no object");
  ExceptionScope out;
  SIGNALBOX_TRY(out.gates, names_in(scope, "gates"));
  SIGNALBOX_TRY(out.freezes, names_in(scope, "freezes"));
  if (!scope["scope_lock"].is_bool()) return wrong("scope_lock", "is neither true nor false");
  out.scope_lock = scope["scope_lock"].as_bool();
  return out;
}

Result<ExceptionTarget> target_in(const Json& predicate) {
  ExceptionTarget out;
  if (const Json& commit = predicate["commit"]; !commit.is_null()) {
    out.commit = commit.as_string();
    if (!git::parse_object_id(*out.commit)) return wrong("commit", "is no id of a commit");
  }
  if (const Json& manifest = predicate["manifest"]; !manifest.is_null()) {
    const std::string_view text = manifest.as_string();
    if (!text.starts_with(kSha256) || !is_sha256(text.substr(kSha256.size())))
      return wrong("manifest", "is no sha256:HEX");
    out.manifest = text.substr(kSha256.size());
  }
  if (const Json& train = predicate["train"]; !train.is_null()) {
    if (!train.is_string() || train.as_string().empty() || train.as_string().size() > kMaxNameBytes)
      return wrong("train", "is no name");
    out.train = train.as_string();
  }
  return out;
}

// What request and approval have in common.
Json shared_members(const ExceptionRequest& request) {
  const ExceptionTarget& target = request.target;
  return Json::object({{"train", target.train ? Json(*target.train) : Json()},
                       {"commit", target.commit ? Json(*target.commit) : Json()},
                       {"manifest", target.manifest ? Json(std::string(kSha256) + *target.manifest) : Json()},
                       {"scope", Json::object({{"gates", list_of(request.scope.gates)},
                                               {"freezes", list_of(request.scope.freezes)},
                                               {"scope_lock", request.scope.scope_lock}})},
                       {"reason", request.reason},
                       {"requester", request.requester.key.name},
                       {"expires", seconds_of(request.expires)}});
}

}  // namespace

Json to_predicate(const ExceptionRequest& request, const std::string& id) {
  Json out = shared_members(request);
  out.set("id", id);
  return out;
}

Result<ExceptionRequest> parse_exception_request(const Json& predicate) {
  if (!predicate.is_object()) return wrong("predicate", "is no object");
  ExceptionRequest out;
  SIGNALBOX_TRY(out.target, target_in(predicate));
  SIGNALBOX_TRY(out.scope, scope_in(predicate));
  SIGNALBOX_TRY(out.reason, text_in(predicate, "reason"));
  SIGNALBOX_TRY(out.expires, time_in(predicate, "expires"));
  return out;
}

std::string kind_of(const ExceptionScope& scope) {
  const bool freezes_alone = !scope.freezes.empty() && scope.gates.empty() && !scope.scope_lock;
  return freezes_alone ? "freeze-exception" : "exception";
}

Json to_predicate(const ExceptionRequest& request, const ExceptionApproval& approval) {
  Json out = shared_members(request);
  out.set("request", request.index);
  out.set("approver", approval.approver.key.name);
  out.set("window", list_of(request.scope.freezes));
  out.set("audit_due", seconds_of(gates::add_working_days(approval.time, gates::kAuditWorkingDays)));
  return out;
}

Result<ApprovalClaim> parse_exception_approval(const Json& predicate) {
  ApprovalClaim out;
  SIGNALBOX_TRY(out.copy, parse_exception_request(predicate));
  SIGNALBOX_TRY(out.request, index_in(predicate, "request"));
  return out;
}

Json to_predicate(const Exception& exception, const ExceptionAudit& audit, const std::string& id) {
  const ExceptionTarget& target = exception.request.target;
  return Json::object({{"exception", exception.request.index},
                       {"train", target.train ? Json(*target.train) : Json()},
                       {"outcome", audit.justified ? "justified" : "not-justified"},
                       {"finding", audit.finding},
                       {"auditor", audit.auditor.key.name},
                       {"id", id}});
}

Result<AuditClaim> parse_exception_audit(const Json& predicate) {
  if (!predicate.is_object()) return wrong("predicate", "is no object");
  AuditClaim out;
  SIGNALBOX_TRY(out.exception, index_in(predicate, "exception"));
  SIGNALBOX_TRY(out.audit.finding, text_in(predicate, "finding"));
  const std::string_view outcome = predicate["outcome"].as_string();
  if (outcome != "justified" && outcome != "not-justified")
    return wrong("outcome", "is neither justified nor not-justified");
  out.audit.justified = outcome == "justified";
  return out;
}

}  // namespace signalbox::train
