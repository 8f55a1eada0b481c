#include "core/store/database.hpp"

#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/store/testing.hpp"

namespace signalbox::store {
namespace {

const std::vector<Migration> kFirst{
    {"things", 1, "first", "create table things_a (i INTEGER primary key, t TEXT, b BLOB, r REAL);"}};

// What must be true of a store, whichever engine keeps it.
class StoreTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (!store_.is_available()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  }
  std::unique_ptr<Database> open(const OpenOptions& options = {}) const { return store_.open(options); }
  std::unique_ptr<Database> open_with_things() const {
    auto database = open();
    const auto status = migrate(*database, kFirst);
    EXPECT_TRUE(status) << status.error().message;
    return database;
  }
  testing::ScratchStore store_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Engines, StoreTest, ::testing::Values(Engine::sqlite, Engine::postgresql),
                         [](const auto& test) { return testing::name_of(test.param); });

TEST_P(StoreTest, EveryTypeComesBackAsItWent) {
  const auto database = open_with_things();
  const std::string octets("\0\xff\x01", 3);
  ASSERT_TRUE(database->execute("insert into things_a values (?, ?, ?, ?)",
                                {std::int64_t{-5}, std::string("é"), Blob{octets}, 1.5}));
  ASSERT_TRUE(database->execute("insert into things_a values (?, ?, ?, ?)", {std::int64_t{6}, {}, {}, {}}));
  ASSERT_TRUE(database->execute("insert into things_a values (?, ?, ?, ?)",
                                {std::int64_t{7}, std::string(), Blob{}, -0.0}));
  const auto rows = database->query("select i, t, b, r from things_a order by i");
  ASSERT_TRUE(rows);
  EXPECT_EQ((*rows)[0].integer(0), -5);
  EXPECT_EQ((*rows)[0].text(1), "é");
  EXPECT_EQ((*rows)[0].blob(2), octets);
  EXPECT_EQ((*rows)[0].real(3), 1.5);
  EXPECT_TRUE((*rows)[1].is_null(1) && (*rows)[1].is_null(2) && (*rows)[1].is_null(3));
  EXPECT_EQ((*rows)[2][1], Value(std::string()));
  EXPECT_EQ((*rows)[2][2], Value(Blob{}));
}

TEST_P(StoreTest, TheEndsOfTheNumbersComeBackAsTheyWent) {
  const auto database = open_with_things();
  for (const std::int64_t number : {INT64_MIN, std::int64_t{-1}, INT64_MAX}) {
    ASSERT_TRUE(database->execute("insert into things_a (i) values (?)", {number}));
    const auto rows = database->query("select i from things_a where i = ?", {number});
    ASSERT_TRUE(rows);
    EXPECT_EQ((*rows)[0].integer(0), number);
  }
  const auto counted = database->query("select count(*), min(i), max(i) from things_a");
  EXPECT_EQ((*counted)[0].integer(0), 3);
  EXPECT_EQ((*counted)[0].integer(1), INT64_MIN);
  EXPECT_EQ((*counted)[0].integer(2), INT64_MAX);
}

TEST_P(StoreTest, SumsAndQuotientsAreNumbers) {
  const auto database = open_with_things();
  ASSERT_TRUE(
      database->insert_many("things_a", {"i", "r"}, {{std::int64_t{2}, 0.5}, {std::int64_t{-70'001}, 2.0}}));
  const auto rows = database->query("select sum(i), sum(r), coalesce(sum(i), 0) from things_a");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ((*rows)[0].integer(0), -69'999);
  EXPECT_EQ((*rows)[0].real(1), 2.5);
  EXPECT_EQ((*rows)[0].integer(2), -69'999);
}

TEST_P(StoreTest, TextIsOrderedByItsOctets) {
  const auto database = open_with_things();
  ASSERT_TRUE(database->insert_many("things_a", {"i", "t"},
                                    {{std::int64_t{1}, std::string("b")},
                                     {std::int64_t{2}, std::string("B")},
                                     {std::int64_t{3}, std::string("a")},
                                     {std::int64_t{4}, std::string("é")},
                                     {std::int64_t{5}, std::string("z")}}));
  const auto rows = database->query("select t from things_a order by t");
  std::string order;
  for (const Row& row : *rows) order += row.text(0);
  EXPECT_EQ(order, "Babzé");
}

TEST_P(StoreTest, ManyRowsGoInAtOnceNullsAmongThem) {
  const auto database = open_with_things();
  std::vector<std::vector<Value>> rows;
  for (std::int64_t i = 0; i < 10'000; ++i) {
    const Value text = i % 3 == 0 ? Value() : Value(std::to_string(i));
    rows.push_back({i, text, Value(), i % 2 == 0 ? Value(i) : Value(0.5)});
  }
  const auto status = database->insert_many("things_a", {"i", "t", "b", "r"}, rows);
  ASSERT_TRUE(status) << status.error().message;
  const auto read = database->query("select i, t, b, r from things_a order by i");
  ASSERT_EQ(read->size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ((*read)[i][0], rows[i][0]);
    ASSERT_EQ((*read)[i][1], rows[i][1]);
    ASSERT_TRUE((*read)[i].is_null(2));
    ASSERT_EQ((*read)[i].real(3), i % 2 == 0 ? static_cast<double>(i) : 0.5);
  }
}

TEST_P(StoreTest, ARowThatCannotGoInLeavesNoneOfItsTransaction) {
  const auto database = open_with_things();
  const auto status = database->transaction(Database::Access::write, [&]() -> Status {
    SIGNALBOX_CHECK(database->insert_many("things_a", {"i"}, {{std::int64_t{1}}, {std::int64_t{2}}}));
    return database->insert_many("things_a", {"i"}, {{std::int64_t{3}}, {std::int64_t{2}}});
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::conflict);
  EXPECT_EQ((*database->query("select count(*) from things_a"))[0].integer(0), 0);
  EXPECT_TRUE(database->insert_many("things_a", {"i"}, {{std::int64_t{3}}}));
}

TEST_P(StoreTest, RowsAreVisitedUntilTheVisitorHasEnough) {
  const auto database = open_with_things();
  std::vector<std::vector<Value>> rows;
  for (std::int64_t i = 0; i < 1000; ++i) rows.push_back({i});
  ASSERT_TRUE(database->insert_many("things_a", {"i"}, rows));
  std::int64_t sum = 0;
  ASSERT_TRUE(database->for_each("select i from things_a order by i", {}, [&](const Row& row) {
    sum += row.integer(0);
    return row.integer(0) < 4;
  }));
  EXPECT_EQ(sum, 0 + 1 + 2 + 3 + 4);
  EXPECT_EQ((*database->query("select count(*) from things_a"))[0].integer(0), 1000);
}

TEST_P(StoreTest, AFailedTransactionLeavesNothing) {
  const auto database = open_with_things();
  const auto status = database->transaction(Database::Access::write, [&]() -> Status {
    SIGNALBOX_CHECK(database->execute("insert into things_a (i) values (1)"));
    return fail(ErrorKind::conflict, "no");
  });
  EXPECT_EQ(status.error().kind, ErrorKind::conflict);
  EXPECT_EQ((*database->query("select count(*) from things_a"))[0].integer(0), 0);
}

TEST_P(StoreTest, AReadTransactionSeesOneSnapshot) {
  const auto reader = open_with_things();
  const auto writer = open();
  const auto count = [&] { return (*reader->query("select count(*) from things_a"))[0].integer(0); };
  const auto status = reader->transaction(Database::Access::read, [&]() -> Status {
    EXPECT_EQ(count(), 0);
    EXPECT_TRUE(writer->execute("insert into things_a (i) values (1)"));
    EXPECT_EQ(count(), 0);
    return {};
  });
  EXPECT_TRUE(status);
  EXPECT_EQ(count(), 1);
}

TEST_P(StoreTest, AMigrationThatChangedAfterItWasAppliedIsDrift) {
  const auto database = open_with_things();
  ASSERT_TRUE(migrate(*database, kFirst));
  auto changed = kFirst;
  changed[0].sql = "create table things_a (i INTEGER primary key);";
  const auto status = migrate(*database, changed);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::conflict);
}

TEST_P(StoreTest, AStoreOfANewerSignalboxIsAConflict) {
  {
    const auto database = open();
    auto both = kFirst;
    both.push_back({"things", 2, "second", "create table things_b (i INTEGER);"});
    ASSERT_TRUE(migrate(*database, both));
  }
  const auto database = open();
  const auto status = migrate(*database, kFirst);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::conflict);
  ASSERT_TRUE(database->execute("update signalbox_migration set version = 2 where owner = 'store'"));
  const auto newer = open_database(store_.url());
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().kind, ErrorKind::conflict);
  EXPECT_EQ(newer.error().hint, "install the Signalbox that wrote it, or a newer one");
}

TEST_P(StoreTest, AMigrationThatFailsHalfwayLeavesNothing) {
  const auto database = open();
  EXPECT_FALSE(migrate(
      *database,
      {{"things", 1, "bad", "create table things_a (i INTEGER); create table things_a (i INTEGER);"}}));
  EXPECT_EQ(*has_table(*database, "things_a"), false);
  EXPECT_TRUE(migrate(*database, kFirst));
}

TEST_P(StoreTest, AMigrationRunsTheLinesOfItsEngineAlone) {
  const auto database = open();
  const auto status = migrate(*database, {{"things", 1, "first",
                                           "create table things_a (i INTEGER);\n"
                                           "--sqlite insert into things_a values (1);\n"
                                           "--postgresql insert into things_a values (2);\n"}});
  ASSERT_TRUE(status) << status.error().message;
  const auto rows = database->query("select i from things_a");
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ((*rows)[0].integer(0), GetParam() == Engine::sqlite ? 1 : 2);
}

// Runs `work` in `count` processes at once; true when all of them ended with 0.
bool in_processes(int count, const std::function<int()>& work) {
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    children.push_back(::fork());
    if (children.back() == 0) ::_exit(work());
  }
  bool good = true;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  return good;
}

TEST_P(StoreTest, SeveralProcessesThatMigrateAtOnceAllFindTheirTables) {
  std::vector<Migration> migrations;
  for (int version = 1; version <= 8; ++version) {
    const std::string table = "things_" + std::to_string(version);
    migrations.push_back({"things", version, "add " + table,
                          "create table " + table + " (i INTEGER); insert into " + table + " values (1);"});
  }
  EXPECT_TRUE(in_processes(6, [&] {
    const auto database = open_database(store_.url());
    if (!database) return 1;
    if (const auto status = migrate(**database, migrations); !status) {
      std::fprintf(stderr, "%s\n", status.error().message.c_str());
      return 2;
    }
    return 0;
  }));
  const auto database = open();
  EXPECT_EQ((*database->query("select count(*) from things_8"))[0].integer(0), 1);
  EXPECT_EQ(
      (*database->query("select count(*) from signalbox_migration where owner = 'things'"))[0].integer(0), 8);
}

TEST_P(StoreTest, SeveralProcessesTakeTurnsToWrite) {
  open_with_things();
  EXPECT_TRUE(in_processes(4, [&] {
    const auto database = open_database(store_.url());
    if (!database) return 1;
    for (int i = 0; i < 25; ++i) {
      const auto status = (*database)->transaction(Database::Access::write, [&]() -> Status {
        SIGNALBOX_TRY(const auto rows, (*database)->query("select coalesce(max(i), 0) from things_a"));
        SIGNALBOX_CHECK(
            (*database)->execute("insert into things_a (i) values (?)", {rows[0].integer(0) + 1}));
        return {};
      });
      if (!status) return 2;
    }
    return 0;
  }));
  const auto rows = open()->query("select count(*), max(i) from things_a");
  EXPECT_EQ((*rows)[0].integer(0), 100);
  EXPECT_EQ((*rows)[0].integer(1), 100);
}

TEST_P(StoreTest, AWriterThatIsLockedOutNamesTheHolder) {
  const auto first = open_with_things();
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t holder = ::fork();
  if (holder == 0) {
    const auto database = open_database(store_.url());
    static_cast<void>((*database)->transaction(Database::Access::write, [&]() -> Status {
      static_cast<void>(::write(ends[1], "x", 1));
      ::pause();
      return {};
    }));
    ::_exit(0);
  }
  char taken = 0;
  ASSERT_EQ(::read(ends[0], &taken, 1), 1);
  const auto second = open({std::chrono::milliseconds(50), false});
  const auto blocked = second->transaction(Database::Access::write, [] { return Status{}; });
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().kind, ErrorKind::unavailable);
  EXPECT_NE(blocked.error().message.find("pid " + std::to_string(holder)), std::string::npos)
      << blocked.error().message;
  EXPECT_NE(blocked.error().message.find("since "), std::string::npos) << blocked.error().message;
  // The lock went with its holder.
  const auto third = open();
  EXPECT_TRUE(third->transaction(Database::Access::write, [] { return Status{}; }));
}

TEST_P(StoreTest, AReadOnlyStoreRefusesWrites) {
  open_with_things();
  const auto database = open({std::chrono::milliseconds(50), true});
  const auto written = database->execute("insert into things_a (i) values (1)");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::denied);
  EXPECT_TRUE(database->query("select count(*) from things_a"));
}

TEST(SqliteStore, WhatIsNoDatabaseIsRefused) {
  const TemporaryDirectory folder;
  ASSERT_TRUE(write_file_atomically(folder.path() / "a.db", std::string(5000, 'x')));
  EXPECT_FALSE(open_database("sqlite:" + (folder.path() / "a.db").string()));
}

TEST(Stores, AUrlOfAnotherKindIsRefusedWithoutRepeatingIt) {
  const auto database = open_database("mysql://me:secret@host/x");
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(database.error().message.find("secret"), std::string::npos) << database.error().message;
}

}  // namespace
}  // namespace signalbox::store
