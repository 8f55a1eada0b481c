// The advisor on a real server: its proposals are built, measured, and taken back.
#include "instruments/queries/advice/advice.hpp"

#include <gtest/gtest.h>

#include "instruments/queries/advice/parameters.hpp"
#include "instruments/queries/plans/plan_reader.hpp"
#include "instruments/queries/server/testing.hpp"

namespace signalbox::queries {
namespace {

store::testing::PostgresServer* shared_server() {
  static const std::unique_ptr<store::testing::PostgresServer> kServer = testing::start_counting_server(
      {"jit=off", "max_parallel_workers_per_gather=0", "autovacuum=off", "shared_buffers=128MB"});
  return kServer.get();
}

Workload workload_of(const std::vector<std::pair<std::string, std::int64_t>>& statements) {
  Workload out;
  out.database = "shop";
  for (const auto& [sql, calls] : statements)
    out.statements.push_back({"fp" + std::to_string(out.statements.size()), 1, sql, calls, 1, std::nullopt});
  return out;
}

// Of databases as small as these an index is a large part.
constexpr AdviceOptions kLarge{5, 1, 0.2};

}  // namespace

class Advising : public ::testing::Test {
 protected:
  void SetUp() override {
    if (shared_server() == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
    url_ = *shared_server()->create_database();
    client_ = std::make_unique<testing::Client>(url_);
    client_->run(
        "create table orders as select i as id, i % 5000 as customer, ((i::bigint * 7919) % 1000)::int as "
        "total, "
        "md5(i::text) as note, timestamp '2026-01-01' + i * interval '1 minute' as created, case when i % "
        "100 = 0 "
        "then null else timestamp '2026-01-01' end as shipped from generate_series(1, 60000) i");
    client_->run("alter table orders add primary key (id)");
    client_->run("vacuum analyze orders");
  }
  Copy copy() {
    auto out = Copy::open(url_);
    if (!out) std::abort();
    return std::move(*out);
  }
  Advice proven(const Workload& workload, const AdviceOptions& options = {}) {
    Copy on = copy();
    auto out = prove(workload, on, options, [](std::string_view) {});
    EXPECT_TRUE(out.has_value()) << (out ? "" : out.error().message);
    if (!out) return {};
    for (const RejectedIndex& each : out->rejected)
      story_ += each.index.create_sql(IndexCandidate::How::at_once) + " " + each.why + "\n";
    for (const SkippedStatement& each : out->skipped) story_ += each.why + "\n";
    return std::move(*out);
  }
  std::int64_t indexes() {
    return client_->number("select count(*) from pg_index where indrelid = 'orders'::regclass");
  }
  std::string url_;
  std::string story_;  // what was left out, and why
  std::unique_ptr<testing::Client> client_;
};

TEST_F(Advising, AnIndexThatPaysIsProvenAndTakenBack) {
  const Advice advice =
      proven(workload_of({{"select count(*), max(note) from orders where customer = $1", 1000},
                          {"select note from orders where id = $1", 5000}}));
  ASSERT_EQ(advice.indexes.size(), 1U);
  const ProvenIndex& index = advice.indexes[0];
  EXPECT_EQ(index.index.table, "orders");
  EXPECT_EQ(index.index.columns.at(0), "customer");
  EXPECT_GT(index.gain, 0.5);
  ASSERT_EQ(index.statements.size(), 1U);
  EXPECT_EQ(index.statements[0].statement, 0U);
  EXPECT_EQ(index.statements[0].before_access, "Seq Scan on public.orders");
  EXPECT_NE(index.statements[0].after_access.find(index.index.name()), std::string::npos)
      << index.statements[0].after_access;
  EXPECT_LT(advice.after_ms, advice.before_ms / 2);
  EXPECT_TRUE(index.write.is_known);
  EXPECT_EQ(index.write.rows, 2'000);
  EXPECT_GT(index.write.after_wal_bytes, index.write.before_wal_bytes);
  EXPECT_EQ(indexes(), 1);  // nothing stayed
  EXPECT_EQ(client_->number("select count(*) from pg_class where relname = 'signalbox_written'"), 0);
  // The size is that of the index when it is really built.
  client_->run(index.index.create_sql(IndexCandidate::How::concurrently));
  EXPECT_EQ(client_->number("select pg_relation_size('" + index.index.name() + "')"), index.size_bytes);
  client_->run(index.index.drop_sql());
  EXPECT_EQ(indexes(), 1);
}

TEST_F(Advising, EqualColumnsStandBeforeTheOrder) {
  const Advice advice = proven(workload_of({{"select id, total from orders where customer = $1 and created > "
                                             "$2 order by created desc limit $3",
                                             100}}),
                               kLarge);
  ASSERT_FALSE(advice.indexes.empty()) << story_;
  ASSERT_GE(advice.indexes[0].index.columns.size(), 2U);
  EXPECT_EQ(advice.indexes[0].index.columns[0], "customer");
  EXPECT_TRUE(advice.indexes[0].index.columns[1].starts_with("created"));
  EXPECT_EQ(advice.guessed_values, 0U);
}

TEST_F(Advising, WhatServesEverythingAlreadyLeavesNothingToAdvise) {
  client_->run("create index on orders (customer)");
  const Advice advice = proven(workload_of(
      {{"select count(*) from orders where customer = $1", 1000}, {"select count(*) from orders", 3}}));
  EXPECT_TRUE(advice.indexes.empty()) << advice.indexes[0].index.create_sql(IndexCandidate::How::at_once);
  EXPECT_EQ(advice_report(advice).verdict, Verdict::pass);
}

TEST_F(Advising, APartOfTheRowsIsEnough) {
  const Advice advice = proven(
      workload_of({{"select count(*), max(note) from orders where shipped is null and created > $1", 500}}));
  ASSERT_FALSE(advice.indexes.empty());
  EXPECT_EQ(advice.indexes[0].index.where, "shipped IS NULL");
  client_->run(advice.indexes[0].index.create_sql(IndexCandidate::How::concurrently));
}

TEST_F(Advising, BudgetsAreKept) {
  const auto work = workload_of({{"select max(note) from orders where customer = $1", 1000},
                                 {"select count(*) from orders where note = $1", 900}});
  AdviceOptions options = kLarge;
  options.most_indexes = 1;
  const Advice one = proven(work, options);
  EXPECT_EQ(one.indexes.size(), 1U);
  EXPECT_FALSE(one.rejected.empty()) << story_;
  options.most_size = 0;
  const Advice none = proven(work, options);
  EXPECT_TRUE(none.indexes.empty());
  EXPECT_NE(none.rejected.at(0).why.find("too large"), std::string::npos);
}

TEST_F(Advising, StatementsThatWriteAreMeasuredAndNothingIsWritten) {
  const Advice advice =
      proven(workload_of({{"update orders set total = total + $1 where customer = $2", 100}}));
  ASSERT_EQ(advice.indexes.size(), 1U);
  EXPECT_EQ(advice.indexes[0].index.columns, std::vector<std::string>{"customer"});
  EXPECT_EQ(client_->number("select max(total) from orders"), 999);
}

TEST_F(Advising, WhatTheServerDoesNotTakeIsLeftOutWithTheReason) {
  const Advice advice =
      proven(workload_of({{"select now() - interval $1", 5},
                          {"select * from gone where id = $1", 5},
                          {"select max(note) from orders where customer = $1; drop table orders", 5}}));
  EXPECT_EQ(advice.skipped.size(), 3U);
  EXPECT_NE(advice.skipped[1].why.find("gone"), std::string::npos);
  EXPECT_EQ(indexes(), 1);
}

TEST_F(Advising, ValuesAreDrawnFromRows) {
  Copy on = copy();
  const std::string sql = "select * from orders where customer = $1 and total = $2 and created > $3 limit $4";
  const auto prepared = on.prepare(sql);
  ASSERT_TRUE(prepared.has_value());
  const auto values = draw_values(on, *prepared, sql, 3);
  ASSERT_TRUE(values.has_value()) << values.error().message;
  ASSERT_EQ(values->sets.size(), 3U);
  EXPECT_EQ(values->guessed, 0U);
  for (const auto& set : values->sets) {
    EXPECT_EQ(set.at(3), "10");
    // Both of one row.
    EXPECT_GT(
        client_->number("select count(*) from orders where customer = " + set[0] + " and total = " + set[1]),
        0);
    // A twentieth of the rows is after it, of some that were looked at.
    const auto later = client_->number("select count(*) from orders where created > " + set[2]);
    EXPECT_GT(later, 60'000 / 40);
    EXPECT_LT(later, 60'000 / 10);
  }
  EXPECT_EQ(parameter_after("select 1 limit $2 offset $3", "offset"), 3U);
  EXPECT_EQ(parameter_after("select limit_of from t", "limit"), 0U);
}

TEST_F(Advising, TablesOfTheSystemTakeNoIndex) {
  Workload workload = workload_of({{"SELECT relname FROM pg_class WHERE relpages = $1", 10}});
  workload.statements[0].plan =
      read_plan(
          "Seq Scan on pg_class  (cost=0.00..18.00 rows=1 width=64) (actual time=0.01..9.00 rows=1 "
          "loops=1)\n  Filter: (relpages = 7)\n  Rows Removed by Filter: 414\n")
          .value();
  EXPECT_TRUE(propose(workload, {}).proposed.empty());
  workload.statements[0].plan->nodes[0].relation = "classes";
  EXPECT_EQ(propose(workload, {}).proposed.size(), 1U);
}

TEST_F(Advising, WithoutACopyThereAreIdeasAndNoGain) {
  Workload workload = workload_of({{"select max(note) from orders where customer = $1", 10}});
  workload.statements[0].plan = *read_plan(
      client_->rows("explain (analyze, format json) select max(note) from orders where customer = 7")[0].text(
          0));
  const Advice advice = propose(workload, {});
  ASSERT_EQ(advice.proposed.size(), 1U);
  EXPECT_EQ(advice.proposed[0].create_sql(IndexCandidate::How::concurrently),
            "CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer);");
  // Ten calls like the one that is kept took far longer than the statement did in all.
  EXPECT_LE(advice.proposed[0].scan_ms, workload.statements[0].total_ms);
  const Report report = advice_report(advice);
  EXPECT_FALSE(report.data["measured"].as_bool());
  EXPECT_TRUE(report.findings.empty());
  PlanCatalog catalog;
  catalog.tables.push_back({});
  catalog.tables[0].name = "orders";
  catalog.tables[0].indexes = {"customer, created DESC"};
  EXPECT_TRUE(propose(workload, catalog).proposed.empty());
}

TEST(KeptAdvice, WhatAServerQuotesIsNotKept) {
  Advice advice;
  advice.workload.statements.resize(1);
  advice.skipped.push_back({0, "invalid input syntax for type integer: \"ada@example.org\""});
  advice.rejected.push_back({{}, "saves 3 % of them, which is less than 20 %"});
  const std::string kept = kept_advice_json(advice).dump();
  EXPECT_EQ(kept.find("ada@example.org"), std::string::npos) << kept;
  EXPECT_NE(kept.find("invalid input syntax for type integer"), std::string::npos) << kept;
  EXPECT_NE(kept.find("saves 3 % of them, which is less than 20 %"), std::string::npos) << kept;
}

}  // namespace signalbox::queries
