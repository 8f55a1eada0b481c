// Threads and processes that remember checkpoints of one log at the same time.
#include "core/evidence/checkpoint_memory.hpp"

#include <future>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/file_lock.hpp"
#include "core/evidence/merkle.hpp"

namespace signalbox::evidence {
namespace {

using namespace std::chrono_literals;
using Kept = CheckpointMemory::Kept;

class Remembered : public ::testing::Test {
 protected:
  std::string note(std::uint64_t size, std::string_view story = "one") const {
    return sign_note(checkpoint_text({"test-log", size, sha256(story)}), key_);
  }
  std::uint64_t size() const {
    const auto last = memory_.last(log_);
    return last && *last ? (*last)->size : 0;
  }

  TemporaryDirectory folder_;
  const SigningKey key_ = SigningKey::generate("test-log");
  const PublicKey log_ = key_.public_key();
  const CheckpointMemory memory_{folder_.path() / "seen"};
};

TEST_F(Remembered, ACheckpointIsNotReplacedByAnOlderOneThatBeganToBeKeptBefore) {
  ASSERT_TRUE(memory_.keep(log_, note(3)));
  auto lock = lock_file(memory_.file_of(log_).string() + ".lock", 0ms);
  ASSERT_TRUE(lock && *lock);
  auto older = std::async(std::launch::async, [&] { return memory_.keep(log_, note(5)); });
  EXPECT_EQ(older.wait_for(100ms), std::future_status::timeout);
  EXPECT_EQ(size(), 3U);
  ASSERT_TRUE(replace_file(memory_.file_of(log_), note(9)));
  (*lock)->reset();
  EXPECT_TRUE(older.get());
  EXPECT_EQ(size(), 9U);
}

TEST_F(Remembered, WhatSeveralProcessesKeepOnlyGrows) {
  constexpr std::uint64_t kProcesses = 4, kNotes = 150;
  std::vector<std::string> notes;
  for (std::uint64_t i = 1; i <= kProcesses * kNotes; ++i) notes.push_back(note(i));
  ASSERT_TRUE(memory_.keep(log_, notes.front()));
  std::vector<pid_t> children;
  for (std::uint64_t process = 0; process < kProcesses; ++process) {
    children.push_back(::fork());
    ASSERT_GE(children.back(), 0);
    if (children.back() != 0) continue;
    bool all = true;
    for (std::uint64_t i = process; i < notes.size(); i += kProcesses)
      all = memory_.keep(log_, notes[i]).has_value() && all;
    ::_exit(all ? 0 : 1);
  }
  std::uint64_t seen = 0;
  for (std::size_t ended = 0; ended < children.size();) {
    const std::uint64_t now = size();
    EXPECT_GE(now, seen);
    seen = now;
    int status = 0;
    if (::waitpid(children[ended], &status, WNOHANG) == 0) continue;
    EXPECT_EQ(status, 0);
    ++ended;
  }
  EXPECT_EQ(size(), kProcesses * kNotes);
}

// Two clients saw three entries, and are shown two stories that both go on from them: the second has to be
// compared with the first, not kept over it.
TEST_F(Remembered, ANoteIsNotKeptOverOneThatItWasNotShownToExtend) {
  ASSERT_TRUE(memory_.keep(log_, note(3)));
  const std::optional<Checkpoint> seen = memory_.last(log_).value();
  EXPECT_EQ(memory_.keep_after(seen, log_, note(5, "one")).value(), Kept::yes);
  EXPECT_EQ(memory_.keep_after(seen, log_, note(6, "another")).value(), Kept::another_came);
  EXPECT_EQ(memory_.last(log_).value()->root, sha256("one"));
  EXPECT_EQ(memory_.keep_after({}, log_, note(7)).value(), Kept::another_came);
  EXPECT_EQ(memory_.keep_after(memory_.last(log_).value(), log_, note(4)).value(), Kept::yes);
  EXPECT_EQ(size(), 5U);
}

TEST_F(Remembered, WhatIsNotNewerNeedsNoLock) {
  ASSERT_TRUE(memory_.keep(log_, note(3)));
  const auto lock = lock_file(memory_.file_of(log_).string() + ".lock", 0ms);
  ASSERT_TRUE(lock && *lock);
  EXPECT_TRUE(memory_.keep(log_, note(3)));
  EXPECT_TRUE(memory_.keep(log_, note(2)));
}

// Another process keeps a note while this one looks: it looks again, with that note in mind.
TEST_F(Remembered, WhoeverLooksLooksAgainWhereAnotherKeptOneMeanwhile) {
  const SigningKey other = SigningKey::generate("other-log");
  ASSERT_TRUE(memory_.keep(log_, note(3)));
  std::vector<std::uint64_t> seen_sizes;
  const auto look = [&](const std::vector<std::optional<Checkpoint>>& seen)
      -> Result<std::optional<CheckpointMemory::Shown>> {
    EXPECT_FALSE(seen[0]) << "the other log was never seen";
    seen_sizes.push_back(seen[1]->size);
    if (seen_sizes.size() == 1) EXPECT_TRUE(memory_.keep(log_, note(5)));
    return std::optional(CheckpointMemory::Shown{1, note(7)});
  };
  ASSERT_TRUE(memory_.extend({other.public_key(), log_}, look));
  EXPECT_EQ(seen_sizes, (std::vector<std::uint64_t>{3, 5}));
  EXPECT_EQ(size(), 7U);
}

TEST_F(Remembered, OthersThatKeepOnAndOnAndADamagedMemoryEndIt) {
  std::uint64_t kept = 1;
  const auto look =
      [&](const std::vector<std::optional<Checkpoint>>&) -> Result<std::optional<CheckpointMemory::Shown>> {
    EXPECT_TRUE(memory_.keep(log_, note(++kept)));
    return std::optional(CheckpointMemory::Shown{0, note(1000)});
  };
  EXPECT_EQ(memory_.extend({log_}, look).error().kind, ErrorKind::unavailable);
  EXPECT_LT(size(), 1000U);
  ASSERT_TRUE(replace_file(memory_.file_of(log_), "no note"));
  const Status damaged = memory_.extend({log_}, look);
  EXPECT_EQ(damaged.error().kind, ErrorKind::unavailable);
  EXPECT_NE(damaged.error().message.find("is damaged"), std::string::npos);
}

TEST(CheckExtends, EveryTreeFollowsFromTheEmptyOne) {
  const Checkpoint empty{"log", 0, empty_root()};
  const Checkpoint some{"log", 3, sha256("x")};
  EXPECT_TRUE(check_extends(empty, some, {}));
  EXPECT_TRUE(check_extends(empty, empty, {}));
  EXPECT_FALSE(check_extends(some, empty, {}));
  EXPECT_FALSE(check_extends({"log", 0, sha256("x")}, some, {})) << "an empty tree has one root";
}

}  // namespace
}  // namespace signalbox::evidence
