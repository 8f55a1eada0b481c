#include "core/evidence/sequencer.hpp"

#include <set>
#include <thread>

#include <unistd.h>

#include "core/base/killed_writer.hpp"
#include "core/evidence/ledger_fixture.hpp"

namespace signalbox::evidence {
namespace {

class SequencerTest : public LedgerFixture {
 protected:
  Sequencer::OpenDatabase opener() const {
    return [this] { return store::open_database(store_.url()); };
  }
  std::shared_ptr<Sequencer> start() const {
    auto out = Sequencer::start(opener(), system_clock_, log_key());
    EXPECT_TRUE(out) << (out ? "" : out.error().message);
    return std::move(*out);
  }
  SystemClock system_clock_;
};
INSTANTIATE_TEST_SUITE_P(Engines, SequencerTest,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql), name_of_engine);

TEST_P(SequencerTest, EachOfManyThreadsGetsItsOwnReceipts) {
  constexpr int kThreads = 8;
  constexpr int kCalls = 40;
  const auto sequencer = start();
  std::vector<std::vector<std::pair<int, std::uint64_t>>> recorded(kThreads);  // number → index
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int call = 0; call < kCalls; ++call) {
        const int number = 1000 * thread + 2 * call;
        const auto receipts = sequencer->append({envelope(number), envelope(number + 1)});
        ASSERT_TRUE(receipts) << receipts.error().message;
        ASSERT_EQ(receipts->size(), 2U);
        EXPECT_EQ((*receipts)[1].index, (*receipts)[0].index + 1);
        recorded[thread].emplace_back(number, (*receipts)[0].index);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  sequencer->stop();
  expect_whole_log(2 * kThreads * kCalls);
  const auto database = open_store();
  const auto ledger = Ledger::open_read_only(*database);
  for (const auto& calls : recorded) {
    for (const auto& [number, index] : calls) EXPECT_EQ(ledger->entry(index)->envelope, envelope(number));
  }
}

TEST_P(SequencerTest, ABadEnvelopeFailsItsOwnCallAlone) {
  const auto sequencer = start();
  auto good = sequencer->submit({envelope(1), envelope(2)});
  auto bad = sequencer->submit({envelope(3), "{}"});
  auto other = sequencer->submit({envelope(4)});
  EXPECT_EQ(good.get()->size(), 2U);
  const auto refused = bad.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(refused.error().message.rfind("envelope 2: ", 0), 0U) << refused.error().message;
  EXPECT_TRUE(other.get());
  sequencer->stop();
  expect_whole_log(3);
}

// Its record is over the limit, which shows in the writer alone: 64 subjects of a thousand octets each.
TEST_P(SequencerTest, ARecordOverTheLimitFailsItsOwnCallAlone) {
  std::string subjects;
  for (int i = 0; i < 64; ++i) {
    if (i > 0) subjects += ",";
    subjects += R"({"digest":{"x":")" + std::to_string(100 + i) + std::string(1000, 'z') + "\"}}";
  }
  const std::string statement = R"({"_type":"https://in-toto.io/Statement/v1","subject":[)" + subjects +
                                R"(],"predicateType":"https://example.com/a/v1","predicate":{}})";
  const std::string huge = write_envelope(sign_envelope(kPayloadType, statement, {&signer_}));
  const auto sequencer = start();
  auto before = sequencer->submit({envelope(1)});
  auto refused = sequencer->submit({envelope(2), huge});
  auto after = sequencer->submit({envelope(3)});
  EXPECT_TRUE(before.get());
  const auto receipts = refused.get();
  ASSERT_FALSE(receipts);
  EXPECT_EQ(receipts.error().message.rfind("envelope 2: a log record of ", 0), 0U)
      << receipts.error().message;
  EXPECT_TRUE(after.get());
  sequencer->stop();
  expect_whole_log(2);
}

TEST_P(SequencerTest, StopCommitsWhatHasQueuedAndRefusesWhatComesAfter) {
  const auto sequencer = start();
  std::vector<std::future<Sequencer::Receipts>> answers;
  for (int i = 0; i < 700; ++i) answers.push_back(sequencer->submit({envelope(i)}));
  sequencer->stop();
  for (auto& answer : answers) EXPECT_TRUE(answer.get());
  const auto late = sequencer->append({envelope(0)});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::unavailable);
  expect_whole_log(700);
}

TEST_P(SequencerTest, TwoOverOneStoreTakeTurns) {
  const auto first = start();
  const auto second = start();
  const auto write = [&](Sequencer& sequencer) {
    for (int i = 0; i < 50; ++i) {
      const auto receipts = sequencer.append({envelope(i)});
      EXPECT_TRUE(receipts) << receipts.error().message;
    }
  };
  std::thread one([&] { write(*first); });
  write(*second);
  one.join();
  expect_whole_log(100);
}

// Four threads append, each acknowledges through the pipe after its commit; the process is killed at a random
// point, 100 times.
TEST_P(SequencerTest, AKilledProcessLosesNothingThatAnyOfItsThreadsAcknowledged) {
  std::vector<std::string> envelopes;
  for (int i = 0; i < 4; ++i) envelopes.push_back(envelope(i));
  std::set<std::uint64_t> acknowledged;
  const auto write = [&](const testing::Acknowledge& acknowledge) {
    auto sequencer = Sequencer::start(opener(), system_clock_, log_key());
    if (!sequencer) ::_exit(1);
    const auto work = [&](int thread) {
      for (;;) {
        const auto receipts = (*sequencer)->append({envelopes[static_cast<std::size_t>(thread)]});
        if (!receipts) ::_exit(2);
        acknowledge(receipts->front().index);
      }
    };
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 3; ++thread) threads.emplace_back(work, thread);
    work(3);
  };
  testing::kill_while_writing(100, 30'000, write, acknowledged);
  ASSERT_FALSE(HasFatalFailure());
  ASSERT_GT(acknowledged.size(), 100U);
  const auto database = open_store();
  const auto ledger = Ledger::open_read_only(*database);
  ASSERT_TRUE(ledger);
  EXPECT_GT(ledger->size(), *acknowledged.rbegin());
  expect_whole_log(ledger->size());
}

}  // namespace
}  // namespace signalbox::evidence
