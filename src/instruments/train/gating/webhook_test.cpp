// Deliveries of GitHub and GitLab: who may speak, what is old, what becomes evidence, over a real log.
#include "instruments/train/gating/webhook.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "core/base/digest.hpp"
#include "core/base/hmac.hpp"
#include "core/evidence/sequencer.hpp"
#include "instruments/train/departure_fixture.hpp"
#include "instruments/train/gating/preflight.hpp"
#include "instruments/train/gating/webhook_routes.hpp"

namespace signalbox::train {
namespace {

constexpr const char* kSecret = "a secret of the webhook";

class Webhooks : public Departure {
 protected:
  void start(const std::string& policy) {
    make({{"signalbox.yaml", policy}}, {});
    std::ofstream(keys_.path() / "secret") << kSecret << "\n";
    ::setenv("SIGNALBOX_GITHUB_WEBHOOK_SECRET_FILE", (keys_.path() / "secret").c_str(), 1);
    ::setenv("SIGNALBOX_GITLAB_WEBHOOK_TOKEN_FILE", (keys_.path() / "secret").c_str(), 1);
    const std::string url = "sqlite:" + workspace_.database().string();
    services_ = std::make_shared<Services>(Services{workspace_, clock_, "", {}, nullptr});
    services_->database = [this]() -> Result<store::Database*> { return &book_->database(); };
    services_->sequencer = evidence::Sequencer::start([url] { return store::open_database(url); }, clock_,
                                                      book_->log_signing_key().value())
                               .value();
    services_->signing_key = std::make_shared<const evidence::SigningKey>(std::move(*book_->signing_key()));
    routes_ = webhook_routes(services_);
  }
  void TearDown() override {
    ::unsetenv("SIGNALBOX_GITHUB_WEBHOOK_SECRET_FILE");
    ::unsetenv("SIGNALBOX_GITLAB_WEBHOOK_TOKEN_FILE");
  }
  std::string head() { return scratch_->git({"rev-parse", "HEAD"}); }
  Result<http::Response> post(const std::string& path, const Json& body,
                              std::map<std::string, std::string, std::less<>> headers = {}) {
    http::Request request;
    request.method = http::Method::post;
    request.path = "/api/v1/train/" + path;
    request.body = body.dump();
    request.headers = std::move(headers);
    if (request.headers.empty()) {
      request.headers["x-hub-signature-256"] = "sha256=" + to_hex(hmac_sha256(kSecret, request.body));
      request.headers["x-github-event"] = "check_run";
      request.headers["x-gitlab-token"] = kSecret;
    }
    const auto route = std::find_if(routes_.begin(), routes_.end(),
                                    [&](const http::Route& one) { return one.path == request.path; });
    return route->handle(request);
  }
  Json check_run(const std::string& conclusion, Time ended) {
    return Json::object({{"action", "completed"},
                         {"check_run", Json::object({{"id", 7},
                                                     {"name", "unit"},
                                                     {"head_sha", head()},
                                                     {"status", "completed"},
                                                     {"conclusion", conclusion},
                                                     {"completed_at", to_rfc3339(ended)}})},
                         {"repository", Json::object({{"full_name", "octo/shop"}})}});
  }

  std::shared_ptr<Services> services_;
  std::vector<http::Route> routes_;
};

constexpr const char* kCi =
    "train:\n  rubric: []\n  changelog: false\n  pass_at: 0\n  gates: [{name: ci, kind: ci, jobs: [unit]}]\n";

TEST_F(Webhooks, ACheckRunOfGithubTurnsItsGateGreenAndTheNextOneRed) {
  start(kCi);
  EXPECT_EQ(check_of(judged(), "ci").reason, "missing");
  const auto taken = post("webhooks/github", check_run("success", clock_.now()));
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->status, 201);
  EXPECT_TRUE(judged().is_go());
  clock_.advance(std::chrono::seconds(30));
  ASSERT_TRUE(post("webhooks/github", check_run("timed_out", clock_.now())));
  EXPECT_EQ(check_of(judged(), "ci").reason, "condition");
}

TEST_F(Webhooks, ADeliveryCountsOnceAndNotWhenItIsOld) {
  start(kCi);
  const Json body = check_run("success", clock_.now());
  ASSERT_TRUE(post("webhooks/github", body));
  const auto again = post("webhooks/github", body);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
  clock_.advance(std::chrono::minutes(5) + std::chrono::seconds(1));
  const auto late = post("webhooks/github", body);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::denied);
  EXPECT_FALSE(post("webhooks/github", check_run("success", clock_.now() + std::chrono::minutes(6))));
}

TEST_F(Webhooks, WhoDoesNotHaveTheSecretIsDenied) {
  start(kCi);
  const Json body = check_run("success", clock_.now());
  for (const std::string& header :
       std::vector<std::string>{"", "sha256=", "sha256=00", "sha1=" + std::string(64, '0')}) {
    const auto refused =
        post("webhooks/github", body, {{"x-hub-signature-256", header}, {"x-github-event", "check_run"}});
    ASSERT_FALSE(refused) << header;
    EXPECT_EQ(refused.error().kind, ErrorKind::denied) << header;
  }
  EXPECT_FALSE(post("webhooks/gitlab", body, {{"x-gitlab-token", "another"}}));
  EXPECT_FALSE(post("deployment-callback", body, {{"x-hub-signature-256", "sha256=00"}}));
  ::unsetenv("SIGNALBOX_GITHUB_WEBHOOK_SECRET_FILE");
  const auto none = post("webhooks/github", body);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().hint.find("SIGNALBOX_GITHUB_WEBHOOK_SECRET_FILE"), std::string::npos);
  EXPECT_EQ(check_of(judged(), "ci").reason, "missing") << "nothing of it was recorded";
}

TEST_F(Webhooks, AJobOfGitlabIsReadAndOtherEventsAreNot) {
  start(kCi);
  Json job = Json::object({{"object_kind", "build"},
                           {"sha", head()},
                           {"build_name", "unit"},
                           {"build_status", "success"},
                           {"build_finished_at", "2025-06-15 15:06:00 UTC"},
                           {"project_name", "octo / shop"}});
  const auto taken = post("webhooks/gitlab", job);  // the clock stands at 15:06:40
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_TRUE(judged().is_go());
  EXPECT_EQ(post("webhooks/gitlab", Json::object({{"object_kind", "push"}}))->status, 202);
  job.set("sha", "main");
  EXPECT_EQ(post("webhooks/gitlab", job).error().message, "webhook: sha: is no id of a commit");
  job.set("sha", head());
  job.set("build_finished_at", "yesterday");
  EXPECT_EQ(post("webhooks/gitlab", job).error().message, "webhook: build_finished_at: is no time");
}

TEST_F(Webhooks, ADeploymentIsAnsweredWithTheDecisionForItsEnvironment) {
  start(std::string(kNoGates) +
        "  freeze:\n    - {name: fair, environments: [production], start: 2025-06-01T00:00:00Z, end: "
        "2025-07-01T00:00:00Z}\n");
  const auto asked = [&](const std::string& environment, const std::string& commit) {
    const auto answer =
        post("deployment-callback",
             Json::object({{"environment", environment}, {"deployment", Json::object({{"sha", commit}})}}));
    return answer ? parse_json(answer->body).value() : Json();
  };
  EXPECT_EQ(asked("staging", head())["state"].as_string(), "approved");
  EXPECT_EQ(asked("production", head())["state"].as_string(), "rejected");
  EXPECT_EQ(asked("production", head())["environment_name"].as_string(), "production");
  EXPECT_EQ(asked("staging", std::string(40, 'a'))["state"].as_string(), "rejected") << "nobody knows it";
}

TEST_F(Webhooks, ThePreflightTableHasSixRowsAndReallyHashesTheArtifact) {
  make({{"signalbox.yaml",
         "train:\n  rubric: []\n  gates: []\n  changelog: false\n  pass_at: 0\n  approvals: {}\n"
         "  preflight:\n    artifacts: {file: app.tar, checksums: SHA256SUMS, owner: platform}\n"
         "    stakeholder-signoff: {role: approver}\n"}},
       {});
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(scratch_->path() / name) << text;
  };
  write("app.tar", "the program");
  write("SHA256SUMS", to_hex(sha256("the program")) + "  app.tar\n");
  const Decision decision = judged();
  std::vector<std::string> names;
  for (const Judged& one : decision.gates) names.push_back(one.gate.name);
  EXPECT_EQ(names, (std::vector<std::string>{"artifacts", "ci-quality", "migration-plan", "observability",
                                             "release-notes", "stakeholder-signoff"}));
  for (const Judged& one : decision.gates) EXPECT_NE(one.gate.owner, "") << one.gate.name;
  EXPECT_EQ(decision.gates.front().gate.owner, "platform");
  EXPECT_EQ(check_of(decision, "artifacts").verdict, Verdict::pass);
  write("app.tar", "another program");
  EXPECT_EQ(check_of(judged(), "artifacts").reason, "checksum");
  const auto parsed = [](const std::string& text) {
    return parse_preflight(config::parse_yaml(text, "x").value());
  };
  EXPECT_FALSE(parsed("{artifacts: {file: a}}")) << "without a checksum nothing would be verified";
  EXPECT_FALSE(parsed("{artifacts: {file: a, checksums: b}, reviews: {owner: x}}"));
  EXPECT_FALSE(parsed("{artifacts: {file: a, checksums: b}, observability: {jobs: [x]}}"));
}

}  // namespace
}  // namespace signalbox::train
