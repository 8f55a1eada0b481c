// SIGKILL leaves the page cache, so a missing fsync passes every kill test; here the disk forgets what was
// not synced. SIGNALBOX_SEED repeats a run.
#include <cstdio>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "core/store/database.hpp"
#include "core/store/simulated_disk.hpp"
#include "core/store/sqlite_database.hpp"

namespace signalbox::store {
namespace {

constexpr std::int64_t kRowsPerCommit = 4;
const std::vector<Migration> kTables{
    {"things", 1, "first",
     "create table things_a (i INTEGER primary key, t TEXT not null, b BLOB not null);"}};

std::uint64_t seed() {
  const char* const given = std::getenv("SIGNALBOX_SEED");
  const std::uint64_t out = given == nullptr ? std::random_device()() : std::strtoull(given, nullptr, 10);
  std::fprintf(stderr, "SIGNALBOX_SEED=%llu\n", static_cast<unsigned long long>(out));
  return out;
}

Result<std::unique_ptr<Database>> open(const testing::SimulatedDisk& disk) {
  SIGNALBOX_TRY(auto database, SqliteDatabase::open("a.db", {}, disk.vfs()));
  SIGNALBOX_CHECK(migrate(*database, kTables));
  return database;
}

std::int64_t count(Database& database) {
  const auto rows = database.query("select count(*) from things_a");
  return rows ? (*rows)[0].integer(0) : -1;
}

Status append(Database& database, std::int64_t first) {
  std::vector<std::vector<Value>> rows;
  for (std::int64_t i = first; i < first + kRowsPerCommit; ++i)
    rows.push_back(
        {i, "row " + std::to_string(i), Blob{std::string(static_cast<std::size_t>(i * 37 % 9000), 'x')}});
  return database.insert_many("things_a", {"i", "t", "b"}, rows);
}

void expect_whole(Database& database, std::int64_t acknowledged) {
  const auto rows = database.query(
      "select count(*), coalesce(max(i) + 1, 0), coalesce(sum(t <> 'row ' || i or length(b) <> i * 37 % "
      "9000), "
      "0) from things_a");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_GE((*rows)[0].integer(0), acknowledged);
  EXPECT_EQ((*rows)[0].integer(0), (*rows)[0].integer(1));
  EXPECT_EQ((*rows)[0].integer(0) % kRowsPerCommit, 0) << "half of a commit is there";
  EXPECT_EQ((*rows)[0].integer(2), 0);
  const auto checked = database.query("pragma integrity_check");
  ASSERT_TRUE(checked);
  EXPECT_EQ((*checked)[0].text(0), "ok");
}

// Commits, and now and then copies the log of writes into the file, until the power goes or the round is
// over. Returns the rows that were acknowledged.
std::int64_t write_rows(const testing::SimulatedDisk& disk, std::mt19937_64& random,
                        std::int64_t acknowledged) {
  constexpr const char* kCheckpoints[] = {"pragma wal_checkpoint(passive)", "pragma wal_checkpoint(restart)",
                                          "pragma wal_checkpoint(truncate)"};
  const auto database = open(disk);
  if (!database) return acknowledged;
  for (auto commits = random() % 12; commits > 0; --commits) {
    const std::int64_t next = count(**database);
    if (next < 0 || !append(**database, next)) break;
    acknowledged = next + kRowsPerCommit;
    if (random() % 4 == 0) static_cast<void>((*database)->query(kCheckpoints[random() % 3]));
  }
  return acknowledged;  // closing copies the log, too
}

TEST(PowerLoss, NothingAcknowledgedIsLostAndNothingHalfWrittenIsSeen) {
  constexpr std::int64_t kMaxRows = 200;
  const std::uint64_t start = seed();
  std::mt19937_64 random(start);
  auto disk = std::make_unique<testing::SimulatedDisk>(start);
  std::int64_t acknowledged = 0;
  int cuts = 0;
  for (int round = 0; round < 1000 && !::testing::Test::HasFailure(); ++round) {
    disk->cut_after(random() % 150);
    acknowledged = write_rows(*disk, random, acknowledged);
    cuts += disk->is_cut() ? 1 : 0;
    disk->boot();
    {
      const auto database = open(*disk);
      ASSERT_TRUE(database) << "round " << round << ": " << database.error().message;
      expect_whole(**database, acknowledged);
    }
    if (acknowledged <= kMaxRows) continue;
    acknowledged = 0;  // a fresh disk now and then, so that the first commits are cut, too
    disk.reset();
    disk = std::make_unique<testing::SimulatedDisk>(random());
  }
  EXPECT_GT(cuts, 500);
}

// The disk of the test forgets: without syncing, acknowledged commits go. A test of the test.
TEST(PowerLoss, ADatabaseThatDoesNotSyncLosesWhatItAcknowledged) {
  testing::SimulatedDisk disk(7);
  bool lost = false;
  for (int round = 0; round < 200 && !lost; ++round) {
    std::int64_t acknowledged = 0;
    {
      auto database = open(disk);
      if (!database) break;
      ASSERT_TRUE((*database)->execute("pragma synchronous=off"));
      disk.cut_after(60);
      for (std::int64_t next = count(**database); !disk.is_cut() && append(**database, next);
           next += kRowsPerCommit)
        acknowledged = next + kRowsPerCommit;
    }
    disk.boot();
    const auto database = open(disk);
    lost = !database || count(**database) < acknowledged;
  }
  EXPECT_TRUE(lost);
}

TEST(FullDisk, IsSaidAndNothingIsHalfWrittenAndItGoesOnWhenThereIsRoom) {
  testing::SimulatedDisk disk(11);
  auto database = open(disk);
  ASSERT_TRUE(database);
  disk.set_capacity(disk.used_bytes() + 400'000);
  Status status;
  std::int64_t acknowledged = 0;
  for (std::int64_t next = 0; status; next += kRowsPerCommit) {
    status = append(**database, next);
    if (status) acknowledged = next + kRowsPerCommit;
  }
  EXPECT_GT(acknowledged, 0);
  EXPECT_EQ(status.error().kind, ErrorKind::unavailable);
  EXPECT_NE(status.error().hint.find("make room"), std::string::npos) << status.error().hint;
  expect_whole(**database, acknowledged);
  EXPECT_EQ(count(**database), acknowledged);
  disk.set_capacity(SIZE_MAX);
  EXPECT_TRUE(append(**database, acknowledged));
}

}  // namespace
}  // namespace signalbox::store
