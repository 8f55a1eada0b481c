#include "instruments/train/gating/webhook.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/hmac.hpp"
#include "core/base/text.hpp"
#include "core/git/object.hpp"
#include "instruments/train/events/event.hpp"
#include "instruments/train/gating/github_checks.hpp"

namespace signalbox::train {
namespace {

using gates::CiRun;

constexpr std::size_t kMaxNameBytes = 500;

tl::unexpected<Error> wrong(std::string_view member, std::string_view what) {
  return fail(ErrorKind::bad_input, fmt::format("webhook: {}: {}", member, what));
}

Result<std::string> name_in(const Json& object, std::string_view member) {
  const std::string_view text = object[member].as_string();
  if (text.empty() || text.size() > kMaxNameBytes) return wrong(member, "is no name");
  return std::string(text);
}

// RFC 3339, or as GitLab writes it: "2026-11-25 07:48:06 UTC".
std::optional<Time> time_in(const Json& value) {
  std::string text(value.as_string());
  constexpr std::string_view utc = " UTC";
  if (text.ends_with(utc) && text.size() > utc.size()) {
    text.resize(text.size() - utc.size());
    text += 'Z';
    if (const std::size_t space = text.find(' '); space != std::string::npos) text[space] = 'T';
  }
  const auto time = parse_rfc3339(text);
  return time ? std::optional<Time>(*time) : std::nullopt;
}

// The first of the members that holds a time.
Result<Time> time_of(const Json& object, std::initializer_list<std::string_view> members) {
  for (const std::string_view member : members) {
    if (const auto time = time_in(object[member])) return *time;
  }
  return wrong(*members.begin(), "is no time");
}

std::string_view name_of(CiRun::Outcome outcome) {
  switch (outcome) {
    case CiRun::Outcome::success:
      return "success";
    case CiRun::Outcome::failure:
      return "failure";
    case CiRun::Outcome::running:
      return "running";
    case CiRun::Outcome::stale:
      return "stale";
  }
  return "";
}

CiRun::Outcome outcome_of_gitlab(std::string_view status) {
  constexpr std::array<std::string_view, 7> running = {
      "created", "pending", "running", "waiting_for_resource", "preparing", "scheduled", "manual"};
  if (status == "success") return CiRun::Outcome::success;
  const bool is_running = std::find(running.begin(), running.end(), status) != running.end();
  return is_running ? CiRun::Outcome::running : CiRun::Outcome::failure;
}

}  // namespace

Status check_github_signature(std::string_view secret, std::string_view header, std::string_view body) {
  const std::string wanted = "sha256=" + to_hex(hmac_sha256(secret, body));
  if (is_same_secret(wanted, header)) return {};
  return fail(ErrorKind::denied, "X-Hub-Signature-256 is not that of this body and this server's secret");
}

Status check_gitlab_token(std::string_view secret, std::string_view header) {
  if (is_same_secret(secret, header)) return {};
  return fail(ErrorKind::denied, "X-Gitlab-Token is not this server's secret");
}

Result<std::optional<CiReport>> parse_github_event(std::string_view event, const Json& body) {
  if (event != "check_run") return std::optional<CiReport>();
  const Json& run = body["check_run"];
  if (!run.is_object()) return wrong("check_run", "is no object");
  CiReport out;
  out.server = "github";
  SIGNALBOX_TRY(out.run, parse_check_run(run));
  SIGNALBOX_TRY(out.repository, name_in(body["repository"], "full_name"));
  SIGNALBOX_TRY(out.time, time_of(run, {"completed_at", "started_at"}));
  return std::optional(std::move(out));
}

Result<std::optional<CiReport>> parse_gitlab_event(const Json& body) {
  if (body["object_kind"].as_string() != "build") return std::optional<CiReport>();
  CiReport out;
  out.server = "gitlab";
  SIGNALBOX_TRY(out.run.job, name_in(body, "build_name"));
  SIGNALBOX_TRY(out.run.commit, name_in(body, "sha"));
  if (!git::parse_object_id(out.run.commit)) return wrong("sha", "is no id of a commit");
  SIGNALBOX_TRY(out.run.words, name_in(body, "build_status"));
  out.run.outcome = outcome_of_gitlab(out.run.words);
  if (body["build_allow_failure"].as_bool() && out.run.outcome == CiRun::Outcome::failure)
    out.run.words += ", which its pipeline allows";
  SIGNALBOX_TRY(out.repository, name_in(body, "project_name"));
  SIGNALBOX_TRY(out.time, time_of(body, {"build_finished_at", "build_started_at", "build_created_at"}));
  return std::optional(std::move(out));
}

evidence::Statement ci_statement(const CiReport& report) {
  evidence::Statement out;
  out.subjects = {{printable(report.repository), {{"gitCommit", report.run.commit}}}};
  out.predicate_type = event_type("ci");
  out.predicate = Json::object({{"server", report.server},
                                {"repository", report.repository},
                                {"job", report.run.job},
                                {"commit", report.run.commit},
                                {"outcome", name_of(report.run.outcome)},
                                {"words", report.run.words},
                                {"where", report.run.where},
                                {"time", to_rfc3339(report.time)}});
  return out;
}

Status ReplayGuard::admit(std::string_view body, Time said, Time now) {
  if (now - said > kReplayWindow || said - now > kReplayWindow) {
    return fail(ErrorKind::denied,
                fmt::format("it tells of {}, and now is {}: at most {} lie between", to_rfc3339(said),
                            to_rfc3339(now), to_text(kReplayWindow)),
                "run the job again: an old delivery is not taken twice");
  }
  std::erase_if(seen_, [&](const auto& one) { return now - one.second > 2 * kReplayWindow; });
  if (seen_.size() >= kMaxSeenDeliveries)
    return fail(ErrorKind::unavailable, "more deliveries than can be told apart came within minutes");
  if (!seen_.emplace(to_hex(sha256(body)), now).second)
    return fail(ErrorKind::conflict, "this delivery came already");
  return {};
}

}  // namespace signalbox::train
