// Compare and append: of several writers who know the same newest entry, one alone comes next.
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "core/evidence/ledger_fixture.hpp"
#include "core/evidence/sequencer.hpp"

namespace signalbox::evidence {
namespace {

const std::string kCommit(40, 'a');
const std::string kOther(40, 'b');

Expectation after(std::int64_t last, const std::string& commit = kCommit) {
  return {{"the commit", {{"gitCommit", commit}}}, last};
}

class CompareAppendTest : public LedgerFixture {};
INSTANTIATE_TEST_SUITE_P(Engines, CompareAppendTest,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql), name_of_engine);

TEST_P(CompareAppendTest, WhatTheWriterKnowsIsComparedWithTheNewestEntryAboutTheSubject) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append_if(after(-1), {envelope(0)}));
  ASSERT_TRUE(ledger.append({envelope(1, kOther)}));  // about another subject: hinders nobody
  ASSERT_TRUE(ledger.append_if(after(0), {envelope(2), envelope(3)}));
  ASSERT_TRUE(ledger.append_if(after(3), {envelope(4)}));
  for (const std::int64_t stale : {-1, 0, 2, 3}) {
    const auto refused = ledger.append_if(after(stale), {envelope(5)});
    ASSERT_FALSE(refused) << stale;
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  }
  EXPECT_FALSE(ledger.append_if(after(9), {envelope(5)}));  // an entry that is not there
  expect_whole_log(5);
}

TEST_P(CompareAppendTest, TheConflictNamesWhichEntryWhoAndWhen) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append({envelope(0), envelope(1)}));
  const auto refused = ledger.append_if(after(0), {envelope(2)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "entry 1 about the commit came in between, at 2025-06-15T15:06:40Z, signed by key " +
                signer_.public_key().id());
}

TEST_P(CompareAppendTest, GroupsOfOneCommitSeeEachOther) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  std::vector<Group> groups;
  groups.push_back({*read_candidates({envelope(0)}), after(-1)});
  groups.push_back({*read_candidates({envelope(1)}), after(-1)});
  groups.push_back({*read_candidates({envelope(2)}), after(0)});
  const auto receipts = ledger.append_groups(groups);
  ASSERT_TRUE(receipts) << receipts.error().message;
  EXPECT_TRUE((*receipts)[0]);
  ASSERT_FALSE((*receipts)[1]);
  EXPECT_EQ((*receipts)[1].error().kind, ErrorKind::conflict);
  EXPECT_EQ((*receipts)[1].error().message.rfind("entry 0 about the commit came in between", 0), 0U);
  EXPECT_EQ((*receipts)[2]->front().index, 1U);
  expect_whole_log(2);
}

TEST_P(CompareAppendTest, AnotherWritersEntryIsSeenThoughTheEdgeIsRemembered) {
  const auto first_store = open_store();
  const auto second_store = open_store();
  Ledger first = open(*first_store);
  Ledger second = open(*second_store);
  ASSERT_TRUE(first.append_if(after(-1), {envelope(0)}));
  ASSERT_TRUE(second.append_if(after(0), {envelope(1)}));
  EXPECT_FALSE(first.append_if(after(0), {envelope(2)}));
  ASSERT_TRUE(first.append_if(after(1), {envelope(2)}));
}

// Each round, all threads know the same newest entry; each round one of them alone goes on.
TEST_P(CompareAppendTest, ExactlyOneOfTheThreadsOfASequencerWinsEachRound) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 20;
  SystemClock clock;
  const auto sequencer =
      Sequencer::start([this] { return store::open_database(store_.url()); }, clock, log_key());
  ASSERT_TRUE(sequencer) << sequencer.error().message;
  std::int64_t last = -1;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Sequencer::Receipts> answers(kThreads);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back(
          [&, thread] { answers[thread] = (*sequencer)->append({envelope(thread)}, after(last)); });
    }
    for (std::thread& thread : threads) thread.join();
    int winners = 0;
    for (const auto& answer : answers) {
      if (!answer) {
        EXPECT_EQ(answer.error().kind, ErrorKind::conflict) << answer.error().message;
        continue;
      }
      ++winners;
      last = static_cast<std::int64_t>(answer->front().index);
    }
    ASSERT_EQ(winners, 1) << "round " << round;
  }
  (*sequencer)->stop();
  expect_whole_log(kRounds);
}

// Processes with connections of their own, each once with the same expectation.
TEST_P(CompareAppendTest, ExactlyOneOfTheProcessesWins) {
  constexpr int kProcesses = 6;
  constexpr int kWon = 10;
  constexpr int kLost = 11;
  { (void)open(*open_store()); }
  for (std::int64_t round = 0; round < 5; ++round) {
    int gate[2];
    ASSERT_EQ(::pipe(gate), 0);
    std::vector<pid_t> children;
    for (int process = 0; process < kProcesses; ++process) {
      const pid_t child = ::fork();
      if (child != 0) {
        children.push_back(child);
        continue;
      }
      ::close(gate[1]);
      const auto database = store::open_database(store_.url());
      if (!database) ::_exit(1);
      auto ledger = Ledger::open(**database, clock_, log_key());
      if (!ledger) ::_exit(2);
      char start = 0;
      (void)!::read(gate[0], &start, 1);  // until the parent closes its end
      const auto receipts = ledger->append_if(after(round - 1), {envelope(process)});
      ::_exit(receipts ? kWon : receipts.error().kind == ErrorKind::conflict ? kLost : 3);
    }
    ::close(gate[0]);
    ::usleep(20'000);
    ::close(gate[1]);
    int winners = 0;
    for (const pid_t child : children) {
      int status = 0;
      ::waitpid(child, &status, 0);
      ASSERT_TRUE(WIFEXITED(status));
      ASSERT_TRUE(WEXITSTATUS(status) == kWon || WEXITSTATUS(status) == kLost) << WEXITSTATUS(status);
      winners += WEXITSTATUS(status) == kWon ? 1 : 0;
    }
    ASSERT_EQ(winners, 1) << "round " << round;
  }
  expect_whole_log(5);
}

}  // namespace
}  // namespace signalbox::evidence
