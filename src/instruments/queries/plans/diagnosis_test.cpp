// Each rule on a plan of a real server that shows its fault; the remedy, applied to that server, makes it go.
// And none speaks up where nothing is wrong.
#include "instruments/queries/plans/diagnosing.hpp"

namespace signalbox::queries {

TEST_F(Diagnosing, SeqscanDiscard) {
  run(kOrders);
  run("analyze orders");
  const std::string sql = "select * from orders where customer = 42 and total > 10";
  const Diagnosis diagnosis = found(sql, "seqscan_discard");
  EXPECT_EQ(diagnosis.remedy, "CREATE INDEX CONCURRENTLY ON orders (customer, total);");
  const double before = *fastest(sql).execution_ms;
  apply(diagnosis);
  EXPECT_TRUE(is_well(sql));
  EXPECT_LT(*fastest(sql).execution_ms, before / 10);
}

TEST_F(Diagnosing, InefficientIndex) {
  run(kOrders);
  run("create index on orders (status)");
  run("analyze orders");
  run("set enable_seqscan = off");
  const std::string sql = "select * from orders where status = 'closed' and customer = 43";
  const Diagnosis diagnosis = found(sql, "inefficient_index");
  EXPECT_EQ(diagnosis.remedy, "CREATE INDEX CONCURRENTLY ON orders (status, customer);");
  apply(diagnosis);
  EXPECT_FALSE(has(sql, "inefficient_index"));
}

TEST_F(Diagnosing, MisestimateOfStaleStatistics) {
  run("create table t (g int, s text)");
  run("insert into t select 1, 'a' from generate_series(1, 10) i");
  run("analyze t");
  run("insert into t select 2, md5(i::text) from generate_series(1, 100000) i");
  const std::string sql = "select count(*) from t a where g = 2";
  const Diagnosis diagnosis = found(sql, "misestimate");
  EXPECT_EQ(diagnosis.remedy, "ANALYZE t;");
  apply(diagnosis);
  EXPECT_FALSE(has(sql, "misestimate"));
}

TEST_F(Diagnosing, CorrelatedColumns) {
  run("create table t as select i % 200 as city, i % 200 / 2 as country, i as v from generate_series(1, "
      "400000) i");
  run("analyze t");
  const std::string sql = "select sum(v) from t where city = 100 and country = 50 group by v";
  const Diagnosis diagnosis = found(sql, "correlated_columns");
  EXPECT_EQ(diagnosis.remedy,
            "CREATE STATISTICS t_city_country_together (dependencies) ON city, country FROM t;\nANALYZE t;");
  apply(diagnosis);
  EXPECT_FALSE(has(sql, "correlated_columns"));
  EXPECT_FALSE(has(sql, "misestimate"));
}

TEST_F(Diagnosing, NestedLoopThatBlewUpIsToldByItsCause) {
  run("create table a (id int, g int)");
  run("create table b as select i as id, i % 100 as v from generate_series(1, 2000) i");
  run("insert into a values (1, 1)");
  run("analyze a");
  run("analyze b");
  run("insert into a select i, 2 from generate_series(1, 3000) i");
  const std::string sql = "select count(*) from a join b on a.id > b.id where a.g = 2";
  EXPECT_FALSE(has(sql, "nestloop_blowup"));  // for it is explained
  const Diagnosis diagnosis = found(sql, "misestimate");
  apply(diagnosis);
  EXPECT_FALSE(has(sql, "misestimate"));
}

// One in a hundred is open, so that ten are expected among the newest thousand; but only old ones are.
TEST_F(Diagnosing, OrderLimitIndex) {
  run(kOrders);
  run("update orders set status = case when id > 198000 then 'open' else 'closed' end");
  run("create index orders_created on orders (created desc)");
  run("vacuum analyze orders");
  const std::string sql = "select * from orders where status = 'open' order by created desc limit 10";
  EXPECT_NE(found(sql, "order_limit_index").remedy.find("orders_created"), std::string::npos);
  PlanCatalog catalog;
  catalog.index_columns["orders_created"] = "created DESC";
  const auto all = diagnose(measured(sql), catalog);
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all[0].remedy, "CREATE INDEX CONCURRENTLY ON orders (status, created DESC);");
  apply(all[0]);
  EXPECT_TRUE(is_well(sql));
}

TEST_F(Diagnosing, DiskSort) {
  run(kOrders);
  run("analyze orders");
  run("set work_mem = '1MB'");
  const std::string sql = "select * from orders order by note";
  const Diagnosis diagnosis = found(sql, "disk_sort");
  apply(diagnosis);
  EXPECT_FALSE(has(sql, "disk_sort"));
  EXPECT_EQ(measured(sql).nodes[0].sort_method, "quicksort");
}

TEST_F(Diagnosing, HashBatches) {
  run(kOrders);
  run("create table more as select * from orders");
  run("analyze");
  run("set work_mem = '1MB'");
  run("set hash_mem_multiplier = 1");
  run("set enable_mergejoin = off");
  const std::string sql =
      "select count(*) from orders a join more b on a.note = b.note where a.total + b.total > 0";
  const Diagnosis diagnosis = found(sql, "hash_batches");
  apply(diagnosis);
  EXPECT_FALSE(has(sql, "hash_batches")) << diagnosis.remedy;
}

TEST_F(Diagnosing, HashAggregateOnDisk) {
  run(kOrders);
  run("analyze orders");
  run("set work_mem = '1MB'");
  run("set enable_sort = off");
  const std::string sql = "select note, count(*) from orders group by note";
  const Diagnosis diagnosis = found(sql, "hashagg_disk");
  apply(diagnosis);
  EXPECT_FALSE(has(sql, "hashagg_disk")) << diagnosis.remedy;
}

TEST_F(Diagnosing, LossyBitmap) {
  run("create table wide as select i as id, (i * 7919) % 1000 as v, repeat('x', 500) as pad from "
      "generate_series(1, 60000) i");
  run("create index on wide (v)");
  run("analyze wide");
  run("set work_mem = '64kB'");
  run("set enable_seqscan = off");
  run("set enable_indexscan = off");
  const std::string sql = "select count(pad) from wide where v between 100 and 400";
  const Diagnosis diagnosis = found(sql, "lossy_bitmap");
  apply(diagnosis);
  EXPECT_FALSE(has(sql, "lossy_bitmap")) << diagnosis.remedy;
}

TEST_F(Diagnosing, LargeOffset) {
  run(kOrders);
  run("create unique index on orders (id)");
  run("analyze orders");
  const Diagnosis diagnosis =
      found("select * from orders order by id offset 150000 limit 20", "large_offset");
  EXPECT_NE(diagnosis.remedy.find("ORDER BY key LIMIT n"), std::string::npos);
  // The same rows as the remedy has them.
  EXPECT_TRUE(is_well("select * from orders where id > 150000 order by id limit 20"));
}

TEST_F(Diagnosing, HeapFetchesOfAnIndexOnlyScan) {
  run(kOrders);
  run("create index on orders (customer, total)");
  run("analyze orders");
  run("set enable_seqscan = off");
  run("set enable_bitmapscan = off");
  const std::string sql = "select sum(total) from orders where customer < 2500";
  const Diagnosis diagnosis = found(sql, "ios_heap_fetches");
  EXPECT_EQ(diagnosis.remedy, "VACUUM orders;");
  apply(diagnosis);
  EXPECT_FALSE(has(sql, "ios_heap_fetches"));
}

TEST_F(Diagnosing, JitThatCostsMoreThanItSaves) {
  run("create table t as select i as a, i as b from generate_series(1, 2000) i");
  run("analyze t");
  run("set jit = on");
  run("set jit_above_cost = 0");
  run("set jit_inline_above_cost = 0");
  run("set jit_optimize_above_cost = 0");
  const std::string sql =
      "select a % 7, sum(b * 2 + a), max(a - b) from t where a + b > 10 and a * b > 20 group by 1";
  if (!measured(sql).jit_total_ms) GTEST_SKIP() << "this server cannot compile";
  const Diagnosis diagnosis = found(sql, "jit_heavy");
  apply(diagnosis);
  EXPECT_FALSE(has(sql, "jit_heavy"));
}

TEST_F(Diagnosing, SubplanThatRunsForEachRow) {
  run("create table customers as select i as id from generate_series(1, 3000) i");
  run("create table o as select i % 3000 as customer, i as total from generate_series(1, 6000) i");
  run("analyze");
  found("select id, (select sum(total) from o where customer = c.id) from customers c", "subplan_loops");
  const std::string remedied =
      "select c.id, s.total from customers c left join (select customer, sum(total) total from o group by "
      "customer) s on s.customer = c.id";
  EXPECT_FALSE(has(remedied, "subplan_loops"));
}

TEST_F(Diagnosing, ForeignKeyWithoutAnIndex) {
  run("create table parent (id int primary key)");
  run("create table child (parent int references parent, v int)");
  run("insert into parent select i from generate_series(1, 2000) i");
  run("insert into child select 1, i from generate_series(1, 50000) i");
  run("analyze");
  const Diagnosis diagnosis = found("delete from parent where id between 100 and 200", "trigger_heavy");
  EXPECT_NE(diagnosis.message.find("child_parent_fkey"), std::string::npos) << diagnosis.message;
  run("create index on child (parent)");
  // What a call takes is measured; others may be at work meanwhile.
  bool heavy = true;
  for (int first = 300; first < 1300 && heavy; first += 200) {
    heavy = has(fmt::format("delete from parent where id between {} and {}", first, first + 100),
                "trigger_heavy");
  }
  EXPECT_FALSE(heavy);
}

TEST_F(Diagnosing, NothingIsSaidOfHealthyPlans) {
  run(kOrders);
  run("alter table orders add primary key (id)");
  run("create index on orders (customer)");
  run("create table customers as select i as id, 'name ' || i as name from generate_series(0, 4999) i");
  run("alter table customers add primary key (id)");
  run("vacuum analyze");
  for (const char* sql :
       {"select * from orders where id = 77", "select * from orders where customer = 5 order by id limit 10",
        "select count(*) from orders", "select status, count(*) from orders group by status",
        "select * from customers c join orders o on o.customer = c.id where c.id = 9",
        "select * from customers where id = 3", "select * from customers order by name limit 5",
        "select max(id) from orders", "select * from orders where id between 100 and 120 order by total",
        "select c.name, sum(o.total) from customers c join orders o on o.customer = c.id group by c.name",
        "update orders set total = total + 1 where id = 8", "select 1"}) {
    for (const Diagnosis& each : diagnosed(sql))
      ADD_FAILURE() << sql << ": " << each.code << ": " << each.message;
  }
}

}  // namespace signalbox::queries
