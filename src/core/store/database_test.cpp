#include "core/store/database.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.hpp"

namespace signalbox::store {
namespace {

class SqliteStore : public ::testing::Test {
 protected:
  std::string url(const std::string& name = "a.db") const {
    return "sqlite:" + (folder_.path() / name).string();
  }
  std::unique_ptr<Database> open(const OpenOptions& options = {}) {
    auto database = open_database(url(), options);
    EXPECT_TRUE(database) << (database ? "" : database.error().message);
    return std::move(*database);
  }
  TemporaryDirectory folder_;
};

const std::vector<Migration> kFirst{
    {"things", 1, "first", "create table things_a (i integer primary key, t text, b blob, r real);"}};

TEST_F(SqliteStore, EveryTypeComesBackAsItWent) {
  const auto database = open();
  ASSERT_TRUE(migrate(*database, kFirst));
  const std::string octets("\0\xff\x01", 3);
  ASSERT_TRUE(database->execute("insert into things_a values (?, ?, ?, ?)",
                                {std::int64_t{-5}, std::string("é"), Blob{octets}, 1.5}));
  ASSERT_TRUE(database->execute("insert into things_a values (?, ?, ?, ?)", {std::int64_t{6}, {}, {}, {}}));
  const auto rows = database->query("select i, t, b, r from things_a order by i");
  ASSERT_TRUE(rows);
  EXPECT_EQ((*rows)[0].integer(0), -5);
  EXPECT_EQ((*rows)[0].text(1), "é");
  EXPECT_EQ((*rows)[0].blob(2), octets);
  EXPECT_EQ((*rows)[0].real(3), 1.5);
  EXPECT_TRUE((*rows)[1].is_null(1) && (*rows)[1].is_null(2) && (*rows)[1].is_null(3));
}

TEST_F(SqliteStore, AFailedTransactionLeavesNothing) {
  const auto database = open();
  ASSERT_TRUE(migrate(*database, kFirst));
  const auto status = database->transaction(Database::Access::write, [&]() -> Status {
    SIGNALBOX_CHECK(database->execute("insert into things_a (i) values (1)"));
    return fail(ErrorKind::conflict, "no");
  });
  EXPECT_EQ(status.error().kind, ErrorKind::conflict);
  EXPECT_EQ((*database->query("select count(*) from things_a"))[0].integer(0), 0);
}

TEST_F(SqliteStore, AMigrationThatChangedAfterItWasAppliedIsDrift) {
  const auto database = open();
  ASSERT_TRUE(migrate(*database, kFirst));
  ASSERT_TRUE(migrate(*database, kFirst));
  auto changed = kFirst;
  changed[0].sql = "create table things_a (i integer primary key);";
  const auto status = migrate(*database, changed);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::conflict);
}

TEST_F(SqliteStore, AStoreOfANewerSignalboxIsAConflict) {
  {
    const auto database = open();
    auto both = kFirst;
    both.push_back({"things", 2, "second", "create table things_b (i integer);"});
    ASSERT_TRUE(migrate(*database, both));
  }
  const auto database = open();
  const auto status = migrate(*database, kFirst);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::conflict);
}

TEST_F(SqliteStore, AMigrationThatFailsHalfwayLeavesNothing) {
  const auto database = open();
  EXPECT_FALSE(migrate(
      *database,
      {{"things", 1, "bad", "create table things_a (i integer); create table things_a (i integer);"}}));
  EXPECT_EQ(*has_table(*database, "things_a"), false);
}

TEST_F(SqliteStore, AWriterThatIsLockedOutSaysItIsUnavailable) {
  const auto first = open();
  ASSERT_TRUE(migrate(*first, kFirst));
  const auto second = open({std::chrono::milliseconds(50), false});
  const auto status = first->transaction(Database::Access::write, [&]() -> Status {
    const auto blocked = second->execute("insert into things_a (i) values (1)");
    EXPECT_FALSE(blocked);
    EXPECT_EQ(blocked.error().kind, ErrorKind::unavailable);
    return {};
  });
  EXPECT_TRUE(status);
}

TEST_F(SqliteStore, AReadOnlyStoreRefusesWrites) {
  ASSERT_TRUE(migrate(*open(), kFirst));
  const auto database = open({std::chrono::milliseconds(50), true});
  const auto written = database->execute("insert into things_a (i) values (1)");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::denied);
}

TEST_F(SqliteStore, WhatIsNoDatabaseIsRefused) {
  ASSERT_TRUE(write_file_atomically(folder_.path() / "a.db", std::string(5000, 'x')));
  EXPECT_FALSE(open_database(url()));
}

// The writer is killed at a random point, 300 times; each row is acknowledged through a pipe after its
// commit.
TEST_F(SqliteStore, AKilledWriterLosesNothingItAcknowledged) {
  ASSERT_TRUE(migrate(*open(), kFirst));
  std::int64_t acknowledged = 0;
  for (int round = 0; round < 300; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto database = open_database(url());
      if (!database) ::_exit(1);
      std::int64_t next = (*(*database)->query("select coalesce(max(i), 0) from things_a"))[0].integer(0) + 1;
      for (;; ++next) {
        if (!(*database)->execute("insert into things_a (i, t) values (?, ?)",
                                  {next, "row " + std::to_string(next)}))
          ::_exit(2);
        if (::write(ends[1], &next, sizeof next) != sizeof next) ::_exit(3);
      }
    }
    ::close(ends[1]);
    ::usleep(static_cast<useconds_t>(3'000 + (round * 7919) % 20'000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    std::int64_t value = 0;
    while (::read(ends[0], &value, sizeof value) == sizeof value) acknowledged = value;
    ::close(ends[0]);
    const auto database = open();
    const auto rows = database->query(
        "select count(*), coalesce(max(i), 0), coalesce(sum(t <> 'row ' || i), 0) from things_a");
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_GE((*rows)[0].integer(1), acknowledged);
    ASSERT_EQ((*rows)[0].integer(0), (*rows)[0].integer(1));
    ASSERT_EQ((*rows)[0].integer(2), 0);
  }
  EXPECT_GT(acknowledged, 300);
}

TEST(Blobs, ACorruptedBlobIsNamedAndNotHandedOut) {
  const TemporaryDirectory folder;
  BlobStore blobs(folder.path());
  const auto digest = blobs.put("hello");
  ASSERT_TRUE(digest);
  EXPECT_EQ(*digest, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  EXPECT_EQ(*blobs.get(*digest), "hello");
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path())) {
    if (file.is_regular_file()) {
      ASSERT_TRUE(write_file_atomically(file.path(), "jello"));
    }
  }
  EXPECT_FALSE(blobs.get(*digest));
  EXPECT_FALSE(blobs.get(std::string(64, '0')));
}

}  // namespace
}  // namespace signalbox::store
