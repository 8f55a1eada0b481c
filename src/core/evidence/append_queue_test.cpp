// Many threads over one queue, and a sequencer over one log: run under ThreadSanitizer too.
#include "core/evidence/append_queue.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/sequencer.hpp"

namespace signalbox::evidence {
namespace {

std::string envelope(int number) {
  Statement statement;
  statement.subjects = {{"r", {{"gitCommit", std::string(40, 'a')}}}};
  statement.predicate_type = "https://signalbox.dev/evidence/document/v1";
  statement.predicate = Json::object({{"number", number}});
  return write_envelope(
      {std::string(kPayloadType), write_statement(statement).value_or(""), {{"key", "signature"}}});
}

std::shared_ptr<AppendCall> call_of(int first, int count) {
  auto call = std::make_shared<AppendCall>();
  for (int i = first; i < first + count; ++i) call->envelopes.push_back(envelope(i));
  return call;
}

int number_in(const Candidate& candidate) {
  const auto statement = parse_statement(parse_envelope(candidate.envelope)->payload);
  return static_cast<int>(statement->predicate["number"].as_integer());
}

// Refuses the numbers that 10 divides.
Status no_tens(const Envelope&, const Statement& statement) {
  const std::int64_t number = statement.predicate["number"].as_integer();
  if (number % 10 != 0) return {};
  return fail(ErrorKind::bad_input, "number " + std::to_string(number));
}

using Reading = AppendQueue::Reading;

TEST(AppendQueue, HandsCallsOverInTheirOrderWithEachEnvelopeRead) {
  AppendQueue queue({});
  for (int call = 0; call < 5; ++call) queue.put(call_of(100 * call, 3 * call + 1), Reading::by_others);
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back([&] { queue.read_until_stopped(); });
  for (int call = 0; call < 5;) {
    for (const auto& taken : queue.take(512)) {
      ASSERT_EQ(taken->candidates.size(), static_cast<std::size_t>(3 * call + 1));
      EXPECT_FALSE(taken->refusal);
      for (std::size_t i = 0; i < taken->candidates.size(); ++i)
        EXPECT_EQ(number_in(taken->candidates[i]), 100 * call + static_cast<int>(i));
      ++call;
    }
  }
  queue.stop();
  for (std::thread& reader : readers) reader.join();
}

TEST(AppendQueue, ACallerThatWaitsReadsByItself) {
  AppendQueue queue({});
  queue.put(call_of(0, 50), Reading::by_all);
  const auto taken = queue.take(512);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(number_in(taken[0]->candidates[49]), 49);
}

TEST(AppendQueue, ATakeHasAtMostSoManyEnvelopesOrOneCallWithMore) {
  AppendQueue queue({});
  for (const int count : {4, 4, 4, 30, 1}) queue.put(call_of(0, count), Reading::by_all);
  std::vector<std::size_t> sizes;
  for (std::size_t calls = 0; calls < 5; calls += sizes.back()) sizes.push_back(queue.take(8).size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 1, 1, 1}));
}

TEST(AppendQueue, WhoTakesReadsWhatNobodyElseReads) {
  AppendQueue queue({});
  queue.put(call_of(0, 9), Reading::by_others);
  const auto taken = queue.take(512);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(number_in(taken[0]->candidates[8]), 8);
}

// It would be read for as long as it takes, and then be left for the next commit.
TEST(AppendQueue, ACallThatIsReadDoesNotWaitForALargeOneBehindIt) {
  AppendQueue queue({});
  queue.put(call_of(0, 1), Reading::by_all);
  const auto large = call_of(1, 600);
  queue.put(large, Reading::by_others);
  EXPECT_EQ(queue.take(512).size(), 1U);
  EXPECT_FALSE(large->envelopes.front().empty());  // not read yet
}

TEST(AppendQueue, HalfOfWhatFitsOneCommitIsReadBeforeItIsTaken) {
  AppendQueue queue({});
  queue.put(call_of(0, 4), Reading::by_all);
  for (int call = 1; call < 6; ++call) queue.put(call_of(4 * call, 4), Reading::by_others);
  EXPECT_EQ(queue.take(512).size(), 3U);
}

TEST(AppendQueue, TheFirstRefusedEnvelopeIsNamedHoweverTheyAreRead) {
  for (int round = 0; round < 20; ++round) {
    AppendQueue queue(no_tens);
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) readers.emplace_back([&] { queue.read_until_stopped(); });
    queue.put(call_of(3, 45), Reading::by_others);  // 10, 20, 30, 40 are refused
    queue.put(call_of(1, 4), Reading::by_others);
    for (std::size_t calls = 0; calls < 2;) {
      for (const auto& taken : queue.take(512)) {
        ASSERT_EQ(taken->refusal.has_value(), calls++ == 0);
        if (taken->refusal) {
          EXPECT_EQ(taken->refusal->message, "envelope 8: number 10");
        }
      }
    }
    queue.stop();
    for (std::thread& reader : readers) reader.join();
  }
}

TEST(AppendQueue, StopRefusesWhatComesAfterAndHandsOverWhatIsThere) {
  AppendQueue queue({});
  queue.put(call_of(0, 9), Reading::by_others);
  queue.stop();
  const auto late = call_of(0, 1);
  auto answer = late->answer.get_future();
  queue.put(late, Reading::by_all);
  EXPECT_EQ(answer.get().error().kind, ErrorKind::unavailable);
  queue.read_until_stopped();
  EXPECT_EQ(queue.take(512).size(), 1U);
  EXPECT_TRUE(queue.take(512).empty());
}

// Two full queues' worth: the caller waits for room, and goes on.
TEST(AppendQueue, ACallerBeyondTheLimitWaitsForRoom) {
  AppendQueue queue({});
  constexpr int kCalls = 2 * static_cast<int>(AppendQueue::kMaxEntries) / 64;
  std::atomic<int> put = 0;
  std::thread caller([&] {
    for (int i = 0; i < kCalls; ++i, ++put) {
      auto call = std::make_shared<AppendCall>();
      call->envelopes.assign(64, "{}");  // the first is refused: none of the others is read
      queue.put(std::move(call), Reading::by_others);
    }
  });
  while (put < kCalls / 2) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(put, kCalls / 2);
  std::thread reader([&] { queue.read_until_stopped(); });
  for (int calls = 0; calls < kCalls;) calls += static_cast<int>(queue.take(512).size());
  queue.stop();
  caller.join();
  reader.join();
}

TEST(SequencerThreads, EachCallerGetsItsOwnReceiptsOrItsOwnRefusal) {
  constexpr int kThreads = 6;
  constexpr int kCalls = 25;
  const TemporaryDirectory folder;
  const std::string url = "sqlite:" + (folder.path() / "a.db").string();
  SystemClock clock;
  auto sequencer = Sequencer::start([&] { return store::open_database(url); }, clock,
                                    SigningKey::generate("log"), {}, no_tens);
  ASSERT_TRUE(sequencer) << sequencer.error().message;
  std::atomic<int> logged = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int call = 0; call < kCalls; ++call) {
        const int count = 1 + (thread + call) % 11;
        std::vector<std::string> envelopes = call_of(1 + call, count)->envelopes;
        const bool is_refused = call / 10 != (call + count) / 10;  // a ten is among call + 1 … call + count
        const auto answer = call % 2 == 0 ? (*sequencer)->append(std::move(envelopes))
                                          : (*sequencer)->submit(std::move(envelopes)).get();
        EXPECT_EQ(answer.has_value(), !is_refused);
        if (answer) logged += static_cast<int>(answer->size());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  (*sequencer)->stop();
  const auto database = store::open_database(url);
  ASSERT_TRUE(database);
  const auto ledger = Ledger::open_read_only(**database);
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->size(), static_cast<std::uint64_t>(logged));
  EXPECT_TRUE(ledger->audit()->failures.empty());
}

}  // namespace
}  // namespace signalbox::evidence
