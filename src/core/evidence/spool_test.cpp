#include "core/evidence/spool.hpp"

#include <csignal>
#include <fstream>
#include <map>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/killed_writer.hpp"
#include "core/evidence/ledger_fixture.hpp"

namespace signalbox::evidence {
namespace {

namespace fs = std::filesystem;

class SpoolTest : public LedgerFixture {
 protected:
  Spool spool() const { return Spool(folder_.path() / "spool"); }
  static Spool::Log into(Ledger& ledger) {
    return [&ledger](const std::vector<std::string>& envelopes) -> Status {
      SIGNALBOX_CHECK(ledger.append(envelopes, Repeats::skipped));
      return {};
    };
  }
  std::vector<fs::path> files(std::string_view ending) const {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(spool().folder())) {
      if (entry.path().string().ends_with(ending)) out.push_back(entry.path());
    }
    return out;
  }
  std::vector<std::string> logged() const {
    const auto database = open_store();
    std::vector<std::string> out;
    const auto ledger = Ledger::open_read_only(*database);
    for (std::uint64_t i = 0; ledger && i < ledger->size(); ++i) out.push_back(ledger->entry(i)->envelope);
    return out;
  }

  TemporaryDirectory folder_;
};
INSTANTIATE_TEST_SUITE_P(Engines, SpoolTest,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql), name_of_engine);

TEST_P(SpoolTest, IsDrainedInTheOrderInWhichItWasFilled) {
  std::vector<std::string> all;
  for (int i = 0; i < 300; ++i) all.push_back(envelope(i));
  Spool spool = this->spool();
  ASSERT_TRUE(spool.keep({all.begin(), all.begin() + 3}));
  ASSERT_TRUE(spool.keep({all.begin() + 2, all.end()})) << "the third waits already";
  EXPECT_EQ(spool.waiting(), 300U);
  const auto database = open_store();
  Ledger ledger = open(*database);
  const auto drained = spool.drain(into(ledger));
  ASSERT_TRUE(drained) << drained.error().message;
  EXPECT_EQ(drained->logged, 300U);
  EXPECT_EQ(spool.waiting(), 0U);
  EXPECT_EQ(logged(), all);
}

TEST_P(SpoolTest, WhatTheLogHoldsIsNotLoggedAgain) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  const auto first = ledger.append({envelope(1), envelope(2)});
  ASSERT_TRUE(first);
  const auto again = ledger.append({envelope(3), envelope(2), envelope(3), envelope(4)}, Repeats::skipped);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)[0].index, 2U);
  EXPECT_EQ((*again)[1].index, 1U);
  EXPECT_TRUE((*again)[1].was_there);
  EXPECT_EQ((*again)[1].leaf, (*first)[1].leaf);
  EXPECT_EQ((*again)[2].index, 2U);
  EXPECT_TRUE((*again)[2].was_there);
  EXPECT_EQ((*again)[3].index, 3U);
  EXPECT_FALSE((*again)[3].was_there);
  ASSERT_TRUE(ledger.append({envelope(1)}));
  expect_whole_log(5);
}

TEST_P(SpoolTest, OneThatNoLogTakesIsPutAsideAndHindersNobody) {
  Spool spool = this->spool();
  ASSERT_TRUE(spool.keep({envelope(1), "{\"not\":\"an envelope\"}", envelope(2), envelope(3)}));
  std::vector<fs::path> waiting = files(".dsse.json");
  std::sort(waiting.begin(), waiting.end());
  std::ofstream(waiting[3], std::ios::app) << " ";
  const auto database = open_store();
  Ledger ledger = open(*database);
  const auto drained = spool.drain(into(ledger));
  ASSERT_TRUE(drained) << drained.error().message;
  EXPECT_EQ(drained->logged, 2U);
  EXPECT_EQ(drained->put_aside.size(), 2U);
  EXPECT_EQ(files(".refused").size(), 2U);
  EXPECT_EQ(logged(), (std::vector<std::string>{envelope(1), envelope(2)}));
}

TEST_P(SpoolTest, WhereTheStoreIsAwayEverythingWaitsOn) {
  Spool spool = this->spool();
  ASSERT_TRUE(spool.keep({envelope(1), envelope(2)}));
  const auto drained =
      spool.drain([](const auto&) -> Status { return fail(ErrorKind::unavailable, "the disk is full"); });
  ASSERT_FALSE(drained);
  EXPECT_EQ(drained.error().message, "the disk is full");
  EXPECT_EQ(spool.waiting(), 2U);
}

TEST_P(SpoolTest, WhereNothingCanBeWrittenNothingIsClaimed) {
  std::ofstream(folder_.path() / "spool") << "a file where the folder should be";
  const Status kept = spool().keep({envelope(1)});
  ASSERT_FALSE(kept);
}

// A process fills the spool and says so; another drains it. Both are killed at random points, many times.
TEST_P(SpoolTest, KilledInTheMiddleItLosesNothingAndLogsNothingTwice) {
  constexpr int kRounds = 40;
  constexpr int kARound = 12;
  int kept = 0;
  signalbox::testing::KillMoments moments(std::chrono::milliseconds(45));
  for (int round = 0; round < kRounds; ++round) {
    const int kept_before = kept;
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t filler = ::fork();
    if (filler == 0) {
      for (int i = 0; i < kARound; ++i) {
        const int number = kept + i;
        if (!spool().keep({envelope(number)})) ::_exit(1);
        if (::write(ends[1], &number, sizeof number) != sizeof number) ::_exit(2);
      }
      ::_exit(0);
    }
    const pid_t drainer = ::fork();
    if (drainer == 0) {
      const auto database = open_store();
      Ledger ledger = open(*database);
      for (;;) {
        if (!spool().drain(into(ledger))) ::_exit(1);
      }
    }
    ::close(ends[1]);
    std::this_thread::sleep_for(moments.next());
    for (const pid_t child : {filler, drainer}) ::kill(child, SIGKILL);
    for (const pid_t child : {filler, drainer}) ::waitpid(child, nullptr, 0);
    for (int number = 0; ::read(ends[0], &number, sizeof number) == sizeof number;) kept = number + 1;
    ::close(ends[0]);
    moments.saw(kept != kept_before);
  }
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(spool().drain(into(ledger)));
  std::map<std::string, int> times;
  for (const std::string& one : logged()) ++times[one];
  for (const auto& [octets, count] : times) EXPECT_EQ(count, 1);
  for (int number = 0; number < kept; ++number) EXPECT_EQ(times.count(envelope(number)), 1U) << number;
  EXPECT_GT(kept, kRounds / 2);
  expect_whole_log(times.size());
}

TEST(SpoolOf, EachStoreHasItsOwn) {
  Workspace workspace;
  workspace.root = "/w";
  workspace.state = "/w/.signalbox";
  const fs::path own = Spool::of(workspace, "").folder();
  EXPECT_EQ(own, "/w/.signalbox/spool");
  EXPECT_EQ(Spool::of(workspace, "sqlite:/w/.signalbox/signalbox.db").folder(), own);
  EXPECT_EQ(Spool::of(workspace, "/w/x/../.signalbox/signalbox.db").folder(), own);
  const fs::path other = Spool::of(workspace, "https://box.example").folder();
  EXPECT_EQ(other.parent_path(), own);
  EXPECT_NE(other, Spool::of(workspace, "https://other.example").folder());
}

}  // namespace
}  // namespace signalbox::evidence
