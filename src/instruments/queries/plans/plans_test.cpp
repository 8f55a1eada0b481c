// Readers and arithmetic: against the server's own two formats, against pev2's plans, by hand.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/plans/plan_cost.hpp"
#include "instruments/queries/plans/plan_reader.hpp"
#include "instruments/queries/plans/plan_report.hpp"
#include "instruments/queries/plans/plan_shape.hpp"
#include "instruments/queries/plans/redaction.hpp"
#include "instruments/queries/server/testing.hpp"

namespace signalbox::queries {
namespace {

namespace fs = std::filesystem;

fs::path corpus() {
  const char* const given = std::getenv("SIGNALBOX_CORPUS");
  return fs::path(given == nullptr ? "../shared/corpus" : given) / "queries" / "pev2";
}

Plan plan_of(std::string_view text) {
  auto plan = read_plan(text);
  EXPECT_TRUE(plan.has_value()) << (plan ? "" : plan.error().message);
  return plan.value_or(Plan{{PlanNode{}}, {}, {}, {}, {}, {}, {}, {}, {}});
}

// What both formats tell of a node.
void expect_same(const Plan& text, const Plan& json, const std::string& name) {
  ASSERT_EQ(text.nodes.size(), json.nodes.size()) << name;
  for (std::size_t i = 0; i < text.nodes.size(); ++i) {
    const PlanNode &a = text.nodes[i], &b = json.nodes[i];
    const std::string where = name + " node " + std::to_string(i) + " " + b.type;
    EXPECT_EQ(a.type, b.type) << where;
    EXPECT_EQ(a.parent, b.parent) << where;
    EXPECT_EQ(a.relation, b.relation) << where;
    EXPECT_EQ(a.index, b.index) << where;
    EXPECT_EQ(a.parallel_aware, b.parallel_aware) << where;
    EXPECT_NEAR(a.total_cost, b.total_cost, 0.011) << where;
    EXPECT_NEAR(a.plan_rows, b.plan_rows, 0.5) << where;
    EXPECT_EQ(a.was_measured, b.was_measured) << where;
    EXPECT_NEAR(a.actual_rows, b.actual_rows, 0.5) << where;
    EXPECT_EQ(a.actual_loops, b.actual_loops) << where;
    EXPECT_NEAR(a.actual_total_ms, b.actual_total_ms, 0.0011) << where;
    EXPECT_EQ(a.filter, b.filter) << where;
    EXPECT_EQ(a.index_cond, b.index_cond) << where;
    EXPECT_EQ(a.hash_cond, b.hash_cond) << where;
    EXPECT_EQ(a.sort_keys, b.sort_keys) << where;
    EXPECT_EQ(a.removed_by_filter, b.removed_by_filter) << where;
    EXPECT_EQ(a.subplan_name, b.subplan_name) << where;
    EXPECT_EQ(a.cte_name, b.cte_name) << where;
    EXPECT_EQ(a.sort_space_kib, b.sort_space_kib) << where;
    EXPECT_EQ(a.hash_batches, b.hash_batches) << where;
    EXPECT_EQ(a.buffers.shared_hit, b.buffers.shared_hit) << where;
  }
  EXPECT_EQ(text.planning_ms.has_value(), json.planning_ms.has_value()) << name;
}

// A name as FORMAT JSON has it; pev2 leaves schema and quotes on.
std::string bare(std::string name) {
  const std::size_t quote = name.find('"');
  if (quote != std::string::npos) return name.substr(quote + 1, name.rfind('"') - quote - 1);
  const std::size_t dot = name.find('.');
  return dot == std::string::npos ? name : name.substr(dot + 1);
}

double sum_of_exclusive(const std::vector<NodeCost>& costs) {
  double out = 0;
  for (const NodeCost& each : costs) out += each.exclusive_ms;
  return out;
}

}  // namespace

// The same plan of the same server in both formats. Not measured, so that nothing differs between two runs.
TEST(PlanReader, BothFormatsOfAServerAreTheSamePlan) {
  const auto server = testing::start_counting_server(
      {"max_parallel_workers_per_gather=2", "min_parallel_table_scan_size=0", "parallel_setup_cost=0"});
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  testing::Client client(server->url("postgres"));
  client.run("create table t (id int primary key, g int, s text, d date)");
  client.run(
      "insert into t select i, i % 97, 'text ' || i, date '2026-01-01' + i % 300 from generate_series(1, "
      "20000) i");
  client.run("create table \"odd Name\" (\"a b\" int references t, c int) partition by range (c)");
  client.run("create table part_1 partition of \"odd Name\" for values from (0) to (50)");
  client.run("create table part_2 partition of \"odd Name\" for values from (50) to (100)");
  client.run("insert into \"odd Name\" select i, i % 100 from generate_series(1, 5000) i");
  client.run("create index on t (g, d)");
  client.run("analyze");
  const char* statements[] = {
      "select * from t where g = 5 and d > '2026-03-01' and s like 'text 1%'",
      "select g, count(*), max(s) from t group by g having count(*) > 10 order by 2 desc limit 5",
      "select * from t a join \"odd Name\" o on o.\"a b\" = a.id left join t b on b.id = o.c where a.s <> "
      "'x, (y) AND \"z\"'",
      "with x as materialized (select * from t where g < 5), y as materialized (select count(*) n from x) "
      "select * from x, y where x.id = (select max(id) from t) order by x.s desc, x.id",
      "select id, (select count(*) from t b where b.g = a.g) from t a where id < 10 and id not in (select c "
      "from \"odd Name\")",
      "with recursive r(n) as (select 1 union all select n + 1 from r where n < 10) select * from r",
      "select * from t where id in (select \"a b\" from \"odd Name\" where c between 40 and 60) union select "
      "* from t where exists (select 1 from \"odd Name\" where c = t.g)",
      "select distinct g from t except select c from \"odd Name\"",
      "select *, rank() over (partition by g order by d desc) from t where id between 5 and 500",
      "select * from t where id between 5 and 500 for update",
      "update t set s = 'new' where id in (select \"a b\" from \"odd Name\" where c = 3)",
      "delete from \"odd Name\" where c = 7",
      "insert into t select 100000 + i, 1, 'x', now() from generate_series(1, 3) i on conflict do nothing",
      "select * from generate_series(1, 3) a, (values (1), (2)) v(x), lateral (select g from t where id = a) "
      "l",
      "select g, d, count(*) from t group by grouping sets ((g), (d), ())",
      "select * from t where id = any(array[1, 2, 3]) or g = 5",
  };
  for (const char* statement : statements) {
    for (const char* options : {"", "verbose, "}) {
      const std::string json =
          client.rows(std::string("explain (") + options + "format json) " + statement)[0].text(0);
      std::string text;
      for (const store::Row& row :
           client.rows(std::string("explain (") + options + "format text) " + statement))
        text += row.text(0) + "\n";
      const Plan left = plan_of(text), right = plan_of(json);
      expect_same(left, right, statement);
      ASSERT_EQ(left.nodes.size(), right.nodes.size());
      for (std::size_t i = 0; i < left.nodes.size(); ++i)
        EXPECT_EQ(shape_of(left.nodes[i]), shape_of(right.nodes[i])) << statement;
    }
  }
  // Measured: each format by itself, whose times add up to those of the root.
  for (const char* statement : statements) {
    if (std::string_view(statement).find("update t") == 0 ||
        std::string_view(statement).find("delete") == 0 || std::string_view(statement).find("insert") == 0)
      continue;
    const Plan plan =
        plan_of(client.rows(std::string("explain (analyze, buffers, format json) ") + statement)[0].text(0));
    const auto costs = costs_of(plan);
    const bool parallel = std::any_of(plan.nodes.begin(), plan.nodes.end(),
                                      [](const PlanNode& node) { return node.type.starts_with("Gather"); });
    double rounding = 0;
    for (const PlanNode& node : plan.nodes) rounding += 0.001 * std::max(1.0, node.actual_loops);
    for (const NodeCost& each : costs) EXPECT_GE(each.exclusive_ms, 0);
    if (!parallel) {
      EXPECT_NEAR(sum_of_exclusive(costs), costs.front().inclusive_ms,
                  0.001 * costs.front().inclusive_ms + rounding)
          << statement;
    }
  }
}

// YAML and XML of the same server, down to the figures, and the constants that are left out.
TEST(PlanReader, AllFormatsOfAServerAreTheSamePlan) {
  const auto server = testing::start_counting_server(
      {"max_parallel_workers_per_gather=2", "min_parallel_table_scan_size=0", "parallel_setup_cost=0"});
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  testing::Client client(server->url("postgres"));
  client.run("create table t (id int primary key, g int, s text)");
  client.run(
      "create table \"a <b> & \"\"c\"\": - d\" as select i as id, i % 7 as g from generate_series(1, 3000) "
      "i");
  client.run("insert into t select i, i % 97, 'text ' || i from generate_series(1, 20000) i");
  client.run("create index on t (g, s)");
  client.run("create function f() returns trigger language plpgsql as 'begin return new; end'");
  client.run("create trigger on_t after update on t for each row execute function f()");
  client.run("analyze");
  const char* statements[] = {
      "select * from t where g = 5 and s like 'a <b> & \"c\": ''quoted''\n- x%' order by s desc, id",
      "select g, count(*), max(s) from t group by g having count(*) > 10 order by 2 desc limit 5",
      "select * from t join \"a <b> & \"\"c\"\": - d\" o using (id) where o.g between 2 and 4",
      "with x as materialized (table t) select id from x where s = (select max(s) from t)",
      "select id, (select count(*) from t b where b.g = a.g) from t a where id < 10",
      "select g, s, count(*) from t group by grouping sets ((g), (s), ())",
      "select * from (select * from t order by g) q order by g, s limit 3",
      "update t set s = 'new' where id between 5 and 9",
  };
  // Of FORMAT XML the server gives a type of its own.
  client.run(
      "create function printed(statement text) returns setof text language plpgsql as $$ declare line text; "
      "begin for "
      "line in execute statement loop return next line; end loop; end $$");
  const auto printed = [&](const std::string& options, const char* statement) {
    std::string out;
    for (const store::Row& row :
         client.rows("select printed($explained$explain (" + options + ") " + statement + "$explained$)"))
      out += row.text(0) + "\n";
    return out;
  };
  for (const char* statement : statements) {
    for (const std::string options : {"", "verbose, settings, "}) {
      const Plan json = plan_of(printed(options + "format json", statement));
      for (const char* format : {"yaml", "xml", "text"}) {
        // A line break within a constant is taken for one that a terminal made.
        if (std::string_view(format) == "text" &&
            std::string_view(statement).find('\n') != std::string_view::npos)
          continue;
        const std::string text = printed(options + "format " + format, statement);
        const Plan plan = plan_of(text);
        expect_same(plan, json, std::string(format) + " " + statement);
        ASSERT_EQ(plan.nodes.size(), json.nodes.size());
        for (std::size_t i = 0; i < plan.nodes.size(); ++i)
          EXPECT_EQ(shape_of(plan.nodes[i]), shape_of(json.nodes[i])) << text;
        if (std::string_view(format) == "text") continue;
        for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
          EXPECT_EQ(plan.nodes[i].output, json.nodes[i].output) << text;
          EXPECT_EQ(plan.nodes[i].group_keys, json.nodes[i].group_keys) << text;
          EXPECT_EQ(plan.nodes[i].alias, json.nodes[i].alias) << text;
          EXPECT_EQ(plan.nodes[i].details.size(), json.nodes[i].details.size()) << text;
        }
        EXPECT_EQ(plan.settings, json.settings) << text;
        const std::string redacted = without_constants_of_plan(text);
        EXPECT_EQ(redacted.find("quoted"), std::string::npos) << redacted;
        EXPECT_EQ(shape_hash(plan_of(redacted)), shape_hash(json)) << redacted;
      }
    }
    // Measured: the members are there, with times that add up to the root's.
    for (const char* format : {"yaml", "xml"}) {
      client.run("begin");
      const std::string text = printed(std::string("analyze, buffers, verbose, format ") + format, statement);
      client.run("rollback");
      const Plan plan = plan_of(text);
      EXPECT_TRUE(plan.was_measured()) << text;
      EXPECT_TRUE(plan.planning_ms.has_value() && plan.execution_ms.has_value()) << text;
      EXPECT_GT(plan.nodes.front().buffers.shared_hit + plan.nodes.front().buffers.shared_read, 0) << text;
      for (const NodeCost& each : costs_of(plan)) EXPECT_GE(each.exclusive_ms, 0);
      if (std::string_view(statement).starts_with("update")) {
        ASSERT_EQ(plan.triggers.size(), 1u) << text;
        EXPECT_EQ(plan.triggers[0].name, "on_t");
        EXPECT_EQ(plan.triggers[0].calls, 5);
      }
      std::size_t workers = 0;
      for (const PlanNode& node : plan.nodes) workers += node.workers.size();
      const bool has =
          text.find("Worker Number") != std::string::npos || text.find("Worker-Number") != std::string::npos;
      EXPECT_EQ(workers > 0, has) << text;
    }
  }
}

// As auto_explain logs them: no list around, the statement before the plan.
TEST(PlanReader, YamlAndXmlOfALogAreRead) {
  const Plan yaml = plan_of(
      "Query Text: \"select 'a: \\n- b'\"\nPlan: \n  Node Type: \"Result\"\n  Parallel Aware: false\n  Total "
      "Cost: "
      "0.01\n");
  EXPECT_EQ(yaml.query_text, "select 'a: \n- b'");
  EXPECT_EQ(yaml.nodes.at(0).type, "Result");
  EXPECT_EQ(yaml.nodes.at(0).total_cost, 0.01);
  const Plan xml = plan_of(
      "<?xml version=\"1.0\"?><!-- a -->\n<explain "
      "xmlns=\"http://www.postgresql.org/2009/explain\">\n<Query-Text>select "
      "'a &lt; b "
      "&#x41;&#233;'</Query-Text><Plan><Node-Type>Result</Node-Type><I-O-Read-Time>1.5</I-O-Read-Time><Plans/"
      ">"
      "</Plan><Triggers>\n</Triggers></explain>");
  EXPECT_EQ(xml.query_text, "select 'a < b A\xc3\xa9'");
  EXPECT_EQ(xml.nodes.at(0).buffers.read_ms, 1.5);
}

// In a plan that is whole but for it.
TEST(PlanReader, EntitiesOfXmlThatAreNoneAreRefused) {
  const auto with = [](const std::string& words) {
    return read_plan("<explain><Query-Text>" + words +
                     "</Query-Text><Plan><Node-Type>Result</Node-Type></Plan></explain>");
  };
  const auto last = with("&#xd7ff;&#xe000;&#x10ffff;");
  ASSERT_TRUE(last.has_value()) << last.error().message;
  EXPECT_EQ(last->query_text, "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf");
  for (const char* words : {"&x;", "&lt", "&", "&;", "&#;", "&#x;", "&#0;", "&#-1;", "&#1x;", "&#xd800;",
                            "&#xdfff;", "&#x110000;", "&#99999999999;"}) {
    const auto plan = with(words);
    ASSERT_FALSE(plan.has_value()) << words;
    EXPECT_NE(plan.error().message.find("an entity that is none"), std::string::npos) << plan.error().message;
  }
}

// Plans in text and what pev2 reads in them as JSON.
TEST(PlanReader, ReadsWhatPev2Reads) {
  if (!fs::exists(corpus())) GTEST_SKIP() << "no corpus at " << corpus();
  std::size_t compared = 0;
  for (const char* folder : {"from-text", "12-line-wrapped-plans", "21-io-timings"}) {
    for (const auto& entry : fs::directory_iterator(corpus() / folder)) {
      const std::string path = entry.path().string();
      const bool dashed = path.ends_with("-plan");
      if (!dashed && !path.ends_with(".plan")) continue;
      const std::string expected = path.substr(0, path.size() - 5) + (dashed ? "-expect" : ".expect");
      if (!fs::exists(expected)) continue;
      const auto text = read_file(path), json = read_file(expected);
      ASSERT_TRUE(text.has_value() && json.has_value());
      const auto left = read_plan(*text);
      ASSERT_TRUE(left.has_value()) << path << ": " << left.error().message;
      const auto right = read_json_plan(*json);
      if (!right) continue;  // what it expects is no plan by itself
      // These leave a node out.
      if (path.ends_with("48-memoize-plan") || path.ends_with("46-buckets-plan")) continue;
      ++compared;
      ASSERT_EQ(left->nodes.size(), right->nodes.size()) << path;
      for (std::size_t i = 0; i < left->nodes.size(); ++i) {
        const PlanNode &a = left->nodes[i], &b = right->nodes[i];
        const std::string where = path + " node " + std::to_string(i) + " " + b.type;
        EXPECT_EQ(a.depth, b.depth) << where;
        // Some tell of a few members alone.
        if (!b.relation.empty()) EXPECT_EQ(a.relation, bare(b.relation)) << where;
        if (!b.index.empty()) EXPECT_EQ(a.index, bare(b.index)) << where;
        if (b.total_cost == 0 && b.actual_loops == 0) continue;
        EXPECT_EQ(a.total_cost, b.total_cost) << where;
        EXPECT_EQ(a.plan_rows, b.plan_rows) << where;
        EXPECT_EQ(a.actual_total_ms, b.actual_total_ms) << where;
        EXPECT_EQ(a.actual_rows, b.actual_rows) << where;
        EXPECT_EQ(a.actual_loops, b.actual_loops) << where;
      }
    }
  }
  EXPECT_GT(compared, 40u);
}

TEST(PlanReader, ReadsPlansInPsqlsFrames) {
  if (!fs::exists(corpus())) GTEST_SKIP() << "no corpus at " << corpus();
  std::size_t read = 0;
  for (const auto& entry : fs::directory_iterator(corpus() / "11-psql-frames")) {
    const auto plan = read_plan(*read_file(entry.path()));
    ASSERT_TRUE(plan.has_value()) << entry.path() << ": " << plan.error().message;
    ++read;
    if (entry.path().string().find("dbeaver") != std::string::npos) continue;
    ASSERT_EQ(plan->nodes.size(), 3u) << entry.path();
    EXPECT_EQ(plan->nodes[0].type, "Nested Loop") << entry.path();
    EXPECT_EQ(plan->nodes[1].relation, "users") << entry.path();
    EXPECT_EQ(plan->nodes[2].relation, "part_0") << entry.path();
    EXPECT_EQ(plan->nodes[1].filter, "(username = 'depesz'::text)") << entry.path();
    EXPECT_EQ(plan->nodes[2].removed_by_filter, 13205) << entry.path();
  }
  EXPECT_GT(read, 20u);
}

TEST(PlanReader, WhatIsNoPlanIsRefusedWithItsPlace) {
  for (const char* text : {"",
                           "   \n",
                           "hello",
                           "{}",
                           "[]",
                           "[1]",
                           "{\"Plan\": 1}",
                           "{\"Plan\": {\"Plans\": []}}",
                           "{\"Plan\": ",
                           "select 1;",
                           "{\"Plan\": {\"Node Type\": \"Result\", \"Plans\": [3]}}",
                           "<",
                           "<explain",
                           "<explain>",
                           "<explain/>",
                           "<html></html>",
                           "<explain></Query>",
                           "<explain><Query><Plan></Plan></Query></explain>",
                           "<explain>&x;</explain>",
                           "<explain>&#0;</explain>",
                           "<explain>&#x110000;</explain>",
                           "<!DOCTYPE a [<!ENTITY b \"c\">]><explain/>",
                           "<explain><Plan><Node-Type>R</Node-Type></Plan>",
                           "<explain><Plan><Node-Type>R</Node-Type></Plan></explain><explain/>",
                           "< explain>",
                           "<explain><Plans><Plan/></Plans></explain>",
                           "- Plan:",
                           "Plan:\nNode Type: ",
                           "- Plan:\n    Node Type: \"Result",
                           "- Plan: \n    Node Type: \"Result\"\n  - x: 1",
                           "- Plan: \n    Node Type: \"Result\"\n      Deeper: 1",
                           "- Plan: \n  - Node Type: \"Result\"",
                           "Plan: \n  Node Type: \"a\" b",
                           "Plan: \n  Node Type: [1"}) {
    const auto plan = read_plan(text);
    ASSERT_FALSE(plan.has_value()) << text;
    EXPECT_EQ(plan.error().kind, ErrorKind::bad_input);
  }
}

TEST(PlanReader, DeepPlansAreReadAndTooDeepOnesRefused) {
  const auto nested = [](int depth) {
    std::string out;
    for (int i = 0; i < depth; ++i)
      out += R"({"Node Type":"Result","Actual Loops":1,"Actual Total Time":1,"Plans":[)";
    out += R"({"Node Type":"Result"})";
    for (int i = 0; i < depth; ++i) out += "]}";
    return R"({"Plan":)" + out + "}";
  };
  const auto plan = read_plan(nested(1'000));
  ASSERT_TRUE(plan.has_value()) << plan.error().message;
  EXPECT_EQ(plan->nodes.size(), 1'001u);
  EXPECT_EQ(costs_of(*plan).size(), 1'001u);
  EXPECT_FALSE(read_plan(nested(5'000)).has_value());
  const auto xml = [](int depth) {
    std::string out, end;
    for (int i = 0; i < depth; ++i) {
      out += "<Plan><Node-Type>Result</Node-Type><Plans>";
      end += "</Plans></Plan>";
    }
    return "<explain>" + out + "<Plan><Node-Type>Result</Node-Type></Plan>" + end + "</explain>";
  };
  const auto yaml = [](int depth) {
    std::string out = "Plan: \n", indent = "  ";
    for (int i = 0; i < depth; ++i) {
      out += (i == 0 ? indent : std::string()) + "Node Type: \"Result\"\n" + indent + "Plans: \n" + indent +
             "  - ";
      indent += "    ";
    }
    return out + "Node Type: \"Result\"\n";
  };
  for (const auto& text : {xml(1'000), yaml(1'000)}) {
    const auto deep = read_plan(text);
    ASSERT_TRUE(deep.has_value()) << deep.error().message;
    EXPECT_EQ(deep->nodes.size(), 1'001u);
  }
  EXPECT_FALSE(read_plan(xml(5'000)).has_value());
  EXPECT_FALSE(read_plan(yaml(5'000)).has_value());
}

// Worked by hand: three processes, each 100 ms on average, of which 90 in the scan; the bitmap is made once.
TEST(PlanCost, ParallelTimeIsDividedByTheProcessesThatRan) {
  const Plan plan = plan_of(
      "Gather  (cost=0..9 rows=30 width=4) (actual time=1.000..110.000 rows=30 loops=1)\n"
      "  Workers Planned: 2\n"
      "  Workers Launched: 2\n"
      "  ->  Parallel Bitmap Heap Scan on t  (cost=0..9 rows=10 width=4) (actual time=5.000..100.000 rows=10 "
      "loops=3)\n"
      "        ->  Bitmap Index Scan on i  (cost=0..9 rows=30 width=0) (actual time=6.000..6.000 rows=30 "
      "loops=1)\n"
      "Execution Time: 111.000 ms\n");
  ASSERT_EQ(plan.nodes.size(), 3u);
  const auto costs = costs_of(plan);
  EXPECT_DOUBLE_EQ(costs[1].processes, 3);
  EXPECT_DOUBLE_EQ(costs[1].inclusive_ms, 100);
  EXPECT_DOUBLE_EQ(costs[2].inclusive_ms, 6);
  EXPECT_DOUBLE_EQ(costs[0].exclusive_ms, 10);
  EXPECT_DOUBLE_EQ(costs[1].exclusive_ms, 94);
  EXPECT_DOUBLE_EQ(costs[1].rows, 30);
}

TEST(PlanCost, TheTimeOfACteIsChargedToWhoPulledIt) {
  const Plan plan = plan_of(
      " Append  (cost=0.07..0.35 rows=4 width=8) (actual time=101.225..504.954 rows=5 loops=1)\n"
      "   CTE x\n"
      "     ->  Function Scan on generate_series i  (cost=0.00..0.07 rows=5 width=8) (actual "
      "time=101.209..504.880 rows=5 loops=1)\n"
      "   ->  CTE Scan on x  (cost=0.00..0.11 rows=2 width=8) (actual time=101.223..504.937 rows=2 loops=1)\n"
      "         Filter: (i < 3)\n"
      "   ->  CTE Scan on x x_1  (cost=0.00..0.11 rows=2 width=8) (actual time=0.005..0.007 rows=3 "
      "loops=1)\n");
  const auto costs = costs_of(plan);
  EXPECT_NEAR(costs[1].exclusive_ms, 504.880, 1e-9);
  EXPECT_NEAR(costs[2].exclusive_ms, 0.064, 0.001);
  EXPECT_LT(costs[3].exclusive_ms, 0.007);
  EXPECT_NEAR(costs[0].exclusive_ms, 504.954 - 504.937 - 0.007, 1e-6);
  EXPECT_NEAR(sum_of_exclusive(costs), 504.954, 0.001);
}

// The same arithmetic on pev2's plans with CTEs: what all nodes took is what the root took.
TEST(PlanCost, PlansWithCtesAddUp) {
  if (!fs::exists(corpus())) GTEST_SKIP() << "no corpus at " << corpus();
  for (const auto& entry : fs::directory_iterator(corpus() / "cte-exclusive-time")) {
    const Plan plan = plan_of(*read_file(entry.path()));
    const auto costs = costs_of(plan);
    double clamped = 0;
    for (const NodeCost& each : costs) clamped += each.clamped_ms;
    EXPECT_NEAR(sum_of_exclusive(costs) - clamped, costs.front().inclusive_ms,
                0.001 * costs.front().inclusive_ms)
        << entry.path();
    EXPECT_LT(clamped, 0.01 * costs.front().inclusive_ms) << entry.path();
  }
}

TEST(PlanCost, AnInitPlanIsChargedToWhoUsesItsResult) {
  const Plan plan = plan_of(
      "Seq Scan on t  (cost=1..2 rows=1 width=4) (actual time=50.000..60.000 rows=1 loops=1)\n"
      "  Filter: (id = $0)\n"
      "  InitPlan 1 (returns $0)\n"
      "    ->  Aggregate  (cost=1..1 rows=1 width=4) (actual time=40.000..40.000 rows=1 loops=1)\n");
  EXPECT_DOUBLE_EQ(costs_of(plan)[0].exclusive_ms, 20);
}

TEST(PlanShape, CountsWhatAPlanIsAndNotWhatItCost) {
  const char* base = "Seq Scan on t  (cost=1..2 rows=1 width=4)\n  Filter: (id = 5)\n";
  EXPECT_EQ(shape_hash(plan_of(base)),
            shape_hash(plan_of("Seq Scan on t x  (cost=9..9 rows=7 width=8)\n  Filter: (id = 77)\n")));
  EXPECT_NE(shape_hash(plan_of(base)),
            shape_hash(plan_of("Seq Scan on u  (cost=1..2 rows=1 width=4)\n  Filter: (id = 5)\n")));
  EXPECT_NE(shape_hash(plan_of(base)),
            shape_hash(plan_of(
                "Index Scan using t_pkey on t  (cost=1..2 rows=1 width=4)\n  Index Cond: (id = 5)\n")));
  EXPECT_EQ(shape_hash(plan_of(base)).size(), 16u);
}

TEST(PlanDiff, NodesThatChangedAreNamed) {
  const Plan before = plan_of(
      "Nested Loop  (cost=1..2 rows=1 width=4)\n  ->  Seq Scan on a  (cost=1..2 rows=1 width=4)\n  ->  Index "
      "Scan using b_i on b  (cost=1..2 rows=1 width=4)\n");
  const Plan after = plan_of(
      "Hash Join  (cost=1..2 rows=1 width=4)\n  ->  Seq Scan on a  (cost=1..2 rows=1 width=4)\n  ->  Hash  "
      "(cost=1..2 rows=1 width=4)\n        ->  Seq Scan on b  (cost=1..2 rows=1 width=4)\n");
  const auto pairs = pair_nodes(before, after);
  ASSERT_EQ(pairs.size(), 4u);
  EXPECT_EQ(pairs[0].change, NodePair::Change::changed);
  EXPECT_EQ(pairs[1].change, NodePair::Change::same);
  EXPECT_EQ(pairs[2].change, NodePair::Change::changed);
  EXPECT_EQ(pairs[3].change, NodePair::Change::added);
  for (const NodePair& pair : pair_nodes(before, before)) EXPECT_EQ(pair.change, NodePair::Change::same);
}

TEST(Conditions, ColumnsOfAnIndexAreFound) {
  using Columns = std::vector<std::string>;
  EXPECT_EQ(index_columns({"(customer_id = 42)"}), Columns{"customer_id"});
  EXPECT_EQ(index_columns({"((created > '2026-01-01'::date) AND (o.status = 'open'::text))"}),
            (Columns{"status", "created"}));
  EXPECT_EQ(index_columns({"((lower((name)::text) = 'x'::text) AND flag)"}),
            (Columns{"lower(name)", "flag"}));
  EXPECT_EQ(index_columns({"((name)::text = 'a AND b = c'::text)"}), Columns{"name"});
  EXPECT_EQ(index_columns({"(id = ANY ('{1,2}'::integer[]))"}), Columns{"id"});
  EXPECT_EQ(index_columns({"(\"a b\" = $1)"}), Columns{"\"a b\""});
  EXPECT_EQ(index_columns({"(deleted_at IS NULL)"}), Columns{"deleted_at"});
  EXPECT_EQ(index_columns({"((a = 1) OR (b = 2))"}), Columns{});
  EXPECT_EQ(index_columns({"(a = b)"}), Columns{});
  EXPECT_EQ(index_columns({"((a + 1) = 5)"}), Columns{});
  EXPECT_EQ(index_columns({"(name ~~ '%x'::text)"}), Columns{});
  EXPECT_EQ(index_columns({"((name)::text ~~ 'x%'::text)"}), Columns{"name text_pattern_ops"});
  EXPECT_EQ(index_columns({"(date_trunc('day'::text, created) = '2026-01-01'::timestamp)"}), Columns{});
  EXPECT_EQ(index_columns({"(substr(code, 1, 3) = 'abc'::text)"}), Columns{"substr(code, 1, 3)"});
  // What is compared as another type is no column of an index.
  EXPECT_EQ(index_columns({"((id)::numeric = 100.0)"}), Columns{});
  // A column of another table is a value to the one that is scanned.
  EXPECT_EQ(index_columns({"(customer = c.id)"}, "o"), Columns{"customer"});
  EXPECT_EQ(index_columns({"(o.customer = o.id)"}, "o"), Columns{});
  index_columns({"(((", ")", "'", "((a = 'x"});  // broken ones end too
}

TEST(Conditions, WhatStandsAroundAColumnIsTold) {
  using Around = ConditionTerm::Around;
  const auto one = [](const char* text) { return terms_of(text, "t").at(0); };
  EXPECT_EQ(one("((created)::date = '2026-01-01'::date)").around, Around::cast);
  EXPECT_EQ(one("((created)::date = '2026-01-01'::date)").cast, "date");
  EXPECT_EQ(one("((id + 1) = 5)").around, Around::arithmetic);
  EXPECT_EQ(one("((id + 1) = 5)").column, "id");
  EXPECT_EQ(one("(EXTRACT(year FROM created) = '2026'::numeric)").function, "extract");
  EXPECT_EQ(one("((name)::text = 'x'::text)").around, Around::nothing);
  EXPECT_EQ(one("(upper((name)::text) ~~ '%X%'::text)").kind, ConditionTerm::Kind::pattern);
  EXPECT_EQ(one("(name ~~* 'x%'::text)").kind, ConditionTerm::Kind::pattern);
  EXPECT_EQ(one("('2026-01-01'::date <= created)").sign, ">=");
  EXPECT_EQ(one("(id = ANY ($1))").value, "ANY ($1)");
  EXPECT_EQ(one("(name ~~ $?)").kind, ConditionTerm::Kind::other);  // its pattern is not known
  const std::vector<std::string> branches{"a.x = b.x", "a.y = b.y"};
  EXPECT_EQ(or_branches("((a.z > 1) AND ((a.x = b.x) OR (a.y = b.y)))"), branches);
  EXPECT_TRUE(or_branches("((a.z > 1) AND (a.x = 'b OR c'))").empty());
  EXPECT_EQ(aliases_in("(a.x = 'c.d') OR (b.y = 1.5)"), (std::vector<std::string>{"a", "b"}));
}

}  // namespace signalbox::queries
