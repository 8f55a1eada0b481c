// Check runs as GitHub's API tells them, asked of a server on this machine.
#include "instruments/train/gating/github_checks.hpp"

#include <gtest/gtest.h>

#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/http/client.hpp"

namespace signalbox::train {
namespace {

class CheckRuns : public ::testing::Test {
 protected:
  CheckRuns()
      : process_(Process::start({"python3", (testing::source_directory() /
                                             "src/instruments/train/gating/testdata/check_runs.py")
                                                .string()})
                     .value()) {
    rule_.source = gates::CiRule::Source::github;
    rule_.repository = "octo/shop";
    rule_.api = "http://127.0.0.1:" + std::string(trim(process_.read().value()));
  }
  Json get(const std::string& path) const {
    http::ClientRequest request;
    request.url = rule_.api + path;
    return parse_json(http::send(request).value().body).value();
  }
  Result<std::vector<gates::CiRun>> runs(const std::string& mode) {
    get("/control/" + mode);
    return GithubChecks({"secret", std::chrono::seconds(5)}).runs(rule_, commit_);
  }
  gates::CiAnswer::Kind judged(const std::string& mode) {
    return judge_runs(rule_, commit_, runs(mode).value()).kind;
  }

  Process process_;
  gates::CiRule rule_;
  std::string commit_ = std::string(40, 'a');
};

TEST_F(CheckRuns, AreAskedForByCommitAndWithTheToken) {
  EXPECT_EQ(judged("green"), gates::CiAnswer::Kind::green);
  EXPECT_EQ(get("/seen")["path"].as_string(), "/repos/octo/shop/commits/" + commit_ + "/check-runs");
  EXPECT_EQ(get("/seen")["token"].as_string(), "Bearer secret");
}

TEST_F(CheckRuns, OfAnotherCommitAreRefused) {
  EXPECT_EQ(judged("other"), gates::CiAnswer::Kind::other_commit);
}

TEST_F(CheckRuns, SkippedIsNotGreenAndRunningIsNotDone) {
  EXPECT_EQ(judged("red"), gates::CiAnswer::Kind::failed);
  EXPECT_EQ(judged("running"), gates::CiAnswer::Kind::running);
}

TEST_F(CheckRuns, AreReadToTheLastPage) {
  const auto all = runs("many");
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->size(), 150U);
  EXPECT_EQ(all->back().job, "job 149");
}

TEST_F(CheckRuns, NoAnswerIsUnavailableAndNeverGreen) {
  for (const char* mode : {"missing", "junk"}) {
    const auto answer = runs(mode);
    ASSERT_FALSE(answer) << mode;
    EXPECT_EQ(answer.error().kind, ErrorKind::unavailable) << mode;
  }
  rule_.api = "http://127.0.0.1:1";
  const auto nobody = GithubChecks({"", std::chrono::seconds(2)}).runs(rule_, commit_);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().kind, ErrorKind::unavailable);
}

TEST(CheckRunsPage, WhatIsNoneIsNamedByItsMember) {
  const std::string commit(40, 'a');
  const auto page = [&](const std::string& run) {
    return parse_check_runs(R"({"total_count":1,"check_runs":[)" + run + "]}");
  };
  const std::string good =
      R"({"id":1,"name":"unit","head_sha":")" + commit + R"(","status":"completed","conclusion":"success"})";
  ASSERT_TRUE(page(good));
  for (const auto& [run, member] :
       {std::pair<std::string, std::string>{"7", "check_runs"},
        {R"({"id":1,"head_sha":")" + commit + R"(","status":"queued"})", "name"},
        {R"({"id":1,"name":"unit","head_sha":"main","status":"queued"})", "head_sha"},
        {R"({"name":"unit","head_sha":")" + commit + R"(","status":"queued"})", "id"},
        {R"({"id":1,"name":"unit","head_sha":")" + commit + R"("})", "status"},
        {R"({"id":1,"name":"unit","head_sha":")" + commit + R"(","status":"completed"})", "conclusion"}}) {
    const auto answer = page(run);
    ASSERT_FALSE(answer) << run;
    EXPECT_NE(answer.error().message.find("check runs: " + member), std::string::npos)
        << answer.error().message;
  }
  EXPECT_FALSE(parse_check_runs("{}"));
  EXPECT_FALSE(parse_check_runs("[]"));
}

}  // namespace
}  // namespace signalbox::train
