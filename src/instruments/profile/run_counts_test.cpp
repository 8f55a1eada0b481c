#include "instruments/profile/run_counts.hpp"

#include <set>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/killed_writer.hpp"

namespace signalbox::profile {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kLong{60'000};

TEST(RunCountsTest, SeveralProcessesAtOnceLoseNone) {
  constexpr int kProcesses = 4;
  constexpr int kRuns = 25;
  const TemporaryDirectory folder;
  for (int process = 0; process < kProcesses; ++process) {
    if (::fork() != 0) continue;
    for (int run = 0; run < kRuns; ++run) RunCounts(folder.path()).add("record", kLong);
    ::_exit(0);
  }
  for (int process = 0; process < kProcesses; ++process) ASSERT_GT(::wait(nullptr), 0);
  RunCounts(folder.path()).add("store add", kLong);
  const std::map<std::string, std::uint64_t> expected{{"record", kProcesses * kRuns}, {"store add", 1}};
  EXPECT_EQ(RunCounts(folder.path()).read(), expected);
}

TEST(RunCountsTest, WhoIsKilledSpoilsNothing) {
  constexpr int kRounds = 10;
  const TemporaryDirectory folder;
  std::set<std::uint64_t> acknowledged;
  const auto count = [&] {
    const auto counts = RunCounts(folder.path()).read();
    const auto found = counts.find("check");
    return found == counts.end() ? std::uint64_t{0} : found->second;
  };
  const auto write = [&](const testing::Acknowledge& acknowledge) {
    for (;;) {
      RunCounts(folder.path()).add("check", kLong);
      acknowledge(count());
    }
  };
  testing::kill_while_writing(kRounds, 20'000, write, acknowledged);
  ASSERT_FALSE(acknowledged.empty());
  EXPECT_GE(count(), *acknowledged.rbegin());
  EXPECT_LE(count(), acknowledged.size() + kRounds);  // each may have counted one more
}

TEST(RunCountsTest, WhatIsNoCountIsLeftOut) {
  const TemporaryDirectory folder;
  const fs::path file = folder.path() / "runs.json";
  const RunCounts counts(folder.path());
  EXPECT_TRUE(counts.read().empty());
  ASSERT_TRUE(
      write_file_atomically(file, R"({"record": 3, "x\"} 1\ny{a=\"": 4, "top": -1, "dump": "5", "": 6})"));
  const std::map<std::string, std::uint64_t> expected{{"record", 3}};
  EXPECT_EQ(counts.read(), expected);
  ASSERT_TRUE(write_file_atomically(file, "{\"record\": 3"));
  EXPECT_TRUE(counts.read().empty());
  counts.add("record", kLong);
  EXPECT_EQ(counts.read().at("record"), 1U);
}

class CountedRuns : public ::testing::Test {
 protected:
  // Runs `profile WORDS…` there, where it is answered without anything being done.
  void run(const fs::path& there, const std::vector<std::string>& words) const {
    cli::Command command;
    command.name = "profile";
    command.run = nothing_;
    cli::Command store;
    store.name = "store";
    cli::Command add;
    add.name = "add";
    add.run = nothing_;
    store.commands = {add};
    command.commands = {store};
    command = counting_runs(std::move(command));
    const cli::Command* asked = &command;
    for (const std::string& word : words) {
      ASSERT_EQ(asked->commands.front().name, word);
      asked = &asked->commands.front();
    }
    const auto workspace = find_workspace(there);
    ASSERT_TRUE(workspace);
    const SystemClock clock;
    struct : cli::Progress {
      void update(std::uint64_t, std::uint64_t, std::string_view) override {}
      void finish() override {}
    } progress;
    cli::Context context{*workspace, clock, progress};
    ASSERT_TRUE(asked->run({}, context));
  }
  const cli::Handler nothing_ = [](const cli::Arguments&, cli::Context&) -> Result<cli::Outcome> {
    return cli::Artifact{};
  };
  const TemporaryDirectory folder_;
};

TEST_F(CountedRuns, AreToldByTheWordsOfTheirCommand) {
  ASSERT_TRUE(write_file_atomically(folder_.path() / "signalbox.yaml", "name: shop\n"));
  run(folder_.path(), {});
  run(folder_.path(), {"store", "add"});
  run(folder_.path(), {"store", "add"});
  const auto workspace = find_workspace(folder_.path());
  ASSERT_TRUE(workspace);
  const std::string text = runs_metric(*workspace, kRunsByServer);
  EXPECT_NE(text.find("signalbox_profile_runs_total{subcommand=\"record\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("signalbox_profile_runs_total{subcommand=\"store add\"} 2\n"), std::string::npos)
      << text;
  // An agent's are another counter: whoever adds up all that is scraped counts each run once.
  const std::string by_agent = runs_metric(*workspace, kRunsByAgent);
  EXPECT_EQ(by_agent.find("signalbox_profile_runs_total"), std::string::npos) << by_agent;
  EXPECT_NE(by_agent.find("signalbox_profile_agent_workspace_runs_total{subcommand=\"record\"} 1\n"),
            std::string::npos)
      << by_agent;
}

TEST_F(CountedRuns, LeaveNothingWhereThereIsNoWorkspace) {
  run(folder_.path(), {});
  EXPECT_TRUE(fs::is_empty(folder_.path()));
  EXPECT_EQ(runs_metric(find_workspace(folder_.path()).value(), kRunsByServer), "");
}

TEST_F(CountedRuns, LeaveAnothersFolderAlone) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may give a folder away";
  fs::create_directories(folder_.path() / ".signalbox");
  ASSERT_EQ(::chown((folder_.path() / ".signalbox").c_str(), 65534, 65534), 0);
  run(folder_.path(), {});
  EXPECT_TRUE(fs::is_empty(folder_.path() / ".signalbox"));
}

}  // namespace
}  // namespace signalbox::profile
