// Rules that need the catalogue, the surroundings of an execution, or a statement that is written otherwise:
// each on a plan of a real server, its remedy applied and measured.
#include <filesystem>
#include <thread>

#include "instruments/queries/plans/diagnosing.hpp"
#include "instruments/queries/server/backend_watch.hpp"

namespace signalbox::queries {
namespace {

PlanSurroundings around(const BackendObservation& seen, double total_ms) {
  PlanSurroundings out;
  out.lock_share = seen.lock_share();
  out.blocker = seen.blocker;
  if (seen.queued_ms) out.run_queue_share = *seen.queued_ms / total_ms;
  return out;
}

}  // namespace

TEST_F(Diagnosing, StaleStatistics) {
  run("create table t (g int, s text)");
  run("insert into t select 1, 'a' from generate_series(1, 10) i");
  run("analyze t");
  run("insert into t select 2, md5(i::text) from generate_series(1, 100000) i");
  const std::string sql = "select s, count(*) from t where g = 2 group by s order by 2 limit 5";
  const Diagnosis diagnosis = first_found(sql);
  EXPECT_EQ(diagnosis.code, "stale_stats");
  EXPECT_NE(diagnosis.message.find("rows of t changed since its statistics were gathered"), std::string::npos)
      << diagnosis.message;
  EXPECT_EQ(diagnosis.remedy, "ANALYZE t;");
  ASSERT_EQ(diagnosis.effects.size(), 1U);
  EXPECT_EQ(diagnosis.effects[0].code, "misestimate");
  apply(diagnosis);
  EXPECT_FALSE(has(sql, "stale_stats"));
  const Plan after = measured(sql);
  for (std::size_t i = 0; i < after.nodes.size(); ++i) {
    if (after.nodes[i].relation == "t") {
      EXPECT_LT(costs_of(after)[i].q_error, 2);
    }
  }
}

// Too many groups are expected, so that all of another table is read for them.
TEST_F(Diagnosing, GroupsOfColumnsThatGoTogether) {
  run("create table sales as select i as id, i % 200 as city, i % 200 / 2 as country, i % 200 / 4 as region "
      "from "
      "generate_series(1, 100000) i");
  run("create table cities as select i as id, md5(i::text) as name from generate_series(1, 200000) i");
  run("create index on cities (id)");
  run("analyze sales");
  run("vacuum analyze cities");
  run("set enable_mergejoin = off");
  const std::string sql =
      "select count(c.name), max(g.c) from (select city, country, region, count(*) as c from sales group by "
      "city, "
      "country, region) g join cities c on c.id = g.city";
  const Diagnosis diagnosis = one_of(fully_diagnosed(sql), "correlated_columns");
  EXPECT_NE(diagnosis.remedy.find("ON city, country, region FROM sales;"), std::string::npos);
  apply(diagnosis);
  EXPECT_FALSE(has(sql, "correlated_columns"));
  const Plan after = measured(sql);
  const auto costs = costs_of(after);
  for (std::size_t i = 0; i < after.nodes.size(); ++i) {
    if (!after.nodes[i].group_keys.empty()) {
      EXPECT_LT(costs[i].q_error, 2);
    }
  }
}

TEST_F(Diagnosing, OrAcrossAJoin) {
  run("create table a as select i as x, i * 3 as y from generate_series(1, 2000) i");
  run("create table b as select i * 2 as x, i as y from generate_series(1, 2000) i");
  run("analyze");
  const std::string sql = "select count(*) from a join b on a.x = b.x or a.y = b.y";
  EXPECT_EQ(first_found(sql).code, "or_across_join");
  const std::string remedied =
      "select count(*) from (select a.ctid, b.ctid from a join b on a.x = b.x union select a.ctid, b.ctid "
      "from a "
      "join b on a.y = b.y) u";
  EXPECT_EQ(client_->number(sql), client_->number(remedied));
  EXPECT_FALSE(has(remedied, "or_across_join"));
  EXPECT_LT(fastest_ms(remedied), fastest_ms(sql) / 5);
}

TEST_F(Diagnosing, FunctionOnAColumn) {
  run(kOrders);
  run("create index on orders (note)");
  run("analyze orders");
  const std::string sql = "select * from orders where upper(note) = upper(md5('77'))";
  const Diagnosis diagnosis = first_found(sql);
  EXPECT_EQ(diagnosis.code, "func_on_column");
  EXPECT_EQ(diagnosis.remedy, "CREATE INDEX CONCURRENTLY ON orders (upper(note));\nANALYZE orders;");
  const double before = fastest_ms(sql);
  apply(diagnosis);
  EXPECT_TRUE(is_well(sql));
  EXPECT_LT(fastest_ms(sql), before / 10);
}

// An index cannot hold a day of a time with a zone: the statement has to be written otherwise.
TEST_F(Diagnosing, CastOfAColumn) {
  run(kOrders);
  run("create index on orders (created)");
  run("analyze orders");
  const std::string sql = "select count(*) from orders where created::date = current_date - 3";
  const Diagnosis diagnosis = first_found(sql);
  EXPECT_EQ(diagnosis.code, "func_on_column");
  EXPECT_EQ(diagnosis.remedy.find("CREATE INDEX"), std::string::npos) << diagnosis.remedy;
  const std::string remedied =
      "select count(*) from orders where created >= current_date - 3 and created < current_date - 2";
  EXPECT_EQ(client_->number(sql), client_->number(remedied));
  EXPECT_FALSE(has(remedied, "func_on_column"));
  EXPECT_LT(fastest_ms(remedied), fastest_ms(sql) / 5);
}

TEST_F(Diagnosing, TypeMismatch) {
  run(kOrders);
  run("create index on orders (id)");
  run("analyze orders");
  const Diagnosis diagnosis = first_found("select * from orders where id = 77::numeric");
  EXPECT_EQ(diagnosis.code, "type_mismatch");
  EXPECT_NE(diagnosis.remedy.find("CAST(value AS integer)"), std::string::npos) << diagnosis.remedy;
  EXPECT_EQ(first_found("select * from orders where id::text = '77'").code, "type_mismatch");
  const std::string remedied = "select * from orders where id = 77";
  EXPECT_TRUE(is_well(remedied));
  EXPECT_LT(fastest_ms(remedied), fastest_ms("select * from orders where id = 77::numeric") / 10);
}

TEST_F(Diagnosing, LeadingWildcard) {
  run(kOrders);
  run("create index on orders (note text_pattern_ops)");
  run("analyze orders");
  const std::string sql = "select * from orders where note like '%abcdef%'";
  const Diagnosis diagnosis = first_found(sql);
  EXPECT_EQ(diagnosis.code, "leading_wildcard");
  const double before = fastest_ms(sql);
  apply(diagnosis);
  EXPECT_FALSE(has(sql, "leading_wildcard"));
  EXPECT_LT(fastest_ms(sql), before / 3);
  // A pattern with a beginning is served by a B-tree.
  run("drop index orders_note_idx, orders_note_idx1");
  const Diagnosis prefix = first_found("select * from orders where note like 'abcdef%'");
  EXPECT_EQ(prefix.remedy, "CREATE INDEX CONCURRENTLY ON orders (note text_pattern_ops);");
  apply(prefix);
  EXPECT_TRUE(is_well("select * from orders where note like 'abcdef%'"));
}

TEST_F(Diagnosing, MissingIndexOfAForeignKeyIsNamed) {
  run("create table parent (id int primary key)");
  run("create table \"Child\" (v int, parent int references parent)");
  run("insert into parent select i from generate_series(1, 2000) i");
  run("insert into \"Child\" select i, 1 from generate_series(1, 50000) i");
  run("analyze");
  const Diagnosis diagnosis = first_found("delete from parent where id between 100 and 150");
  EXPECT_EQ(diagnosis.code, "missing_fk_index");
  EXPECT_EQ(diagnosis.remedy, "CREATE INDEX CONCURRENTLY ON \"Child\" (parent);");
  ASSERT_EQ(diagnosis.effects.size(), 1U);
  EXPECT_EQ(diagnosis.effects[0].code, "trigger_heavy");
  apply(diagnosis);
  EXPECT_FALSE(has("delete from parent where id between 200 and 250", "missing_fk_index"));
  EXPECT_TRUE(catalog_of(measured("delete from parent where id = 300")).foreign_keys.at(0).has_index);
}

TEST_F(Diagnosing, PlanningThatTakesLongerThanExecution) {
  std::string sql = "select count(*) from t0";
  for (int i = 0; i < 10; ++i) {
    run(fmt::format("create table t{} as select i as id from generate_series(1, 10) i", i));
    if (i > 0) sql += fmt::format(" join t{0} on t{0}.id = t0.id", i);
  }
  run("analyze");
  run("set join_collapse_limit = 10");
  EXPECT_EQ(first_found(sql).code, "planning_heavy");
  const double before = *fastest(sql).planning_ms;
  run("set plan_cache_mode = force_generic_plan");
  run("prepare q as " + sql);
  run("execute q");
  EXPECT_FALSE(has("execute q", "planning_heavy"));
  EXPECT_LT(*fastest("execute q").planning_ms, before / 2);
}

TEST_F(Diagnosing, PartitionsThatHaveNothing) {
  run("create table days (day int, id int) partition by range (day)");
  run("do $$ begin for d in 0..99 loop execute format('create table days_%s partition of days for values "
      "from (%s) "
      "to (%s)', d, d, d + 1); end loop; end $$");
  run("insert into days select i % 100, i from generate_series(1, 50000) i");
  run("create index on days (id)");
  run("analyze days");
  const Diagnosis diagnosis =
      one_of(fully_diagnosed("select * from days where id = 4242"), "partition_fanout");
  EXPECT_NE(diagnosis.message.find("99 of 100"), std::string::npos) << diagnosis.message;
  EXPECT_NE(diagnosis.remedy.find("RANGE (day)"), std::string::npos) << diagnosis.remedy;
  const std::string remedied = "select * from days where id = 4242 and day = 42";
  EXPECT_FALSE(has(remedied, "partition_fanout"));
  EXPECT_LT(fastest_ms(remedied), fastest_ms("select * from days where id = 4242") / 3);
}

TEST_F(Diagnosing, WorkersThatDidNotCome) {
  run(kOrders);
  run("analyze orders");
  for (const char* each :
       {"max_parallel_workers_per_gather = 2", "max_parallel_workers = 0", "parallel_setup_cost = 0",
        "parallel_tuple_cost = 0", "min_parallel_table_scan_size = 0"})
    run(fmt::format("set {}", each));
  const std::string sql = "select count(*), max(md5(note)) from orders";
  PlanCatalog catalog;
  catalog.settings = {{"max_parallel_workers", "0"}, {"max_worker_processes", "8"}};
  const Diagnosis diagnosis = one_of(diagnose(measured(sql), catalog), "workers_short");
  EXPECT_EQ(diagnosis.remedy, "SET max_parallel_workers = 2;");
  apply(diagnosis);
  const Plan after = measured(sql);
  const auto gather = std::find_if(after.nodes.begin(), after.nodes.end(),
                                   [](const PlanNode& each) { return each.type == "Gather"; });
  ASSERT_NE(gather, after.nodes.end());
  EXPECT_EQ(gather->workers_launched, gather->workers_planned);
}

namespace {

constexpr const char* kDocuments =
    "create table documents as select i as id, repeat(md5(i::text), 200) as body from generate_series(1, "
    "12000) i";

}  // namespace

// Each row has a page of its own, and the server's memory is small: what is read is waited for.
TEST_F(Diagnosing, ReadingTakesTheTime) {
  run("create table documents (id int, body text)");
  run("alter table documents alter body set storage plain");
  run("insert into documents select i, repeat(md5(i::text), 200) from generate_series(1, 12000) i");
  run("vacuum analyze documents");
  const std::string sql = "select count(*) from documents";
  const auto cold = [&] {
    run("checkpoint");  // else what is replayed is in memory
    EXPECT_TRUE(shared_server()->restart());
    client_ = std::make_unique<testing::Client>(url_);
    return measured(sql);
  };
  // Where others take the processors, what is waited for beside reads is longer: it is looked at again.
  Plan before = cold();
  const auto reads = [](const Plan& plan) { return plan.nodes[0].buffers.read_ms; };
  for (int i = 0; i < 20 && reads(before) < 0.5 * *before.execution_ms; ++i) before = cold();
  const Diagnosis diagnosis = one_of(diagnose(before), "io_bound");
  EXPECT_NE(diagnosis.remedy.find("documents"), std::string::npos);
  run("create index on documents (id)");
  run("vacuum analyze documents");
  const Plan after = cold();
  for (const Diagnosis& each : diagnose(after)) EXPECT_NE(each.code, "io_bound");
  EXPECT_LT(*after.execution_ms, *before.execution_ms / 2);
  EXPECT_LT(after.nodes[0].buffers.shared_read, before.nodes[0].buffers.shared_read / 10);
}

TEST_F(Diagnosing, ColdCache) {
  run("create table documents (id int, body text)");
  run("alter table documents alter body set storage plain");
  run("insert into documents select i, repeat(md5(i::text), 200) from generate_series(1, 1800) i");
  run("vacuum analyze documents");
  const std::string sql = "select count(*) from documents";
  const auto reads = [](const Plan& plan) { return plan.nodes.front().buffers.shared_read; };
  for (int i = 0; i < 5 && reads(measured(sql)) > 0; ++i) {
  }
  // What the statement is used to, of this server's own executions.
  PlanSurroundings usual;
  usual.usual_ms = fastest_ms(sql);
  usual.usual_read_blocks = reads(measured(sql));
  EXPECT_TRUE(diagnose(measured(sql), {}, usual).empty());
  run("checkpoint");
  ASSERT_TRUE(shared_server()->restart());
  client_ = std::make_unique<testing::Client>(url_);
  const Plan cold = measured(sql);
  const auto all = diagnose(cold, {}, usual);
  const Diagnosis diagnosis = one_of(all, "cold_cache");
  SCOPED_TRACE(fmt::format("usual {} ms, {} blocks; cold {} ms, {} blocks", *usual.usual_ms,
                           *usual.usual_read_blocks, *cold.execution_ms, reads(cold)));
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.front().code, "cold_cache");
  run("checkpoint");
  ASSERT_TRUE(shared_server()->restart());
  client_ = std::make_unique<testing::Client>(url_);
  run("create extension if not exists pg_prewarm");
  client_->rows("select pg_prewarm('documents')");
  EXPECT_NE(diagnosis.remedy.find("SELECT pg_prewarm('documents');"), std::string::npos);
  EXPECT_EQ(reads(measured(sql)), 0);
}

// Another session holds the row until the one that is watched was seen to wait for it.
TEST_F(Diagnosing, LockBound) {
  run("create table accounts as select i as id, 0 as v from generate_series(1, 1000) i");
  run("alter table accounts add primary key (id)");
  run("analyze accounts");
  testing::Client holder(url_);
  const auto update = [&](const std::function<void()>& meanwhile) {
    const auto watch = BackendWatch::start(url_, client_->number("select pg_backend_pid()"));
    EXPECT_TRUE(watch.has_value());
    std::thread other(meanwhile);
    const Plan plan = measured("update accounts set v = v + 1 where id = 7");
    other.join();
    PlanSurroundings locks = around((*watch)->stop(), *plan.execution_ms);
    locks.run_queue_share = 0;  // others may have the processors
    return diagnose(plan, {}, locks);
  };
  holder.run("begin");
  holder.run("update accounts set v = 9 where id = 7");
  const auto all = update([&] {
    const std::string waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
    for (int i = 0; i < 3'000 && holder.number(waiting) == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    holder.run("commit");
  });
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all[0].code, "lock_bound");
  EXPECT_NE(all[0].message.find("idle in transaction"), std::string::npos) << all[0].message;
  EXPECT_TRUE(update([] {}).empty());
}

// More processes want to run than there are processors.
TEST_F(Diagnosing, CpuStarved) {
  run("create table t as select i as id from generate_series(1, 1000) i");
  const std::string sql = "select sum(sqrt(a.id * b.id)) from t a, t b";
  const auto watched = [&](Plan& plan) {
    const auto watch = BackendWatch::start(url_, client_->number("select pg_backend_pid()"));
    EXPECT_TRUE(watch.has_value());
    plan = measured(sql);
    return (*watch)->stop();
  };
  // Sessions of the same server: the kernel may share processors out among sessions, however many threads one
  // has.
  run("create table ended ()");
  const unsigned others = std::min(24U, 4 * std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::thread> spinning;
  for (unsigned i = 0; i < others; ++i) {
    spinning.emplace_back([this] {
      testing::Client(url_).run(
          "do $$ begin loop exit when exists (select from ended); perform count(*) from generate_series(1, "
          "20000); end loop; end $$");
    });
  }
  const std::string at_work =
      "select count(*) from pg_stat_activity where datname = current_database() and query like 'do %' and "
      "state = 'active'";
  for (int i = 0; i < 3'000 && client_->number(at_work) < others; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  Plan plan;
  const BackendObservation seen = watched(plan);
  run("insert into ended default values");
  for (std::thread& each : spinning) each.join();
  if (!std::filesystem::exists("/proc/self/schedstat")) {
    EXPECT_FALSE(seen.queued_ms.has_value());
    for (const Diagnosis& each : diagnose(plan, {}, around(seen, *plan.execution_ms)))
      EXPECT_NE(each.code, "cpu_starved");
    GTEST_SKIP() << "this kernel does not tell how long processes wait to run";
  }
  ASSERT_TRUE(seen.queued_ms.has_value());
  // The kernel's two figures are of the whole time: it ran, or it waited for a processor.
  EXPECT_GT(*seen.ran_ms, 1);
  const auto all = diagnose(plan, {}, around(seen, *plan.execution_ms));
  const Diagnosis diagnosis = one_of(all, "cpu_starved");
  EXPECT_GT(diagnosis.impact_ms, 0.3 * *plan.execution_ms);
}

TEST_F(Diagnosing, WideRowsThroughASort) {
  run(kDocuments);
  run("alter table documents alter body set storage plain");
  run("create table wide as select id, id * 7919 % 1000 as rank, repeat(md5(id::text), 30) as body from "
      "documents");
  run("alter table wide add primary key (id)");
  run("insert into wide select id + 20000, rank, body from wide");
  run("insert into wide select id + 40000, rank, body from wide");
  run("analyze wide");
  run("set work_mem = '2MB'");
  const std::string sql =
      "select * from (select *, row_number() over (order by rank, id) r from wide) s where r between 1 and "
      "10";
  EXPECT_EQ(one_of(fully_diagnosed(sql), "wide_row").effects.at(0).code, "disk_sort");
  const std::string remedied =
      "select d.* from (select id, row_number() over (order by rank, id) r from wide) s join wide d on d.id "
      "= s.id "
      "where r between 1 and 10";
  EXPECT_FALSE(has(remedied, "wide_row"));
  EXPECT_LT(fastest_ms(remedied), fastest_ms(sql));
}

TEST_F(Diagnosing, OnePlanForAllValues) {
  run(kOrders);
  run("update orders set status = case when id % 1000 = 0 then 'open' || id else 'closed' end");
  run("create index on orders (status)");
  run("vacuum analyze orders");
  run("set plan_cache_mode = force_generic_plan");
  run("prepare p as select count(*), max(note) from orders where status = $1");
  const Diagnosis diagnosis = first_found("execute p('closed')");
  EXPECT_EQ(diagnosis.code, "generic_plan");
  apply(diagnosis);
  EXPECT_FALSE(has("execute p('closed')", "generic_plan"));
  const Plan after = measured("execute p('closed')");
  EXPECT_LT(costs_of(after)[1].q_error, 2);
}

TEST_F(Diagnosing, RowsThatAreMadeForNothing) {
  run(kOrders);
  run("alter table orders add primary key (id)");
  run("analyze orders");
  const std::string sql =
      "with recent as materialized (select * from orders) select * from recent where id = 77";
  const Diagnosis diagnosis = one_of(fully_diagnosed(sql), "unused_work");
  EXPECT_NE(diagnosis.remedy.find("recent AS NOT MATERIALIZED"), std::string::npos);
  const std::string remedied =
      "with recent as not materialized (select * from orders) select * from recent where id = 77";
  EXPECT_TRUE(is_well(remedied));
  EXPECT_LT(fastest_ms(remedied), fastest_ms(sql) / 10);
}

}  // namespace signalbox::queries
