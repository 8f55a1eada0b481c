#include "instruments/train/gating/webhook_routes.hpp"

#include <cstdlib>
#include <mutex>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/sequencer.hpp"
#include "core/git/object.hpp"
#include "instruments/train/departure.hpp"
#include "instruments/train/gating/github_checks.hpp"
#include "instruments/train/gating/webhook.hpp"
#include "instruments/train/serving.hpp"

namespace signalbox::train {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t kMaxSecretBytes = 4096;
constexpr std::size_t kMaxCommentBytes = 1000;
constexpr const char* kGithubSecret = "SIGNALBOX_GITHUB_WEBHOOK_SECRET_FILE";
constexpr const char* kGitlabSecret = "SIGNALBOX_GITLAB_WEBHOOK_TOKEN_FILE";

// Read at each call: a secret that is changed counts at once.
Result<std::string> secret_of(const char* variable) {
  const char* const file = std::getenv(variable);
  if (file == nullptr || *file == '\0') {
    return fail(ErrorKind::denied, "this server takes no such webhook",
                fmt::format("start signalbox serve with {}=FILE", variable));
  }
  const auto text = read_file(file, kMaxSecretBytes);
  if (!text)
    return fail(ErrorKind::unavailable, fmt::format("the file that {} names cannot be read", variable));
  std::string secret(trim(*text));
  if (secret.size() < kMinSecretBytes)
    return fail(ErrorKind::unavailable,
                fmt::format("the secret of {} has fewer than {} characters", variable, kMinSecretBytes));
  return secret;
}

std::string header_of(const Request& request, std::string_view name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string() : found->second;
}

// Takes results of jobs into the log.
class Mailbox {
 public:
  explicit Mailbox(std::shared_ptr<const Services> services) : services_(std::move(services)) {}

  Result<Response> take_github(const Request& request) {
    SIGNALBOX_TRY(const std::string secret, secret_of(kGithubSecret));
    SIGNALBOX_CHECK(check_github_signature(secret, header_of(request, "x-hub-signature-256"), request.body));
    SIGNALBOX_TRY(const Json body, parse_json(request.body));
    SIGNALBOX_TRY(const auto report, parse_github_event(header_of(request, "x-github-event"), body));
    return take(request, report);
  }

  Result<Response> take_gitlab(const Request& request) {
    SIGNALBOX_TRY(const std::string secret, secret_of(kGitlabSecret));
    SIGNALBOX_CHECK(check_gitlab_token(secret, header_of(request, "x-gitlab-token")));
    SIGNALBOX_TRY(const Json body, parse_json(request.body));
    SIGNALBOX_TRY(const auto report, parse_gitlab_event(body));
    return take(request, report);
  }

 private:
  Result<Response> take(const Request& request, const std::optional<CiReport>& report) {
    if (!report) return Response::json(Json::object({{"recorded", Json()}}), 202);
    if (!services_->sequencer || !services_->signing_key)
      return fail(ErrorKind::unavailable, "this server writes nothing: its keys are locked, or not here");
    {
      const std::lock_guard lock(mutex_);
      SIGNALBOX_CHECK(guard_.admit(request.body, report->time, services_->clock.now()));
    }
    SIGNALBOX_TRY(const std::string payload, evidence::write_statement(ci_statement(*report)));
    std::string envelope = evidence::write_envelope(
        evidence::sign_envelope(evidence::kPayloadType, payload, {services_->signing_key.get()}));
    SIGNALBOX_TRY(const std::vector<evidence::Receipt> receipts,
                  services_->sequencer->append({std::move(envelope)}));
    if (receipts.size() != 1) return fail(ErrorKind::internal, "one report was appended without one receipt");
    return Response::json(Json::object({{"recorded", receipts.front().index}}), 201);
  }

  std::shared_ptr<const Services> services_;
  std::mutex mutex_;
  ReplayGuard guard_;
};

// The train whose signed manifest names the commit, of those that wait to depart.
Result<std::optional<std::string>> train_of(const Services& services, const evidence::Ledger* ledger,
                                            const std::string& commit) {
  DeskQuery query;
  query.head = commit;
  SIGNALBOX_TRY(const Desk desk, open_desk(services.workspace, ledger, query, services.clock.now()));
  for (const Train& train : desk.trains) {
    if (train.phase == Phase::locked && train.lock && train.lock->head == commit)
      return std::optional(train.id);
  }
  return std::optional<std::string>();
}

// Answers a custom deployment protection rule of GitHub with the decision about its commit.
class DeploymentDesk {
 public:
  explicit DeploymentDesk(std::shared_ptr<const Services> services) : services_(std::move(services)) {}

  Result<Response> answer(const Request& request) {
    SIGNALBOX_TRY(const std::string secret, secret_of(kGithubSecret));
    SIGNALBOX_CHECK(check_github_signature(secret, header_of(request, "x-hub-signature-256"), request.body));
    SIGNALBOX_TRY(const Json body, parse_json(request.body));
    const std::string environment(body["environment"].as_string());
    const std::string commit(body["deployment"]["sha"].as_string());
    if (environment.empty()) return fail(ErrorKind::bad_input, "webhook: environment: is missing");
    if (!git::parse_object_id(commit))
      return fail(ErrorKind::bad_input, "webhook: deployment.sha: is no id of a commit");
    const Result<Decision> decision = judge(environment, commit);
    const bool is_go = decision && decision->is_go();
    std::string comment = decision ? decision_report(*decision).summary : decision.error().message;
    if (decision && !is_go) comment += "\n" + decision->fix;
    return Response::json(Json::object({{"environment_name", environment},
                                        {"state", is_go ? "approved" : "rejected"},
                                        {"comment", printable(comment.substr(0, kMaxCommentBytes))}}));
  }

 private:
  // What cannot be judged is no GO.
  Result<Decision> judge(const std::string& environment, const std::string& commit) {
    SIGNALBOX_TRY(const auto log, open_log(*services_));
    const evidence::Ledger* const ledger = log ? &*log : nullptr;
    DepartureQuery query;
    query.head = commit;
    query.environment = environment;
    query.commands = DepartureQuery::Commands::never;
    SIGNALBOX_TRY(query.train, train_of(*services_, ledger, commit));
    const std::lock_guard lock(mutex_);
    return judge_departure(services_->workspace, ledger, query, services_->clock.now(), evaluator_);
  }

  std::shared_ptr<const Services> services_;
  std::mutex mutex_;  // of the evaluator
  gates::Evaluator evaluator_;
};

http::Route post(std::string path, std::string summary, http::Handler handle) {
  http::Route out;
  out.method = http::Method::post;
  out.path = "/api/v1/train/" + std::move(path);
  out.summary = std::move(summary);
  out.role = http::Role::none;  // the signature says who speaks
  out.handle = std::move(handle);
  return out;
}

}  // namespace

std::vector<http::Route> webhook_routes(std::shared_ptr<const Services> services) {
  const auto mailbox = std::make_shared<Mailbox>(services);
  const auto desk = std::make_shared<DeploymentDesk>(services);
  return {post("webhooks/github", "A check run of GitHub, signed with the webhook's secret, becomes evidence",
               [mailbox](const Request& request) { return mailbox->take_github(request); }),
          post("webhooks/gitlab", "A job of GitLab, with the webhook's token, becomes evidence",
               [mailbox](const Request& request) { return mailbox->take_gitlab(request); }),
          post("deployment-callback", "GO or NO-GO as a custom deployment protection rule of GitHub wants it",
               [desk](const Request& request) { return desk->answer(request); })};
}

}  // namespace signalbox::train
