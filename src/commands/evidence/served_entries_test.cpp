// The order in which a server's entries are read, of logs whose key a test holds: what an honest one never
// signs.
#include "commands/evidence/served_entries.hpp"

#include <gtest/gtest.h>

#include "core/remote/served_fixture.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using remote::ServedFolder;
using remote::WrittenLog;

const std::string kDigest = "gitCommit:" + std::string(40, 'a');

// A record about kDigest that names `previous` before it.
std::string about(std::int64_t second, std::int64_t previous) {
  return fmt::format(
      R"({{"envelope":"sha256:00","keys":[],"prev":{{"{0}":{1}}},"subjects":["{0}"],"time":{2},"type":"t","v":1}})",
      kDigest, previous, second * 1000);
}
// One that names too many subjects to say which.
std::string about_many(std::int64_t second) {
  return fmt::format(
      R"({{"envelope":"sha256:00","keys":[],"prev":{{}},"subjects":[],"subjects_count":70,"subjects_root":"00","time":{},"type":"t","v":1}})",
      second * 1000);
}

class ServedOrder : public ::testing::Test {
 protected:
  remote::ServedLog open(std::uint64_t size) {
    log_.publish(size);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    return remote::ServedLog::open(folder_.server(),
                                   {{log_.key()},
                                    ev::CheckpointMemory(home_.path() / std::to_string(size)),
                                    [](const remote::SignedState&) { return true; }},
                                   until)
        .value();
  }
  // What is answered where entries about kDigest below `before` are asked for.
  void list(std::uint64_t before, std::vector<std::uint64_t> indexes) const {
    Json entries = Json::array();
    for (const std::uint64_t index : indexes) entries.push_back(Json::object({{"index", index}}));
    folder_.put(
        fmt::format("/api/v1/evidence/entries?before={}&limit=1&subject={}", before, to_percent(kDigest)),
        Json::object({{"entries", std::move(entries)}}));
  }
  // The indexes that are read, then "end", or the kind and message of an error.
  static std::string read(ServedEntries& entries) {
    std::string out;
    for (int steps = 0; steps < 20; ++steps) {
      const auto entry = entries.next();
      if (!entry) return out + fmt::format("{}: {}", name_of(entry.error().kind), entry.error().message);
      if (!*entry) return out + "end";
      out += fmt::format("{} ", (*entry)->index);
    }
    return out + "and on for ever";
  }
  std::string read_about(const remote::ServedLog& log) const {
    ev::Query query;
    query.subject = ev::subject_from_text(kDigest).value();
    ServedEntries entries(log, query, ServedEntries::Need::records);
    return read(entries);
  }

  TemporaryDirectory home_;
  ServedFolder folder_;
  WrittenLog log_{folder_};
};

TEST_F(ServedOrder, OneSubjectsChainIsFollowedDown) {
  log_.add(about(1, -1));
  log_.add(WrittenLog::plain(2));
  log_.add(about(3, 0));
  list(3, {2});
  EXPECT_EQ(read_about(open(3)), "2 0 end");
}

// A log that signs a chain of one link that names itself, or a later one.
TEST_F(ServedOrder, AChainThatDoesNotGoDownEndsIt) {
  log_.add(about(1, 0));
  log_.add(about(2, 2));
  log_.add(about(3, 1));
  list(3, {2});
  EXPECT_EQ(read_about(open(3)),
            "2 conflict: " + folder_.origin() +
                " shows entry 1 as one before which entry 2 came, and that is none before it");
  list(1, {0});
  EXPECT_NE(read_about(open(1)).find("one before which entry 0 came"), std::string::npos);
}

TEST_F(ServedOrder, WhatOnlyTheServerSaysIsAboutTheSubjectIsLeftOutAndCounted) {
  log_.add(about(1, -1));
  log_.add(about_many(2));
  log_.add(about_many(3));
  log_.add(about(4, 1));  // the log itself says that entry 1 is about it
  list(4, {3});
  list(1, {0});
  ev::Query query;
  query.subject = ev::subject_from_text(kDigest).value();
  const remote::ServedLog log = open(4);
  ServedEntries chained(log, query, ServedEntries::Need::records);
  EXPECT_EQ(read(chained), "3 1 0 end");
  EXPECT_EQ(chained.unproven(), 0U);
  list(4, {2});
  list(2, {1});
  ServedEntries claimed(log, query, ServedEntries::Need::records);
  EXPECT_EQ(read(claimed), "0 end");
  EXPECT_EQ(claimed.unproven(), 2U);
  EXPECT_EQ(claimed.omissions(), Omissions::any);
}

TEST_F(ServedOrder, AllEntriesAreReadByTheBundleAndTheirEnvelopesOnlyWhereTheyAreNeeded) {
  for (std::int64_t i = 0; i < 300; ++i) log_.add(WrittenLog::plain(i));
  const remote::ServedLog log = open(300);
  const std::size_t before = folder_.asked().size();
  ServedEntries entries(log, {}, ServedEntries::Need::records);
  for (std::uint64_t left = 300; left > 0; --left) {
    const auto entry = entries.next();
    ASSERT_TRUE(entry && *entry);
    EXPECT_EQ((*entry)->index, left - 1);
  }
  EXPECT_FALSE(*entries.next());
  EXPECT_LE(folder_.asked().size() - before, 6U) << "two bundles, and the tiles that prove them";
  ServedEntries whole(log, {}, ServedEntries::Need::envelopes);
  ASSERT_TRUE(*whole.next());
  EXPECT_EQ(folder_.asked().back(), "/api/v1/evidence/entries/299");
}

}  // namespace
}  // namespace signalbox::evidence_command
