// Deadlocks and waits of a real server, in three formats of its log; details that are torn.
#include "instruments/queries/logs/lock_log.hpp"

#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "core/report/report.hpp"
#include "core/store/looked_at.hpp"
#include "instruments/queries/logs/lock_report.hpp"
#include "instruments/queries/logs/log_file.hpp"
#include "instruments/queries/server/testing.hpp"

namespace signalbox::queries {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

// A session whose statements may fail.
std::unique_ptr<store::Database> session(const std::string& url) {
  auto out = store::open_looked_at(
      url, {"the test", store::LookOptions::Access::read_write, std::chrono::seconds(60), {}});
  EXPECT_TRUE(out.has_value());
  return std::move(*out);
}
std::int64_t pid_of(store::Database& session) {
  return (*session.query("select pg_backend_pid()::bigint")).at(0).integer(0);
}

LockEvents events_of(const fs::path& data, std::string_view ending) {
  LockLog locks;
  for (const auto& entry : fs::directory_iterator(data / "log")) {
    if (entry.path().extension() != ending) continue;
    const auto read = read_log_file(entry.path(), {}, locks);
    EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().message);
  }
  locks.finish();
  return locks.take();
}

void wait_for(testing::Client& looker, const std::string& condition) {
  for (int i = 0; i < 6'000 && looker.number("select count(*) from pg_stat_activity where " + condition) == 0;
       ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

}  // namespace

TEST(LockLog, ADeadlockAndAWaitAreToldByEachFormatOfTheLog) {
  const auto server = testing::start_counting_server(
      {"logging_collector=on", "log_destination=stderr,csvlog,jsonlog", "log_line_prefix=%m [%p] %u@%d ",
       "log_lock_waits=on", "deadlock_timeout=300ms"});
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  const std::string url = server->url("postgres");
  testing::Client looker(url);
  looker.run("create table t (id int primary key, note text)");
  looker.run("insert into t values (1, ''), (2, ''), (3, '')");
  const auto one = session(url), other = session(url);
  const std::int64_t pid_one = pid_of(*one), pid_other = pid_of(*other);
  for (auto* each : {one.get(), other.get()}) ASSERT_TRUE(each->execute("begin").has_value());
  ASSERT_TRUE(one->execute("update t set note = 'hidden' where id = 1").has_value());
  ASSERT_TRUE(other->execute("update t set note = 'hidden' where id = 2").has_value());
  bool one_ended = false;
  std::thread waits([&] {
    one_ended = !one->execute("update t set note = 'hidden\nProcess 7: select' where id = 2").has_value();
    static_cast<void>(one->execute("rollback"));
  });
  wait_for(looker, "wait_event_type = 'Lock' and pid = " + std::to_string(pid_one));
  const bool other_ended = !other->execute("delete from t\nwhere id = 1 and note <> 'hidden'").has_value();
  static_cast<void>(other->execute("rollback"));
  waits.join();
  ASSERT_NE(one_ended, other_ended);

  // One holds a row, another waits for it longer than deadlock_timeout.
  const auto holder = session(url), waiter = session(url);
  const std::int64_t pid_holder = pid_of(*holder), pid_waiter = pid_of(*waiter);
  ASSERT_TRUE(holder->execute("begin").has_value());
  const auto held_from = SteadyClock::now();
  ASSERT_TRUE(holder->execute("update t set note = 'x' where id = 3").has_value());
  std::thread queue(
      [&] { EXPECT_TRUE(waiter->execute("update t set note = 'hidden' where id = 3").has_value()); });
  wait_for(looker, "wait_event_type = 'Lock' and pid = " + std::to_string(pid_waiter));
  const auto seen = SteadyClock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  const double at_least = std::chrono::duration<double, std::milli>(SteadyClock::now() - seen).count();
  ASSERT_TRUE(holder->execute("commit").has_value());
  queue.join();
  const double at_most = std::chrono::duration<double, std::milli>(SteadyClock::now() - held_from).count();
  // The server's own count, which comes a little later.
  for (int i = 0; i < 1'000 && looker.number("select sum(deadlocks)::bigint from pg_stat_database") < 1; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(looker.number("select sum(deadlocks)::bigint from pg_stat_database"), 1);

  for (const char* ending : {".log", ".csv", ".json"}) {
    LockEvents events;
    const auto has_end = [&] {
      for (const LockWait& each : events.waits)
        if (each.pid == pid_waiter && each.end == LockWait::End::acquired) return true;
      return false;
    };
    for (int i = 0; i < 1'000 && !has_end(); ++i) {  // the collector writes behind
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      events = events_of(server->data(), ending);
    }
    ASSERT_EQ(events.deadlocks.size(), 1u) << ending;
    const Deadlock& deadlock = events.deadlocks.front();
    EXPECT_EQ(deadlock.victim, one_ended ? pid_one : pid_other) << ending;
    EXPECT_EQ(deadlock.database, "postgres") << ending;
    EXPECT_EQ(deadlock.context.find("while "), 0u) << ending << deadlock.context;
    ASSERT_EQ(deadlock.parties.size(), 2u) << ending;
    for (const DeadlockParty& each : deadlock.parties) {
      EXPECT_EQ(each.blocked_by, each.pid == pid_one ? pid_other : pid_one) << ending;
      EXPECT_EQ(each.lock.find("ShareLock on transaction "), 0u) << ending << each.lock;
      EXPECT_EQ(each.statement.find(each.pid == pid_one ? "update t set note" : "delete from t"), 0u)
          << ending << each.statement;
      EXPECT_EQ(each.statement.find("hidden"), std::string::npos) << ending << each.statement;
      EXPECT_EQ(each.statement.find("Process 7"), std::string::npos) << ending << each.statement;
      EXPECT_EQ(each.fingerprint.size(), 16u) << ending;
    }
    const auto waited = std::find_if(events.waits.begin(), events.waits.end(),
                                     [&](const LockWait& each) { return each.pid == pid_waiter; });
    ASSERT_NE(waited, events.waits.end()) << ending;
    EXPECT_EQ(waited->end, LockWait::End::acquired) << ending;
    EXPECT_EQ(waited->holders, std::vector<std::int64_t>{pid_holder}) << ending;
    EXPECT_GE(waited->waited_ms, at_least) << ending;
    EXPECT_LE(waited->waited_ms, at_most) << ending;
    EXPECT_EQ(waited->statement, "update t set note = $1 where id = $2") << ending;

    Report report;
    report.data = Json::object({});
    add_lock_events(events, report);
    ASSERT_EQ(report.findings.size(), 1u) << ending;
    EXPECT_EQ(report.findings[0].rule, "queries/deadlock");
    EXPECT_EQ(report.data["lock_deadlocks"].items().size(), 1u);
    const std::string words = to_json(report).dump();
    EXPECT_EQ(words.find("hidden"), std::string::npos) << ending << words;
    // What is kept is what was read.
    EXPECT_EQ(to_json(deadlock_from(to_json(deadlock))).dump(), to_json(deadlock).dump());
    EXPECT_EQ(to_json(lock_wait_from(to_json(*waited))).dump(), to_json(*waited).dump());
  }
}

TEST(LockLog, ACircleIsOneKindWhoeverBeganIt) {
  Deadlock first, second;
  first.parties = {{1, 2, "ShareLock on transaction 7", "", "a"},
                   {2, 1, "ShareLock on transaction 8", "", "b"}};
  second.parties = {{5, 6, "ShareLock on transaction 9", "", "b"},
                    {6, 5, "ShareLock on transaction 10", "", "a"}};
  EXPECT_EQ(circle_of(first), circle_of(second));
  second.parties[0].fingerprint = "c";
  EXPECT_NE(circle_of(first), circle_of(second));
}

TEST(LockLog, DetailsThatAreTornAreNoCircle) {
  const std::string whole =
      "Process 1 waits for ShareLock on transaction 7; blocked by process 2.\n"
      "Process 2 waits for ShareLock on transaction 8; blocked by process 1.\n"
      "Process 1: update a set b = 'secret'\nwhere c = 1\nProcess 2: update a set b = 2";
  const auto parties = read_deadlock_detail(whole);
  ASSERT_TRUE(parties.has_value());
  EXPECT_EQ(parties->at(0).statement, "update a set b = $1 where c = $2");
  EXPECT_EQ(parties->at(1).statement, "update a set b = $1");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto cut = read_deadlock_detail(whole.substr(0, length));
    if (cut) EXPECT_EQ(cut->size(), 2u) << length;  // both lines are there
  }
  for (const char* bad :
       {"", "Process", "Process 1 waits for x; blocked by process 2.",
        "Process 1 waits for ; blocked by process 1",
        "Process 99999999999999999999 waits for a; blocked by process 1.", "Process 1: select 1",
        "Process 1 waits for a; blocked by process 2.\nProcess 3 waits for a; blocked by process 1."})
    EXPECT_FALSE(read_deadlock_detail(bad).has_value()) << bad;
  const auto unknown = read_deadlock_detail(
      "Process 1 waits for a; blocked by process 1.\nProcess 1: <backend information not available>");
  ASSERT_TRUE(unknown.has_value());
  EXPECT_EQ(unknown->at(0).statement, "");

  LockLog locks;
  LogRecord record;
  record.severity = "LOG";
  for (const std::string_view message :
       {"process ", "process 5 acquired", "process 5 acquired x after y ms", "process 5 acquired x after 7 s",
        "process 5 acquired x after -7 ms", "process 5 acquired x after nan ms",
        "process x still waiting for y after 1 ms"}) {
    record.message = message;
    locks.record(record);
  }
  record.message = "process 5 still waiting for x after 1.5 ms";
  record.detail = "Processes holding the lock: 7, 8, . Wait queue: 5.";
  locks.record(record);
  locks.finish();
  const LockEvents events = locks.take();
  ASSERT_EQ(events.waits.size(), 1u);
  EXPECT_EQ(events.waits[0].end, LockWait::End::gone);
  EXPECT_EQ(events.waits[0].holders, (std::vector<std::int64_t>{7, 8}));
}

}  // namespace signalbox::queries
