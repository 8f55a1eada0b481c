// What was acknowledged survives kill -9 of whoever writes or keeps it. Acknowledgements come through a pipe
// and are read to its end after the kill.
#include <csignal>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/killed_writer.hpp"
#include "core/store/database.hpp"
#include "core/store/testing.hpp"

namespace signalbox::store {
namespace {

constexpr std::int64_t kRowsPerCommit = 3;
const std::vector<Migration> kTables{
    {"things", 1, "first",
     "create table things_a (i INTEGER primary key, t TEXT not null, b BLOB not null);"}};

std::string text_of(std::int64_t i) {
  return "row " + std::to_string(i);
}

// Writes rows until the store is gone or this process is; each commit is acknowledged by its last row.
[[noreturn]] void write_for_ever(const std::string& url, int acknowledge_to) {
  const auto database = open_database(url);
  if (!database) ::_exit(1);
  Database& store = **database;
  if (store.engine() == Engine::postgresql) {
    const auto backend = store.query("select pg_backend_pid()");
    if (!backend) ::_exit(1);
    const std::int64_t pid = (*backend)[0].integer(0);
    if (::write(acknowledge_to, &pid, sizeof pid) != sizeof pid) ::_exit(1);
  }
  for (;;) {
    std::int64_t last = 0;
    const auto written = store.transaction(Database::Access::write, [&]() -> Status {
      SIGNALBOX_TRY(const auto rows, store.query("select coalesce(max(i), 0) from things_a"));
      std::vector<std::vector<Value>> more;
      for (last = rows[0].integer(0); more.size() < kRowsPerCommit;) {
        ++last;
        more.push_back({last, text_of(last), Blob{std::string(static_cast<std::size_t>(last % 3000), 'x')}});
      }
      return store.insert_many("things_a", {"i", "t", "b"}, more);
    });
    if (!written) ::_exit(2);
    if (::write(acknowledge_to, &last, sizeof last) != sizeof last) ::_exit(3);
  }
}

// A writer in a process of its own.
class Writer {
 public:
  explicit Writer(const std::string& url) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) write_for_ever(url, ends[1]);
    ::close(ends[1]);
    from_ = ends[0];
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { ::close(from_); }

  int pid() const { return pid_; }
  std::int64_t read_one() const {
    std::int64_t value = 0;
    return ::read(from_, &value, sizeof value) == sizeof value ? value : 0;
  }
  // The last acknowledgement, after the writer's end.
  std::int64_t wait() const {
    std::int64_t last = 0;
    for (std::int64_t value = read_one(); value != 0; value = read_one()) last = value;
    ::waitpid(pid_, nullptr, 0);
    return last;
  }

 private:
  int pid_ = -1;
  int from_ = -1;
};

// One statement, hence one snapshot: the last transaction of a killed client may still commit between two.
void expect_whole(Database& database, std::int64_t acknowledged) {
  const auto rows = database.query(
      "select count(*), coalesce(max(i), 0), "
      "coalesce(sum(case when t = 'row ' || i and length(b) = i % 3000 then 0 else 1 end), 0) from things_a");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_GE((*rows)[0].integer(1), acknowledged);
  EXPECT_EQ((*rows)[0].integer(0), (*rows)[0].integer(1));
  EXPECT_EQ((*rows)[0].integer(1) % kRowsPerCommit, 0) << "half of a commit is there";
  EXPECT_EQ((*rows)[0].integer(2), 0);
}

// A server that recovers refuses for a while.
std::unique_ptr<Database> open_when_recovered(const std::string& url) {
  for (int attempt = 0; attempt < 3000; ++attempt) {
    auto database = open_database(url);
    if (database && (*database)->query("select count(*) from things_a")) return std::move(*database);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return nullptr;
}

// A connection that sees a server restart its processes: it breaks then.
class Sentinel {
 public:
  explicit Sentinel(const std::string& url) : database_(std::move(open_database(url).value())), pid_(pid()) {}
  // Returns when the server has noticed that a backend of it is dead; until then it answers as before.
  void wait_for_restart() {
    for (int attempt = 0; attempt < 3000 && pid() == pid_; ++attempt)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

 private:
  std::int64_t pid() {
    const auto rows = database_->query("select pg_backend_pid()");
    return rows ? (*rows)[0].integer(0) : 0;
  }
  std::unique_ptr<Database> database_;
  std::int64_t pid_;
};

class KillTest : public ::testing::TestWithParam<Engine> {};
INSTANTIATE_TEST_SUITE_P(Engines, KillTest, ::testing::Values(Engine::sqlite, Engine::postgresql),
                         [](const auto& test) { return testing::name_of(test.param); });

TEST_P(KillTest, AKilledWriterLosesNothingItAcknowledged) {
  const testing::ScratchStore store(GetParam());
  if (!store.is_available()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  ASSERT_TRUE(migrate(*store.open(), kTables));
  const int rounds = GetParam() == Engine::sqlite ? 300 : 150;
  int rounds_with_commits = 0;
  std::int64_t acknowledged = 0;
  signalbox::testing::KillMoments moments(std::chrono::milliseconds(25));
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    const Writer writer(store.url());
    if (GetParam() == Engine::postgresql) {
      ASSERT_NE(writer.read_one(), 0);
    }
    std::this_thread::sleep_for(moments.next());
    ::kill(writer.pid(), SIGKILL);
    const std::int64_t last = writer.wait();
    moments.saw(last != 0);
    if (last != 0) {
      acknowledged = last;
      ++rounds_with_commits;
    }
    expect_whole(*store.open(), acknowledged);
  }
  EXPECT_GT(rounds_with_commits, rounds / 4);
}

TEST(PostgresqlKill, AKilledBackendLosesNothingThatWasAcknowledged) {
  if (testing::PostgresServer::shared() == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  // A server of its own: each kill takes all connections of a server with it.
  const auto server = testing::PostgresServer::start(testing::PostgresServer::Sync::off);
  ASSERT_TRUE(server) << server.error().message;
  const auto url = (*server)->create_database();
  ASSERT_TRUE(url) << url.error().message;
  ASSERT_TRUE(migrate(**open_database(*url), kTables));
  std::int64_t acknowledged = 0;
  int rounds_with_commits = 0;
  signalbox::testing::KillMoments moments(std::chrono::milliseconds(25));
  for (int round = 0; round < 150 && !::testing::Test::HasFailure(); ++round) {
    Sentinel sentinel(*url);
    const Writer writer(*url);
    const std::int64_t backend = writer.read_one();
    ASSERT_NE(backend, 0);
    std::this_thread::sleep_for(moments.next());
    ASSERT_EQ(::kill(static_cast<pid_t>(backend), SIGKILL), 0);  // the server restarts all its processes
    sentinel.wait_for_restart();
    // Between two transactions the loss of a connection is no error: it would be made anew, and written on.
    ::kill(writer.pid(), SIGKILL);
    const std::int64_t last = writer.wait();
    moments.saw(last != 0);
    if (last != 0) {
      acknowledged = last;
      ++rounds_with_commits;
    }
    const auto database = open_when_recovered(*url);
    ASSERT_NE(database, nullptr);
    expect_whole(*database, acknowledged);
  }
  EXPECT_GT(rounds_with_commits, 40);
}

TEST(PostgresqlKill, AConnectionThatBrokeIsMadeAnewForWhatComesNext) {
  const testing::ScratchStore store(Engine::postgresql);
  if (!store.is_available()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  const auto database = store.open();
  ASSERT_TRUE(migrate(*database, kTables));
  const auto break_it = [&] {
    const auto pid = database->query("select pg_backend_pid()");
    ASSERT_TRUE(pid);
    ASSERT_TRUE(store.open()->query("select pg_terminate_backend(?::int)", {(*pid)[0].integer(0)}));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  };
  const auto insert = [&](std::int64_t i) {
    return database->transaction(Database::Access::write, [&]() -> Status {
      SIGNALBOX_CHECK(database->execute("insert into things_a values (?, ?, ?)", {i, text_of(i), Blob{}}));
      return {};
    });
  };
  EXPECT_TRUE(insert(1));
  break_it();
  EXPECT_TRUE(insert(2));
  break_it();
  EXPECT_EQ((*database->query("select count(*) from things_a"))[0].integer(0), 2);
  // Within a transaction nothing is repeated: its beginning is gone.
  const auto status = database->transaction(Database::Access::write, [&]() -> Status {
    SIGNALBOX_CHECK(
        database->execute("insert into things_a values (?, ?, ?)", {std::int64_t{3}, text_of(3), Blob{}}));
    break_it();
    SIGNALBOX_CHECK(database->query("select 1"));
    return {};
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::unavailable) << status.error().message;
  EXPECT_EQ((*database->query("select count(*) from things_a"))[0].integer(0), 2);
}

// A process is killed while it migrates: every migration is there whole or not at all, and the next process
// ends the work.
TEST_P(KillTest, AMigrationThatWasKilledIsEndedByTheNextProcess) {
  std::vector<Migration> migrations;
  for (int version = 1; version <= 12; ++version) {
    const std::string table = "things_" + std::to_string(version);
    migrations.push_back(
        {"things", version, "add " + table,
         "create table " + table + "_a (i INTEGER); create table " + table + "_b (i INTEGER);"});
  }
  for (int round = 0; round < 25 && !HasFailure(); ++round) {
    const testing::ScratchStore store(GetParam());
    if (!store.is_available()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
    const pid_t child = ::fork();
    if (child == 0) {
      auto database = open_database(store.url());
      ::_exit(database && migrate(**database, migrations) ? 0 : 1);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(1'000 * (round + 2)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto database = store.open();
    for (int version = 1; version <= 12; ++version) {
      const std::string table = "things_" + std::to_string(version);
      EXPECT_EQ(*has_table(*database, table + "_a"), *has_table(*database, table + "_b")) << table;
    }
    const auto status = migrate(*database, migrations);
    EXPECT_TRUE(status) << status.error().message;
    EXPECT_TRUE(*has_table(*database, "things_12_b"));
  }
}

}  // namespace
}  // namespace signalbox::store
