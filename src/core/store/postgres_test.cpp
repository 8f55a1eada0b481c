#include <cmath>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

#include "core/store/database.hpp"
#include "core/store/libpq.hpp"
#include "core/store/looked_at.hpp"
#include "core/store/postgres_error.hpp"
#include "core/store/postgres_values.hpp"
#include "core/store/sql_text.hpp"
#include "core/store/testing.hpp"

namespace signalbox::store {
namespace {

TEST(SqlText, IsTranslatedOutsideOfQuotesAlone) {
  EXPECT_EQ(to_postgresql("insert into a (t) values (?, '?', ?) -- ?"),
            "insert into a (t) values ($1, '?', $2) -- ?");
  EXPECT_EQ(to_postgresql("create table a (i INTEGER primary key, r REAL, b BLOB) WITHOUT ROWID"),
            "create table a (i bigint primary key, r double precision, b bytea) ");
  EXPECT_EQ(to_postgresql("create table a (t TEXT not null)"),
            "create table a (t text collate \"C\" not null)");
}

TEST(SqlText, AScriptIsSplitWhereStatementsEnd) {
  const std::vector<std::string> expected{"create table a (t TEXT default ';')", "drop table b"};
  EXPECT_EQ(split_statements("create table a (t TEXT default ';'); -- one; two\n drop table b;\n;"),
            expected);
}

TEST(Libpq, AMissingLibraryIsNamedWithItsPackage) {
  const auto library = open_libpq("libpq-that-is-not-there.so.5");
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(exit_code(library.error().kind), 3);
  EXPECT_NE(library.error().hint.find("libpq5"), std::string::npos);
}

TEST(Libpq, ALibraryThatIsNotItIsRefused) {
  EXPECT_FALSE(open_libpq("libm.so.6"));
}

// The octets are those that a PostgreSQL 15 server sent.
TEST(PostgresValues, NumericsBecomeIntegersOrReals) {
  const auto read = [](std::string_view octets) { return *decode(PgType::numeric, octets); };
  EXPECT_EQ(read({"\0\0\0\0\0\0\0\0", 8}), Value(std::int64_t{0}));
  EXPECT_EQ(read({"\0\2\0\1\x40\0\0\0\0\7\0\1", 12}), Value(std::int64_t{-70'001}));
  EXPECT_EQ(read({"\0\1\0\1\0\0\0\0\0\7", 10}), Value(std::int64_t{70'000}));
  EXPECT_EQ(read({"\0\2\0\0\0\0\0\1\0\1\x13\x88", 12}), Value(1.5));
  EXPECT_FALSE(decode(PgType::numeric, {"\0\0\0\0\xc0\0\0\0", 8}));  // NaN
  EXPECT_FALSE(decode(PgType::numeric, {"\0\5\0\0\0\0\0\0", 8}));    // cut short
}

TEST(PostgresErrors, TheCodeIsFoundInAnyLanguage) {
  EXPECT_EQ(sqlstate_in("connection to server at \"h\" (1.2.3.4), port 5432 failed: FATAL:  28P01: password"),
            "28P01");
  EXPECT_EQ(sqlstate_in("Verbindung fehlgeschlagen: FATAL:  3D000: Datenbank »x« existiert nicht"), "3D000");
  EXPECT_EQ(sqlstate_in("could not translate host name \"h\" to address: Name or service not known"), "");
}

// A server that the test starts, one for all of these.
class PostgresFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    server_ = testing::PostgresServer::shared();
    if (server_ == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  }
  Error refused(const std::string& url, const OpenOptions& options = {}) const {
    const auto database = open_database(url, options);
    EXPECT_FALSE(database);
    return database ? Error{} : database.error();
  }
  testing::PostgresServer* server_ = nullptr;
};

TEST_F(PostgresFaults, StatementsOfOthersAreSentAsTheyAre) {
  LookOptions options;
  options.sql = LookOptions::Sql::as_written;
  const auto database = open_looked_at(server_->url("postgres"), options);
  ASSERT_TRUE(database.has_value());
  // ? is an operator there, and TEXT has the database's own collation.
  const auto rows = (*database)->query("select '{\"a\": 1}'::jsonb ? $1, pg_typeof(1::INTEGER)::TEXT", {"a"});
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  EXPECT_EQ((*rows)[0].integer(0), 1);
  EXPECT_EQ((*rows)[0].text(1), "integer");
}

TEST_F(PostgresFaults, AServerThatIsNotThereIsUnavailable) {
  const Error socket = refused("postgresql:///x?host=/nowhere/at/all");
  EXPECT_EQ(socket.kind, ErrorKind::unavailable);
  EXPECT_NE(socket.message.find("/nowhere/at/all"), std::string::npos) << socket.message;
  const Error port = refused("postgresql://127.0.0.1:1/x");
  EXPECT_EQ(port.kind, ErrorKind::unavailable);
  EXPECT_NE(port.hint.find("is the server running"), std::string::npos) << port.hint;
}

TEST_F(PostgresFaults, AUrlThatIsNoneIsBadInputAndItsPasswordStaysHidden) {
  for (const char* url : {"postgresql://me:secret@[host/x", "postgresql://me:secret@host/x?nonsense=1",
                          "postgresql://me:secret@host/%zz"}) {
    const Error error = refused(url);
    EXPECT_EQ(error.kind, ErrorKind::bad_input) << url;
    EXPECT_EQ(error.message.find("secret"), std::string::npos) << error.message;
  }
}

TEST_F(PostgresFaults, ADatabaseThatDoesNotExistIsNotFound) {
  const Error error = refused(server_->url("there_is_none"));
  EXPECT_EQ(error.kind, ErrorKind::not_found) << error.message;
  EXPECT_NE(error.hint.find("createdb"), std::string::npos);
}

TEST_F(PostgresFaults, AUserWhoMayNotComeInIsDenied) {
  EXPECT_EQ(refused(server_->url("postgres", "nobody_known")).kind, ErrorKind::denied);
}

TEST_F(PostgresFaults, AUserWithoutRightsIsToldWhatToGrant) {
  const testing::ScratchStore store(Engine::postgresql);
  const auto owner = store.open();
  ASSERT_TRUE(migrate(*owner, {{"things", 1, "first", "create table things_a (i INTEGER primary key);"}}));
  ASSERT_TRUE(owner->execute("create role visitor login"));
  ASSERT_TRUE(owner->execute("grant select on all tables in schema public to visitor"));
  std::string url = store.url();
  url.replace(url.find("user=postgres"), 13, "user=visitor");
  const auto database = open_database(url);
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_TRUE((*database)->query("select count(*) from things_a"));
  const auto written = (*database)->execute("insert into things_a values (1)");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::denied);
  EXPECT_NE(written.error().hint.find("grant"), std::string::npos) << written.error().hint;
}

TEST_F(PostgresFaults, AServerThatSwitchedOffSynchronousCommitIsOverruled) {
  const testing::ScratchStore store(Engine::postgresql);
  ASSERT_TRUE(store.open()->execute("alter database " +
                                    store.open()->query("select current_database()")->front().text(0) +
                                    " set synchronous_commit = off"));
  EXPECT_EQ(store.open()->query("select current_setting('synchronous_commit')")->front().text(0), "on");
}

TEST_F(PostgresFaults, TooManyConnectionsAreUnavailable) {
  const testing::ScratchStore store(Engine::postgresql);
  std::vector<std::unique_ptr<Database>> held;
  for (int i = 0; i < 100; ++i) {
    auto database = open_database(store.url());
    if (!database) {
      EXPECT_EQ(database.error().kind, ErrorKind::unavailable) << database.error().message;
      EXPECT_NE(database.error().hint.find("max_connections"), std::string::npos) << database.error().hint;
      return;
    }
    held.push_back(std::move(*database));
  }
  FAIL() << "the server took a hundred connections";
}

// A server with passwords of its own.
TEST(PostgresPasswords, AWrongOrMissingPasswordIsDenied) {
  auto server = testing::PostgresServer::start(testing::PostgresServer::Sync::off);
  if (!server) GTEST_SKIP() << server.error().message;
  {
    const auto owner = open_database((*server)->url("postgres"));
    ASSERT_TRUE(owner);
    ASSERT_TRUE((*owner)->execute("create role keeper login password 'right'"));
  }
  ASSERT_TRUE((*server)->require_passwords());
  const auto with = [&](const std::string& password) {
    return open_database((*server)->url("postgres", "keeper") + password);
  };
  EXPECT_TRUE(with("&password=right"));
  const auto wrong = with("&password=wrong");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::denied);
  EXPECT_EQ(wrong.error().message.find("wrong"), std::string::npos) << wrong.error().message;
  const auto none = with("");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::denied);
  EXPECT_NE(none.error().hint.find(".pgpass"), std::string::npos) << none.error().hint;
}

// Its session works on, and holds the memory that the next one wants.
TEST(PostgresServers, OneWhosePostmasterWasKilledStartsOnceItsSessionsAreGone) {
  auto server = testing::PostgresServer::start(testing::PostgresServer::Sync::off);
  if (!server) GTEST_SKIP() << server.error().message;
  const std::string url = (*server)->url("postgres");
  const auto watching = open_database(url);
  ASSERT_TRUE(watching);
  std::thread session([&] {
    const auto database = open_database(url);
    EXPECT_TRUE(database && (*database)->execute("set statement_timeout = '2s'"));
    if (database) {
      EXPECT_FALSE((*database)->execute("do $$ begin loop end loop; end $$"));
    }
  });
  bool works = false;
  for (int attempt = 0; attempt < 4800 && !works; ++attempt) {
    const auto rows = (*watching)->query(
        "select count(*) from pg_stat_activity where query like 'do %' and state = 'active'");
    works = rows && rows->at(0).integer(0) == 1;
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  EXPECT_TRUE(works);
  ::kill((*server)->pid(), SIGKILL);
  EXPECT_TRUE((*server)->restart());
  session.join();
}

}  // namespace
}  // namespace signalbox::store
