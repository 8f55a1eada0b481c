#include "instruments/queries/kept/kept_statements.hpp"

#include <gtest/gtest.h>

#include "instruments/queries/kept/kept_advice.hpp"
#include "instruments/queries/kept/kept_sessions.hpp"
#include "instruments/queries/kept/migrations.hpp"
#include "instruments/queries/server/testing.hpp"

namespace signalbox::queries {
namespace {

using store::Engine;
using store::testing::PostgresServer;

// One server for all tests of this file; each begins with its counters reset.
PostgresServer* counting_server() {
  static const std::unique_ptr<PostgresServer> kServer = testing::start_counting_server();
  return kServer.get();
}

constexpr Span kAll{Time(Duration(0)), Time(Duration(std::int64_t{1} << 50))};

}  // namespace

class Kept : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (counting_server() == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
    database_ = store_.open();
    ASSERT_TRUE(store::migrate(*database_, kept_migrations()).has_value());
    client_ = std::make_unique<testing::Client>(counting_server()->url("postgres"));
    link_ = std::make_unique<ServerLink>(testing::link_to(counting_server()->url("postgres")));
    client_->run("drop table if exists t");
    client_->run("create table t (a int)");
    client_->run("select pg_stat_statements_reset()");
    kept_ = std::make_unique<KeptStatements>(*database_);
    server_ = kept_->server("s", link_->identity())->id;
    last_ = *kept_->last(server_);
  }
  KeptStatements::Written cycle() {
    StatementReader reader = *StatementReader::open(*link_);
    const StatementReading reading = *reader.read();
    std::vector<StatementKey> fresh;
    for (const auto& [key, counters] : reading.statements) {
      if (!last_.statements.contains(key)) fresh.push_back(key);
    }
    const auto names = reader.names(fresh);
    EXPECT_TRUE(names.has_value());
    const auto written = kept_->write(server_, last_, reading, *names);
    EXPECT_TRUE(written.has_value()) << (written ? "" : written.error().message);
    return written.value_or(KeptStatements::Written{});
  }
  void work(int times) {
    for (int i = 0; i < times; ++i) client_->run("insert into t select generate_series(1, 10)");
  }
  // What is kept of the statement of `work`.
  StatementSum insert_sum(const Span& span = kAll) {
    const auto sums = kept_->sums(server_, span);
    for (const StatementSum& each : *sums) {
      if (each.statement.sql.starts_with("insert into t ")) return each;
    }
    return {};
  }

  store::testing::ScratchStore store_{GetParam()};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<testing::Client> client_;
  std::unique_ptr<ServerLink> link_;
  std::unique_ptr<KeptStatements> kept_;
  std::int64_t server_ = 0;
  LastReading last_;
};
INSTANTIATE_TEST_SUITE_P(Stores, Kept, ::testing::Values(Engine::sqlite, Engine::postgresql),
                         [](const auto& tested) { return store::testing::name_of(tested.param); });

// The server's own counters say what the sums of intervals must be.
TEST_P(Kept, SumsOfIntervalsAreTheServersOwnCounters) {
  cycle();
  const auto first = client_->rows(
      "select calls, rows, total_exec_time from pg_stat_statements where query like 'insert into t%'");
  EXPECT_TRUE(first.empty());
  for (const int times : {3, 0, 40, 1}) {
    work(times);
    cycle();
  }
  const auto own = client_->rows(
      "select calls, rows, total_exec_time, stddev_exec_time, wal_bytes::bigint, queryid, shared_blks_hit "
      "from "
      "pg_stat_statements where query like 'insert into t%'");
  ASSERT_EQ(own.size(), 1u);
  const StatementSum sum = insert_sum();
  EXPECT_EQ(sum.counters.calls, 44);
  EXPECT_EQ(sum.counters.calls, own[0].integer(0));
  EXPECT_EQ(sum.counters.rows, own[0].integer(1));
  EXPECT_NEAR(sum.counters.total_exec_ms, own[0].real(2), 1e-9 * own[0].real(2));
  EXPECT_NEAR(stddev_exec_ms(sum.counters), own[0].real(3), 1e-6 * own[0].real(3));
  EXPECT_EQ(sum.counters.wal_bytes, own[0].integer(4));
  EXPECT_EQ(sum.statement.key.queryid, own[0].integer(5));
  EXPECT_EQ(sum.counters.shared_blks_hit, own[0].integer(6));
  EXPECT_EQ(sum.statement.database, "postgres");
  EXPECT_FALSE(sum.partial);
}

TEST_P(Kept, AWatcherThatBeganAnewGoesOnWhereItEnded) {
  cycle();
  work(5);
  cycle();
  work(7);
  last_ = *kept_->last(server_);  // as after a restart
  EXPECT_FALSE(last_.is_first);
  cycle();
  EXPECT_EQ(insert_sum().counters.calls, 12);
}

TEST_P(Kept, AfterAResetNothingIsNegativeAndPartsAreSaidToBeMissing) {
  work(9);
  cycle();
  work(4);
  cycle();
  work(2);
  client_->run("select pg_stat_statements_reset()");
  work(3);
  EXPECT_TRUE(cycle().reset);
  const StatementSum sum = insert_sum();
  EXPECT_EQ(sum.counters.calls, 4 + 3);  // two were lost between
  EXPECT_TRUE(sum.partial);
  work(1);
  EXPECT_FALSE(cycle().reset);
  EXPECT_EQ(insert_sum().counters.calls, 4 + 3 + 1);
}

TEST_P(Kept, AResetOfOneStatementIsSeen) {
  work(9);
  cycle();
  const std::int64_t id =
      client_->number("select queryid from pg_stat_statements where query like 'insert into t%'");
  client_->run("select pg_stat_statements_reset(0, 0, " + std::to_string(id) + ")");
  work(2);
  EXPECT_GE(cycle().partial, 1u);
  EXPECT_EQ(insert_sum().counters.calls, 2);
}

TEST_P(Kept, HistoryAddsUpToTheSum) {
  cycle();
  for (const int times : {2, 0, 5}) {
    work(times);
    cycle();
  }
  const auto found = kept_->find(server_, std::to_string(insert_sum().statement.key.queryid));
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->size(), 1u);
  const auto history = kept_->history(server_, {found->front().id}, kAll);
  ASSERT_EQ(history->size(), 3u);
  std::vector<std::int64_t> calls;
  for (const HistoryPoint& point : *history) calls.push_back(point.counters.calls);
  EXPECT_EQ(calls, (std::vector<std::int64_t>{2, 0, 5}));
  EXPECT_EQ(kept_->find(server_, found->front().fingerprint)->front().id, found->front().id);
  EXPECT_EQ(kept_->find(server_, "12345").error().kind, ErrorKind::not_found);
}

TEST_P(Kept, WhatIsOldIsForgotten) {
  cycle();
  work(2);
  cycle();
  const Time between = last_.at + Duration(1);
  work(3);
  cycle();
  ASSERT_TRUE(kept_->forget_before(server_, between).has_value());
  EXPECT_EQ(insert_sum().counters.calls, 3);
  EXPECT_EQ(kept_->totals(server_, kAll)->windows, 1);
}

TEST_P(Kept, ANameIsOneServers) {
  ServerIdentity other = link_->identity();
  other.system_identifier = "1";
  EXPECT_EQ(kept_->server("s", other).error().kind, ErrorKind::conflict);
  EXPECT_EQ(kept_->server("t", other)->id, 2);
  EXPECT_EQ(kept_->find_server("").error().kind, ErrorKind::bad_input);
  EXPECT_EQ(kept_->find_server("u").error().kind, ErrorKind::not_found);
  EXPECT_EQ(kept_->find_server("t")->id, 2);
}

TEST_P(Kept, CoresStayWhenAServerIsWatchedAgain) {
  EXPECT_EQ(kept_->find_server("s")->cores, 0);
  ASSERT_TRUE(kept_->set_cores(server_, 12).has_value());
  ASSERT_TRUE(kept_->server("s", link_->identity()).has_value());
  EXPECT_EQ(kept_->find_server("s")->cores, 12);
  // What its sessions did with them is told beside the same number.
  const Time at(std::chrono::hours(500'000));
  SessionBucket bucket;
  bucket.add({at, {}});
  KeptSessions sessions(*database_);
  ASSERT_TRUE(sessions.write(server_, bucket).has_value());
  EXPECT_EQ(sessions.processor(server_, {Time{}, at})->cores, 12);
}

TEST_P(Kept, WhoWaitedIsToldOfEachMomentOfASpan) {
  const auto at = [](int seconds) {
    return Time(std::chrono::hours(500'000) + std::chrono::seconds(seconds));
  };
  SessionBucket bucket;
  for (const int second : {10, 12, 14}) {
    SessionReading reading{at(second), {}};
    reading.sessions.resize(2);
    reading.sessions[0].pid = 7;
    reading.sessions[0].sql = "update t set a = $1";
    reading.sessions[1].pid = 8;
    reading.sessions[1].blockers = {7};
    bucket.add(reading);
  }
  KeptSessions sessions(*database_);
  ASSERT_TRUE(sessions.write(server_, bucket).has_value());
  const auto found = sessions.blocked(server_, {at(10), at(14)}, 100);
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->size(), 4u);  // a span begins after its first moment
  EXPECT_EQ(found->front().at, at(12));
  EXPECT_EQ(found->front().session.sql, "update t set a = $1");
  EXPECT_EQ(found->back().at, at(14));
  EXPECT_EQ(found->back().session.blockers, std::vector<std::int64_t>{7});
  const auto last = sessions.blocked(server_, {at(0), at(20)}, 3);
  ASSERT_EQ(last->size(), 2u);  // of a moment that is cut nothing is told
  EXPECT_EQ(last->front().at, at(14));
  EXPECT_EQ(last->front().session.pid, 7);
  EXPECT_EQ(sessions.blocked(server_, {at(0), at(20)}, 6)->size(), 6u);
}

TEST_P(Kept, AdviceIsTheLastOfADatabase) {
  KeptAdvice advice(*database_);
  EXPECT_FALSE(advice.find(server_, "shop")->has_value());
  for (const int minute : {1, 2}) {
    const MeasuredAdvice measured{Time(std::chrono::minutes(minute)), Json::object({{"minute", minute}})};
    ASSERT_TRUE(advice.write(server_, "shop", measured).has_value());
  }
  ASSERT_TRUE(advice.write(server_ + 1, "shop", {Time{}, Json::object()}).has_value());
  ASSERT_TRUE(advice.write(server_, "other", {Time{}, Json::object()}).has_value());
  const auto found = advice.find(server_, "shop");
  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->at, Time(std::chrono::minutes(2)));
  EXPECT_EQ((*found)->data["minute"].as_integer(), 2);
}

}  // namespace signalbox::queries
