// What is explained on a real server: nothing of it stays, and what may do harm is refused.
#include "instruments/queries/explain/explain.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "instruments/queries/plans/diagnosis.hpp"
#include "instruments/queries/server/testing.hpp"

namespace signalbox::queries {
namespace {

store::testing::PostgresServer* shared_server() {
  static const std::unique_ptr<store::testing::PostgresServer> kServer =
      testing::start_counting_server({"jit=off", "autovacuum=off"});
  return kServer.get();
}

}  // namespace

using How = ExplainRequest::How;

class Explain : public ::testing::Test {
 protected:
  void SetUp() override {
    if (shared_server() == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
    url_ = *shared_server()->create_database();
    client_ = std::make_unique<testing::Client>(url_);
    client_->run("create table t as select i as id, i % 10 as v from generate_series(1, 30000) i");
    client_->run("analyze t");
  }
  Result<Explained> ask(std::string sql, How how, bool may_write = false, std::string_view values = "") {
    ExplainRequest request;
    request.sql = std::move(sql);
    request.how = how;
    request.may_write = may_write;
    request.timeout = std::chrono::seconds(20);
    if (!values.empty()) request.values = *sql_values(values);
    return explain(url_, request);
  }
  Error refused(const std::string& sql, How how = How::executed) {
    const auto out = ask(sql, how);
    EXPECT_FALSE(out.has_value()) << sql;
    return out ? Error{} : out.error();
  }
  std::int64_t sum() { return client_->number("select sum(v) from t"); }
  std::string url_;
  std::unique_ptr<testing::Client> client_;
};

TEST_F(Explain, PlannedIsNotExecuted) {
  const auto out = ask("delete from t", How::planned);
  ASSERT_TRUE(out.has_value()) << out.error().message;
  EXPECT_FALSE(out->plan.was_measured());
  EXPECT_EQ(client_->number("select count(*) from t"), 30'000);
}

TEST_F(Explain, ExecutedIsMeasuredAndDiagnosedWithTheCatalogue) {
  client_->run("insert into t select i, 77 from generate_series(1, 40000) i");
  client_->rows("select pg_stat_force_next_flush()::text");
  client_->rows("select 1");
  const auto out =
      ask("select id, count(*) from t where v = 77 group by id order by 2 limit 3", How::executed);
  ASSERT_TRUE(out.has_value()) << out.error().message;
  EXPECT_TRUE(out->plan.was_measured());
  // Others may have the processors, which would be told, and weigh more.
  PlanSurroundings alone = out->surroundings;
  alone.run_queue_share = 0;
  const auto all = diagnose(out->plan, out->catalog, alone);
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all[0].code, "stale_stats");
}

TEST_F(Explain, WhatWritesIsRefusedOrRolledBack) {
  const auto before = sum();
  for (const char* sql : {"update t set v = 0", "with gone as (delete from t returning *) select * from gone",
                          "select * from t for update"})
    EXPECT_EQ(refused(sql).kind, ErrorKind::bad_input) << sql;
  EXPECT_EQ(sum(), before);
  const auto out = ask("update t set v = 0", How::executed, true);
  ASSERT_TRUE(out.has_value()) << out.error().message;
  EXPECT_TRUE(out->wrote);
  EXPECT_EQ(sum(), before);
}

TEST_F(Explain, WhatIsNoSingleQueryIsRefused) {
  for (const char* sql : {"drop table t", "select 1; drop table t", "explain analyze delete from t",
                          "select 1 into u", "do 'begin delete from t; end'", "call p()", "vacuum t"}) {
    EXPECT_EQ(refused(sql).kind, ErrorKind::bad_input) << sql;
    EXPECT_EQ(refused(sql, How::planned).kind, ErrorKind::bad_input) << sql;
  }
  EXPECT_EQ(client_->number("select count(*) from t"), 30'000);
}

// A function that may do anything is not called, wherever it hides.
TEST_F(Explain, VolatileFunctionsAreRefused) {
  client_->run("create table log (v int)");
  client_->run(
      "create function note() returns int language plpgsql as $$ begin insert into log values (1); return 1; "
      "end $$");
  client_->run("create view hidden as select note() as n");
  client_->run("create sequence s");
  for (const char* sql : {"select note()", "select n from hidden", "select nextval('s')",
                          "select pg_reload_conf()", "select count(*) from t where note() = 1",
                          "select pg_terminate_backend(pid) from pg_stat_activity where false",
                          "select * from t order by note()"}) {
    const Error error = refused(sql);
    EXPECT_EQ(error.kind, ErrorKind::bad_input) << sql << error.message;
  }
  EXPECT_NE(refused("select n from hidden").message.find("note"), std::string::npos);
  EXPECT_EQ(client_->number("select count(*) from log"), 0);
  EXPECT_EQ(client_->number("select nextval('s')"), 1);
  EXPECT_TRUE(ask("select random(), lower('A')", How::executed).has_value());
  const auto allowed = ask("select note()", How::executed, true);
  ASSERT_TRUE(allowed.has_value()) << allowed.error().message;
  EXPECT_EQ(client_->number("select count(*) from log"), 0);  // rolled back
}

TEST_F(Explain, ParametersAreGivenOrStayOpen) {
  client_->run("update t set v = case when id = 1 then 1 else 2 end");
  client_->run("create index on t (v)");
  client_->run("vacuum analyze t");
  const std::string sql = "select count(id) from t where v = $1";
  EXPECT_EQ(refused(sql).kind, ErrorKind::bad_input);
  EXPECT_EQ(refused(sql, How::planned).kind, ErrorKind::bad_input);
  const auto rare = ask(sql, How::executed, false, "[1]");
  ASSERT_TRUE(rare.has_value()) << rare.error().message;
  EXPECT_EQ(rare->plan.nodes.back().actual_rows, 1);
  const auto generic = ask(sql, How::generic);
  ASSERT_TRUE(generic.has_value()) << generic.error().message;
  EXPECT_FALSE(generic->plan.was_measured());
  EXPECT_NE((generic->plan.nodes.back().filter + generic->plan.nodes.back().index_cond).find("$1"),
            std::string::npos);
  EXPECT_FALSE(sql_values("{}").has_value());
  EXPECT_FALSE(sql_values("[[1]]").has_value());
  // A value is a value, whatever is in it.
  const auto quoted =
      ask("select * from t where v::text = $1", How::executed, false, R"(["1' or true or '"])");
  ASSERT_TRUE(quoted.has_value()) << quoted.error().message;
  EXPECT_EQ(quoted->plan.nodes.front().actual_rows, 0);
}

TEST_F(Explain, NothingWaitsLong) {
  ExplainRequest request;
  request.sql = "select count(*) from generate_series(1, 2000000000) i";
  request.how = How::executed;
  request.timeout = std::chrono::milliseconds(300);
  const auto slow = explain(url_, request);
  ASSERT_FALSE(slow.has_value());
  EXPECT_NE(slow.error().message.find("statement timeout"), std::string::npos) << slow.error().message;
  testing::Client holder(url_);
  holder.run("begin");
  holder.run("lock table t in access exclusive mode");
  const auto began = std::chrono::steady_clock::now();
  const std::string why = refused("select count(*) from t").message;
  EXPECT_NE(why.find("lock timeout"), std::string::npos) << why;
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(15));
  holder.run("rollback");
  EXPECT_TRUE(ask("select count(*) from t", How::executed).has_value());
}

TEST_F(Explain, SqlIsSentAsItIsWritten) {
  const auto out = ask("select '{\"a\": 1}'::jsonb ? 'a', 7::INTEGER, 'x'::TEXT", How::executed);
  ASSERT_TRUE(out.has_value()) << out.error().message;
}

}  // namespace signalbox::queries
