// What a server tells of a log is held against the log's key, and what was seen before.
#include "core/remote/served_log.hpp"

#include <gtest/gtest.h>

#include "core/remote/served_fixture.hpp"

namespace signalbox::remote {
namespace {

namespace ev = evidence;

class Served : public ::testing::Test {
 protected:
  Served() {
    for (std::int64_t i = 0; i < 600; ++i) log_.add(WrittenLog::plain(i));
  }
  Result<ServedLog> open(std::vector<ev::PublicKey> keys) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    return ServedLog::open(folder_.server(),
                           {std::move(keys), memory_, [&](const SignedState&) { return may_; }}, until);
  }
  Result<ServedLog> open() const { return open({log_.key()}); }
  std::string why() const {
    const auto log = open();
    if (log) return "it is believed";
    return fmt::format("{}: {}", name_of(log.error().kind), log.error().message);
  }
  std::int64_t remembered() const {
    const auto seen = memory_.last(log_.key());
    return seen && *seen ? static_cast<std::int64_t>((*seen)->size) : -1;
  }

  TemporaryDirectory home_;
  ServedFolder folder_;
  WrittenLog log_{folder_};
  ev::CheckpointMemory memory_{home_.path() / "seen"};
  bool may_ = true;
};

// Another client saw the log grow while this one waited for an answer from before that.
TEST_F(Served, ALogThatGrewWhileItWasAskedDidNotGoBack) {
  log_.publish(3);
  ASSERT_TRUE(open());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const auto another = [&](const SignedState&) {
    EXPECT_TRUE(memory_.keep(log_.key(), log_.note(5)));
    return true;
  };
  const auto log = ServedLog::open(folder_.server(), {{log_.key()}, memory_, another}, until);
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->state().checkpoint.size, 3U);
  EXPECT_EQ(remembered(), 5);
  EXPECT_NE(why().find("conflict: rollback"), std::string::npos) << "now it does go back: " << why();
}

TEST_F(Served, AnEmptyLogIsARollbackWhereOneKeyIsAskedForAndItHadEntries) {
  log_.show_status("");
  EXPECT_TRUE(open());
  log_.publish(3);
  ASSERT_TRUE(open());
  log_.show_status("");
  EXPECT_NE(why().find("conflict: rollback: " + folder_.origin() + " says that its log is empty"),
            std::string::npos)
      << why();
  const auto several = open({log_.key(), ev::SigningKey::generate("new-log").public_key()});
  ASSERT_TRUE(several) << several.error().message;
  EXPECT_FALSE(several->state().is_signed());
}

// A caller that has nothing to read where nothing was recorded must not take this for that.
TEST_F(Served, WhatHasNoLogIsNoSignalboxServer) {
  EXPECT_EQ(why(), "bad_input: " + folder_.origin() + " is no Signalbox server");
}

TEST_F(Served, ASignedCheckpointOfNothingIsComparedLikeAnyOther) {
  log_.show_status(log_.note(0));
  const auto empty = open();
  ASSERT_TRUE(empty) << empty.error().message;
  EXPECT_TRUE(empty->state().is_signed());
  EXPECT_EQ(remembered(), 0);
  log_.publish(3);
  const auto grown = open();
  ASSERT_TRUE(grown) << grown.error().message;
  EXPECT_EQ(grown->state().seen, 0U);
  EXPECT_EQ(remembered(), 3);
  log_.show_status(log_.note(0));
  EXPECT_NE(why().find("conflict: rollback: the log test-log has 0 entries"), std::string::npos) << why();
}

TEST_F(Served, WhatWasSeenNotShownToBeItsBeginningIsALie) {
  log_.publish(3);
  ASSERT_TRUE(open());
  log_.publish(5);
  const std::string lie =
      "conflict: " + folder_.origin() +
      " does not show that the 5 entries it has signed extend the 3 that were seen before";
  EXPECT_NE(why().find(lie), std::string::npos) << "404: " << why();
  const std::string path = WrittenLog::consistency_path(3, 5);
  folder_.put(path, std::string(R"({"proof":["no hash"]})"));
  EXPECT_NE(why().find(lie), std::string::npos) << why();
  folder_.put(path, std::string(R"({"proof":[]})"));
  EXPECT_NE(why().find("conflict: fork"), std::string::npos) << why();
  folder_.put(path, std::string("<html>"));
  EXPECT_NE(why().find("unavailable: "), std::string::npos) << "what is no answer is no lie: " << why();
  EXPECT_EQ(remembered(), 3);
  log_.publish_consistency(3, 5);
  EXPECT_EQ(why(), "it is believed");
  EXPECT_EQ(remembered(), 5);
}

TEST_F(Served, ADamagedMemoryIsNoLieOfTheServer) {
  log_.publish(3);
  ASSERT_TRUE(open());
  const ev::SigningKey thief = ev::SigningKey::generate("test-log");
  for (const std::string& damaged :
       {std::string("nothing that was signed"), sign_note(ev::checkpoint_text({"test-log", 9, {}}), thief)}) {
    ASSERT_TRUE(write_file_atomically(memory_.file_of(log_.key()), damaged));
    EXPECT_NE(why().find("unavailable: what was seen of the log is damaged"), std::string::npos) << why();
  }
}

TEST_F(Served, WhatMayNotBeRememberedIsNot) {
  log_.publish(3);
  may_ = false;
  EXPECT_TRUE(open());
  EXPECT_EQ(remembered(), -1);
}

// A server asks its witnesses after its log grew: what they will have seen in a moment is looked at again.
TEST_F(Served, WitnessesThatComeLateAreWaitedFor) {
  using Remember = ServedLog::Believing::Remember;
  log_.publish(3);
  int looks = 0;
  const auto late = [&](const SignedState&) {
    if (++looks == 2) log_.publish(5);
    return looks == 4;
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  const auto log = [&](Remember remember) {
    looks = 0;
    return ServedLog::open(folder_.server(), {{log_.key()}, memory_, late, std::chrono::minutes(1), remember},
                           until);
  };
  const auto unremembered = log(Remember::no);
  ASSERT_TRUE(unremembered) << unremembered.error().message;
  EXPECT_EQ(looks, 4);
  EXPECT_EQ(remembered(), -1);
  const auto grown = log(Remember::yes);
  ASSERT_TRUE(grown) << grown.error().message;
  EXPECT_EQ(looks, 4);
  EXPECT_EQ(grown->state().checkpoint.size, 5U);
  EXPECT_EQ(remembered(), 5);
}

TEST_F(Served, WitnessesThatNeverComeTakeHalfOfTheTimeAtMost) {
  log_.publish(3);
  may_ = false;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(12);
  const auto log = ServedLog::open(
      folder_.server(),
      {{log_.key()}, memory_, [](const SignedState&) { return false; }, std::chrono::minutes(5)}, until);
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_TRUE(log->entry(1)) << "there is time left to ask";
  EXPECT_EQ(remembered(), -1);
}

// Sizes about the edges of bundles and of the tree over them.
TEST_F(Served, RecordsReadManyAtOnceAreThoseThatWereSigned) {
  for (const std::uint64_t size : {1U, 255U, 256U, 257U, 511U, 512U, 513U, 600U}) {
    const ServedFolder folder;
    WrittenLog log(folder);
    for (std::uint64_t i = 0; i < size; ++i) log.add(WrittenLog::plain(static_cast<std::int64_t>(i)));
    log.publish(size);
    const ev::CheckpointMemory memory(home_.path() / std::to_string(size));
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    const auto served = ServedLog::open(
        folder.server(), {{log.key()}, memory, [](const SignedState&) { return true; }}, until);
    ASSERT_TRUE(served) << served.error().message;
    std::uint64_t next = 0;
    for (std::uint64_t number = 0; number * 256 < size; ++number) {
      const auto bundle = served->bundle(number);
      ASSERT_TRUE(bundle) << size << ": " << bundle.error().message;
      for (const ev::Entry& entry : *bundle) {
        EXPECT_EQ(entry.index, next);
        EXPECT_EQ(entry.record, WrittenLog::plain(static_cast<std::int64_t>(next)));
        ++next;
      }
    }
    EXPECT_EQ(next, size);
    EXPECT_FALSE(served->bundle((size + 255) / 256));
  }
}

TEST_F(Served, ARecordOrATileThatIsAnotherIsALie) {
  log_.publish(600);
  const auto log = open();
  ASSERT_TRUE(log);
  const auto lie = [&](std::uint64_t number) {
    const auto bundle = open()->bundle(number);
    return bundle ? "believed" : fmt::format("{}: {}", name_of(bundle.error().kind), bundle.error().message);
  };
  EXPECT_EQ(lie(0), "believed");
  const auto changed = [](std::string octets, std::size_t at) {
    octets[at] = static_cast<char>(octets[at] ^ 1);
    return octets;
  };
  std::string bundle;
  for (std::int64_t i = 0; i < 256; ++i) ev::add_to_entry_bundle(bundle, WrittenLog::plain(i));
  const std::string path = "/evidence/" + entries_path(ev::Tile{0, 0, 256});
  folder_.put(path, changed(bundle, bundle.size() - 20));
  EXPECT_NE(
      lie(0).find("conflict: entries of " + folder_.origin() + " from 0: are not in the log that was signed"),
      std::string::npos)
      << lie(0);
  folder_.put(path, bundle.substr(0, 100));
  EXPECT_NE(lie(0).find("conflict: "), std::string::npos) << lie(0);
  folder_.remove(path);
  EXPECT_NE(lie(0).find("the log has them, and the server does not show them"), std::string::npos) << lie(0);
  folder_.put(path, bundle);
  EXPECT_EQ(lie(0), "believed");
  const std::string tile = "/evidence/" + tile_path(ev::Tile{1, 0, 2});
  folder_.put(tile, std::string(64, 'x'));
  EXPECT_NE(lie(0).find("conflict: "), std::string::npos) << "another tile above: " << lie(0);
}

TEST_F(Served, AfterTheTimeThatItWasGivenNothingIsAsked) {
  log_.publish(3);
  const auto log =
      ServedLog::open(folder_.server(), {{log_.key()}, memory_, [](const SignedState&) { return true; }},
                      std::chrono::steady_clock::now());
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, ErrorKind::unavailable);
  EXPECT_NE(log.error().message.find("in the time that it was given"), std::string::npos)
      << log.error().message;
}

TEST_F(Served, OnlyAnEntryIsReadBeyondFourMebibytes) {
  const std::string large(std::size_t{5} << 20, ' ');
  folder_.put("/api/v1/evidence/witnesses", large + R"({"witnessed_size":1,"quorum":1})");
  const auto witnesses = witnessed_state(folder_.server());
  ASSERT_FALSE(witnesses);
  EXPECT_NE(witnesses.error().message.find("more than 4194304 octets"), std::string::npos)
      << witnesses.error().message;
  log_.publish(3);
  folder_.put("/api/v1/evidence/entries/1",
              large + Json::object({{"record", to_base64(WrittenLog::plain(1))}}).dump());
  const auto log = open();
  ASSERT_TRUE(log);
  const auto entry = log->entry(1);
  EXPECT_TRUE(entry) << entry.error().message;
}

}  // namespace
}  // namespace signalbox::remote
