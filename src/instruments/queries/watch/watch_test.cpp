// Series that stay and sums that are exact; samples of real sessions; text that Prometheus would read.
#include "instruments/queries/watch/watch.hpp"

#include <random>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "instruments/queries/server/testing.hpp"
#include "instruments/queries/watch/metrics_text.hpp"

namespace signalbox::queries {
namespace {

Counters of(std::int64_t calls, double ms) {
  Counters out;
  out.calls = calls;
  out.total_exec_ms = ms;
  return out;
}

Time minute(int minutes) {
  return Time(std::chrono::hours(500'000) + std::chrono::minutes(minutes));
}

}  // namespace

TEST(TopSeries, TheSumIsExactAndNothingFalls) {
  std::mt19937 random(5);
  TopSeries series(10);
  std::int64_t calls = 0;
  std::map<SeriesLabels, std::int64_t> before;
  std::int64_t other_before = 0;
  for (int turn = 0; turn < 400; ++turn) {
    std::map<SeriesLabels, Counters> deltas;
    for (int i = 0; i < 30; ++i) {
      const std::int64_t id = 1 + static_cast<std::int64_t>(random() % 60 + static_cast<unsigned>(turn) / 4);
      const auto n = static_cast<std::int64_t>(random() % 50);
      deltas[{"db", "u", id}] += of(n, static_cast<double>(random() % 1000));
      calls += n;
    }
    series.add(deltas, minute(turn * 2));
    series.add_to_other(of(3, 1));  // of what never has a series
    calls += 3;
    std::int64_t sum = series.other().calls;
    for (const auto& [labels, counters] : series.shown()) {
      sum += counters.calls;
      if (before.contains(labels)) {
        EXPECT_GE(counters.calls, before[labels]);
      }
    }
    EXPECT_EQ(sum, calls);
    EXPECT_GE(series.other().calls, other_before);
    other_before = series.other().calls;
    before.clear();
    for (const auto& [labels, counters] : series.shown()) before[labels] = counters.calls;
    EXPECT_LE(series.shown().size(), 40u);  // those that stay for half an hour beside those that came
  }
}

TEST(TopSeries, AStatementStaysUntilItWasLongOutOfTheFirst2N) {
  TopSeries series(1);
  const SeriesLabels first{"db", "u", 1}, second{"db", "u", 2}, third{"db", "u", 3};
  series.add({{first, of(1, 100)}}, minute(0));
  EXPECT_TRUE(series.shown().contains(first));
  series.add({{second, of(1, 1'000)}}, minute(1));
  EXPECT_TRUE(series.shown().contains(first));  // second of two is among the first 2N
  EXPECT_TRUE(series.shown().contains(second));
  series.add({{third, of(1, 5'000)}}, minute(2));
  for (int i = 3; i < 31; ++i) series.add({{second, of(1, 1'000)}, {third, of(1, 5'000)}}, minute(i));
  EXPECT_TRUE(series.shown().contains(first));
  for (int i = 31; i < 35; ++i) series.add({{second, of(1, 1'000)}, {third, of(1, 5'000)}}, minute(i));
  EXPECT_FALSE(series.shown().contains(first));
  EXPECT_EQ(series.other().calls, 1);  // what it had counted
}

// What is measured on a copy has the fingerprint of what is watched, and another plan.
TEST(PlanKeeper, PlansOfOurOwnExecutionsAreNotKept) {
  const auto logged = [](const char* sql, std::string& text) {
    text = fmt::format(R"({{"Query Text": "{}", "Plan": {{"Node Type": "Seq Scan", "Relation Name": "orders",
      "Startup Cost": 0.0, "Total Cost": 1.0, "Plan Rows": 1, "Plan Width": 4}}}})",
                       sql);
    LoggedPlan out;
    out.at = minute(0);
    out.duration_ms = 3;
    out.plan = text;
    return out;
  };
  PlanKeeper keeper;
  std::string theirs, ours;
  keeper.plan(logged("PREPARE s AS SELECT a FROM orders WHERE b = $1 /* signalbox */", ours));
  EXPECT_TRUE(keeper.take().empty());
  keeper.plan(logged("SELECT a FROM orders WHERE b = 1", theirs));
  EXPECT_EQ(keeper.take().size(), 1u);
  EXPECT_EQ(keeper.broken(), 0u);
}

TEST(MetricsText, NamesNoStatementButByItsId) {
  TopSeries series(5);
  series.add({{{"sh\"op\n", "u\\", 42}, of(3, 1500)}}, minute(0));
  SessionBucket sessions;
  sessions.ticks = 2;
  sessions.active[{"Lock", "tuple", "db", "u", "", "", 42}] = {3, 0, 0};
  sessions.active[{"CPU", "", "db", "u", "", "", 42}] = {4, 4, 1};
  const std::string text = metrics_text("s", series, sessions, {});
  EXPECT_NE(text.find("pg_stat_statements_total_time_seconds{server=\"s\",datname=\"sh\\\"op\\n\",user="
                      "\"u\\\\\",queryid=\"42\"} 1.5\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("queryid=\"other\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("signalbox_aas{server=\"s\",wait=\"Lock\"} 1.5\n"), std::string::npos);
  EXPECT_NE(text.find("wait=\"CPU\"} 1.5\n"), std::string::npos) << text;
  EXPECT_NE(text.find("wait=\"RunQueue\"} 0.5\n"), std::string::npos) << text;
}

// A queue that the test makes: one holds a row, two wait for it.
TEST(Sessions, WhoWaitsForWhomIsSeen) {
  const auto server = testing::start_counting_server();
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  const std::string url = server->url("postgres");
  testing::Client holder(url), looker(url);
  looker.run("create table t as select 1 as id");
  holder.run("begin");
  holder.run("update t set id = 2 where 'secret' = 'secret'");
  std::vector<std::thread> waiting;
  for (int i = 0; i < 2; ++i) {
    waiting.emplace_back([&] { testing::Client(url).run("update t set id = 3"); });
  }
  while (looker.number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") < 2)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ServerLink link = testing::link_to(url);
  SessionSampler sampler(link, std::chrono::milliseconds(100), *ProcessorView::open(link));
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(sampler.sample(SessionSampler::Clock::now()).has_value());
  const SessionBucket bucket = *sampler.take();
  holder.run("commit");
  for (std::thread& each : waiting) each.join();

  EXPECT_EQ(bucket.ticks, 4);
  std::int64_t locked = 0;
  for (const auto& [key, count] : bucket.active) locked += key.wait_type == "Lock" ? count.samples : 0;
  EXPECT_EQ(locked, 4 * 2);              // on average two
  ASSERT_EQ(bucket.blocked.size(), 1u);  // no more than one a second
  const auto& sessions = bucket.blocked[0].sessions;
  ASSERT_EQ(sessions.size(), 3u);
  const auto root =
      std::find_if(sessions.begin(), sessions.end(), [](const auto& each) { return each.blockers.empty(); });
  ASSERT_NE(root, sessions.end());
  EXPECT_EQ(root->state, "idle in transaction");
  EXPECT_EQ(root->sql.find("secret"), std::string::npos) << root->sql;
  EXPECT_NE(root->sql.find("update t set id"), std::string::npos);
  for (const SessionSample& each : sessions) {
    if (!each.blockers.empty()) {
      EXPECT_FALSE(each.lock.empty());
    }
  }
  EXPECT_GE(bucket.instance.max_connections, 60);
  EXPECT_FALSE(bucket.instance.databases.empty());
}

// Sessions that sleep are active and wait: their number is known.
TEST(Sessions, TheAverageIsTheNumberOfThoseAtWork) {
  const auto server = testing::start_counting_server();
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  const std::string url = server->url("postgres");
  std::vector<std::thread> sleeping;
  for (int i = 0; i < 3; ++i) {
    sleeping.emplace_back([&] { testing::Client(url).run("select pg_sleep(2)"); });
  }
  testing::Client looker(url);
  while (looker.number("select count(*) from pg_stat_activity where wait_event = 'PgSleep'") < 3)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const auto store = store::testing::ScratchStore(store::Engine::sqlite);
  ServerLink link = testing::link_to(url);
  SessionSampler sampler(link, std::chrono::milliseconds(100), *ProcessorView::open(link));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(sampler.sample(SessionSampler::Clock::now()).has_value());
  for (std::thread& each : sleeping) each.join();
  const SessionBucket bucket = *sampler.take();
  std::int64_t seen = 0;
  for (const auto& [key, count] : bucket.active) {
    seen += key.wait_event == "PgSleep" ? count.samples : 0;
    EXPECT_TRUE(key.wait_event != "PgSleep" || key.query_id != 0);
  }
  EXPECT_EQ(seen, 3 * 5);
}

}  // namespace signalbox::queries
