// The program as a user runs it: nothing of a configuration runs before it was allowed, nor after it changed.
#include "commands/allow/allow.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/gates/allow.hpp"
#include "core/gates/gate.hpp"
#include "core/git/scratch_repository.hpp"

namespace signalbox {
namespace {

constexpr const char* kConfiguration =
    "train:\n  gates:\n    - name: smoke\n      command: [touch, ran]\n    - name: shell\n      command: "
    "exit 3\n";

class AllowTest : public ::testing::Test {
 protected:
  AllowTest() {
    ::setenv("XDG_DATA_HOME", (folder_.path() / "data").c_str(), 1);
    root_ = std::filesystem::canonical(folder_.path()) / "work";
    write(kConfiguration);
  }
  void write(const std::string& text) const {
    ASSERT_TRUE(write_file_atomically(root_ / "signalbox.yaml", text));
  }
  ProcessResult allow(std::vector<std::string> words = {}) const {
    words.insert(words.begin(), (testing::build_directory() / "lib/signalbox/signalbox-allow").string());
    ProcessOptions options;
    options.directory = root_;
    const auto ran = run_process(words, options);
    return ran ? *ran : ProcessResult{-1, "", ran.error().message};
  }
  gates::Configuration configuration() const {
    return gates::configuration_of({.root = root_}, "signalbox.yaml", *read_file(root_ / "signalbox.yaml"),
                                   "");
  }
  Result<ProcessResult> run() const { return gates::run_allowed_command(configuration(), {"touch", "ran"}); }
  bool ran() const { return std::filesystem::exists(root_ / "ran"); }

  TemporaryDirectory folder_;
  std::filesystem::path root_;
};

TEST_F(AllowTest, NothingRunsBeforeItIsAllowed) {
  const auto refused = run();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::denied);
  EXPECT_EQ(refused.error().hint, "signalbox allow");
  EXPECT_FALSE(ran());
  const ProcessResult allowed = allow();
  EXPECT_EQ(allowed.exit_code, 0) << allowed.errors;
  EXPECT_NE(allowed.output.find("touch ran"), std::string::npos) << allowed.output;
  EXPECT_NE(allowed.output.find("signalbox.yaml:4:16"), std::string::npos) << allowed.output;
  ASSERT_TRUE(run());
  EXPECT_TRUE(ran());
}

TEST_F(AllowTest, WhatADepartureRunsAndAsksIsTold) {
  write(R"(train:
  driver:
    kind: nginx
    pools: {blue: ["127.0.0.1:9001"], green: ["127.0.0.1:9002"]}
    check: [nginx, -t]
  hooks:
    timeout: 5s
    smoke: [[curl, -f, "http://127.0.0.1/"], [./smoke.sh]]
  canary:
    steps: [25, 50]
    baseline: 1s
  rehearsal:
    environment: staging
    data_checks: [[./check_data.sh]]
  metrics: {prometheus: "http://127.0.0.1:9090"}
)");
  const ProcessResult allowed = allow();
  EXPECT_EQ(allowed.exit_code, 0) << allowed.errors;
  for (const char* told : {"allowed 4 commands", "nginx -t", "curl -f http://127.0.0.1/", "./smoke.sh",
                           "./check_data.sh", "http://127.0.0.1:9090"}) {
    EXPECT_NE(allowed.output.find(told), std::string::npos) << told << "\n" << allowed.output;
  }
  EXPECT_EQ(allowed.output.find("9001"), std::string::npos) << allowed.output;
}

TEST_F(AllowTest, WhoIsToldOfATrainIsTold) {
  write(R"(train:
  channels:
    - {name: script, run: [./announce.sh, now]}
    - {name: chat, webhook: {url_env: CHAT_URL}}
    - {name: hook, webhook: {url: "https://example.org/hook"}}
    - {name: mail, mail: {server: "smtp://mail.example.org", from: a@example.org, to: b@example.org}}
)");
  const ProcessResult allowed = allow();
  EXPECT_EQ(allowed.exit_code, 0) << allowed.errors;
  for (const char* told : {"allowed 1 command", "./announce.sh now", "$CHAT_URL", "https://example.org/hook",
                           "smtp://mail.example.org"}) {
    EXPECT_NE(allowed.output.find(told), std::string::npos) << told << "\n" << allowed.output;
  }
}

TEST_F(AllowTest, OneChangedOctetIsAnotherConfiguration) {
  ASSERT_EQ(allow().exit_code, 0);
  write(std::string(kConfiguration) + "# \n");
  EXPECT_FALSE(run());
  write(kConfiguration);
  EXPECT_TRUE(run());
}

TEST_F(AllowTest, TheSameFileElsewhereIsAnotherConfiguration) {
  ASSERT_EQ(allow().exit_code, 0);
  gates::Configuration clone = configuration();
  clone.path = "/somewhere/else/signalbox.yaml";
  EXPECT_FALSE(gates::run_allowed_command(clone, {"touch", "ran"}));
}

TEST_F(AllowTest, WhatIsRevokedNoLongerRuns) {
  ASSERT_EQ(allow().exit_code, 0);
  EXPECT_NE(allow({"--list"}).output.find(root_.string()), std::string::npos);
  EXPECT_EQ(allow({"--revoke"}).exit_code, 0);
  EXPECT_FALSE(run());
  EXPECT_EQ(allow({"--list"}).output.find(root_.string()), std::string::npos);
}

TEST_F(AllowTest, AWorkspaceWithoutConfigurationHasNothingToAllow) {
  std::filesystem::remove(root_ / "signalbox.yaml");
  EXPECT_EQ(allow().exit_code, 2);
  EXPECT_EQ(allow({"--list", "--revoke"}).exit_code, 2);
}

TEST_F(AllowTest, TheConfigurationOfACommitIsAllowedAsItIsThere) {
  git::History history;
  history.commit({.message = "feat: a", .files = {{"sub/signalbox.yaml", kConfiguration}}});
  const git::ScratchRepository repository(history);
  repository.git({"checkout", "-q", "main"});
  root_ = std::filesystem::canonical(repository.path()) / "sub";
  write("name: changed since\n");
  const ProcessResult allowed = allow({"--revision", "HEAD"});
  EXPECT_EQ(allowed.exit_code, 0) << allowed.errors;
  EXPECT_FALSE(run()) << "the work tree's own is another";
  auto of_commit = gates::configuration_of({.root = root_}, "signalbox.yaml", kConfiguration, "HEAD");
  EXPECT_EQ(of_commit.allow_with, "signalbox allow --revision HEAD");
  EXPECT_TRUE(gates::run_allowed_command(of_commit, {"touch", "ran"}));
  EXPECT_EQ(allow({"--revision", "no-such"}).exit_code, 2);
}

TEST_F(AllowTest, AGateWithACommandPassesByItsExitCode) {
  gates::Evaluator evaluator;
  const evidence::Trust trust;
  const gates::Configuration here = configuration();
  gates::Situation situation{.trust = trust, .commit = {"HEAD", {{"gitCommit", std::string(40, 'a')}}}};
  gates::Gate gate;
  gate.kind = gates::GateKind::command;
  gate.name = "smoke";
  gate.command = {"touch", "ran"};
  EXPECT_EQ(gates::judge(gate, situation, evaluator)->check.reason, "not-allowed");
  situation.configuration = &here;
  const Check refused = gates::judge(gate, situation, evaluator)->check;
  EXPECT_EQ(refused.reason, "not-allowed");
  EXPECT_EQ(refused.remedy, "signalbox allow");
  EXPECT_FALSE(ran());
  ASSERT_EQ(allow().exit_code, 0);
  EXPECT_EQ(gates::judge(gate, situation, evaluator)->check.verdict, Verdict::pass);
  gate.command = {"/bin/sh", "-c", "echo broken >&2; exit 3"};
  const Check failed = gates::judge(gate, situation, evaluator)->check;
  EXPECT_EQ(failed.reason, "condition");
  EXPECT_EQ(failed.answer, "it exited with 3: broken");
}

}  // namespace
}  // namespace signalbox
