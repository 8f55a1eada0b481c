// Each thing is planted in a real server, told, mended as it is told, and told no more.
#include "instruments/queries/hygiene/hygiene.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "core/store/looked_at.hpp"
#include "instruments/queries/server/testing.hpp"

namespace signalbox::queries {
namespace {

store::testing::PostgresServer* shared_server() {
  static const std::unique_ptr<store::testing::PostgresServer> kServer = testing::start_counting_server(
      {"autovacuum=off", "autovacuum_freeze_max_age=100000", "max_prepared_transactions=5"});
  return kServer.get();
}

}  // namespace

class Hygiene : public ::testing::Test {
 protected:
  void SetUp() override {
    if (shared_server() == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
    url_ = *shared_server()->create_database();
    client_ = std::make_unique<testing::Client>(url_);
    options_.least_counted_s = 0;
  }
  void run(std::string_view sql) { client_->run(sql); }
  HygieneFacts facts(LeafDensity density = LeafDensity::leave) {
    client_->rows("select pg_stat_force_next_flush()::text");
    client_->rows("select 1");
    ServerLink link = testing::link_to(url_);
    std::vector<ServerLink> replicas;
    auto out = read_hygiene(link, replicas, density);
    EXPECT_TRUE(out.has_value()) << (out ? "" : out.error().message);
    return out.value_or(HygieneFacts{});
  }
  std::vector<HygieneFinding> found(const std::string& code, LeafDensity density = LeafDensity::leave) {
    std::vector<HygieneFinding> out;
    for (HygieneFinding& each : judge_hygiene(facts(density), options_)) {
      if (each.code == code) out.push_back(std::move(each));
    }
    return out;
  }
  // The one there is.
  HygieneFinding one(const std::string& code, LeafDensity density = LeafDensity::leave) {
    const auto all = found(code, density);
    EXPECT_EQ(all.size(), 1U) << code;
    return all.empty() ? HygieneFinding{} : all[0];
  }
  void apply(const HygieneFinding& finding) {
    for (const std::string_view line : lines(finding.remedy)) {
      if (!line.starts_with("--")) run(line);
    }
  }
  std::string url_;
  std::unique_ptr<testing::Client> client_;
  HygieneOptions options_;
};

TEST_F(Hygiene, NothingLiesAboutInADatabaseThatIsWell) {
  run("create table t (id bigint generated always as identity primary key, v int)");
  run("insert into t (v) select i from generate_series(1, 1000) i");
  run("vacuum (freeze, analyze) t");
  for (const HygieneFinding& each : judge_hygiene(facts(), options_))
    ADD_FAILURE() << each.object << each.message;
}

TEST_F(Hygiene, UnusedIndexes) {
  run("create table t as select i as id, i as v, i as w from generate_series(1, 100000) i");
  run("create index unread on t (v)");
  run("create index used on t (w)");
  run("create unique index kept on t (id)");  // it keeps rows apart
  run("analyze t");
  for (int i = 0; i < 3; ++i) client_->rows("select * from t where w = 7");
  const HygieneFinding finding = one("unused_index");
  EXPECT_EQ(finding.object, "public.unread");
  EXPECT_EQ(finding.bytes, client_->number("select pg_relation_size('unread')"));
  // Who counts since yesterday does not know.
  options_.least_counted_s = 86'400;
  EXPECT_TRUE(found("unused_index").empty());
  options_.least_counted_s = 0;
  for (int i = 0; i < 2; ++i) client_->rows("select * from t where v = 7");
  EXPECT_TRUE(found("unused_index").empty());
  apply(finding);
  EXPECT_EQ(client_->number("select count(*) from pg_class where relname = 'unread'"), 0);
}

TEST_F(Hygiene, UsesOnReplicasCount) {
  run("create table t as select i as v from generate_series(1, 100000) i");
  run("create index read_there on t (v)");
  run("analyze t");
  client_->rows("select * from t where v = 7");
  client_->rows("select pg_stat_force_next_flush()::text");
  client_->rows("select 1");
  ServerLink link = testing::link_to(url_);
  std::vector<ServerLink> none, replica;
  replica.push_back(testing::link_to(url_));
  const auto alone = read_hygiene(link, none, LeafDensity::leave);
  const auto together = read_hygiene(link, replica, LeafDensity::leave);
  ASSERT_TRUE(alone.has_value() && together.has_value());
  EXPECT_EQ(alone->indexes.at(0).scans, 1);
  EXPECT_EQ(together->indexes.at(0).scans, 2);
}

TEST_F(Hygiene, DuplicateAndRedundantIndexes) {
  run("create table t (id int primary key, a int, b int, c text)");
  run("create index one on t (a)");
  run("create index two on t (a)");
  run("create index three on t (a, b)");
  run("create index other_order on t (a desc)");
  run("create index a_part on t (a) where b > 0");
  run("create index patterns on t (c text_pattern_ops)");
  run("create index texts on t (c)");
  run("create index again on t (id)");
  const auto duplicates = found("duplicate_index");
  ASSERT_EQ(duplicates.size(), 2U);
  std::vector<std::string> names{duplicates[0].object, duplicates[1].object};
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"public.again", "public.two"}));  // the key's own stays
  const HygieneFinding redundant = one("redundant_index");
  EXPECT_EQ(redundant.object, "public.one");
  for (const HygieneFinding& each : duplicates) apply(each);
  apply(redundant);
  EXPECT_TRUE(found("duplicate_index").empty());
  EXPECT_TRUE(found("redundant_index").empty());
  EXPECT_EQ(client_->number("select count(*) from pg_index where indrelid = 't'::regclass"), 6);
}

TEST_F(Hygiene, AnIndexWhoseBuildingFailedIsInvalid) {
  run("create table t as select 1 as v from generate_series(1, 3) i");
  // Two rows that are the same: a unique index cannot be built, and what was begun stays.
  store::LookOptions options;
  options.access = store::LookOptions::Access::read_write;
  const auto other = store::open_looked_at(url_, options);
  ASSERT_TRUE(other.has_value());
  ASSERT_FALSE((*other)->execute("create unique index concurrently broken on t (v)").has_value());
  const HygieneFinding finding = one("invalid_index");
  EXPECT_EQ(finding.severity, Severity::error);
  apply(finding);
  EXPECT_TRUE(found("invalid_index").empty());
}

TEST_F(Hygiene, BloatedIndexes) {
  run("create extension pgstattuple");
  run("create table t as select i as id from generate_series(1, 200000) i");
  run("create index loose on t (id)");
  EXPECT_TRUE(found("bloated_index", LeafDensity::read).empty());
  run("delete from t where id % 10 <> 0");
  run("vacuum t");
  const HygieneFinding finding = one("bloated_index", LeafDensity::read);
  const auto before = client_->number("select pg_relation_size('loose')");
  apply(finding);
  const auto after = client_->number("select pg_relation_size('loose')");
  // What it said would be free, within a fifth.
  EXPECT_NEAR(static_cast<double>(before - after), static_cast<double>(finding.bytes),
              0.2 * static_cast<double>(before));
  EXPECT_TRUE(found("bloated_index", LeafDensity::read).empty());
}

TEST_F(Hygiene, ForeignKeysWithoutIndexes) {
  run("create table p (id int primary key)");
  run("create table c (a int, b int references p)");
  run("insert into p values (1)");
  run("insert into c select i, 1 from generate_series(1, 20000) i");
  run("analyze");
  const HygieneFinding finding = one("missing_fk_index");
  EXPECT_EQ(finding.remedy, "CREATE INDEX CONCURRENTLY ON public.c (b);");
  apply(finding);
  EXPECT_TRUE(found("missing_fk_index").empty());
}

TEST_F(Hygiene, ColumnsThatAnIndexIncludesFindNoReferringRows) {
  run("create table p (a int, b int, primary key (a, b))");
  run("create table c (a int, b int, foreign key (a, b) references p)");
  run("insert into p values (1, 1)");
  run("insert into c select 1, 1 from generate_series(1, 20000) i");
  run("create index on c (a) include (b)");
  run("analyze");
  EXPECT_EQ(one("missing_fk_index").remedy, "CREATE INDEX CONCURRENTLY ON public.c (a, b);");
  run("create index on c (b, a)");
  EXPECT_TRUE(found("missing_fk_index").empty());
}

TEST_F(Hygiene, DeadRows) {
  run("create table t as select i as id from generate_series(1, 50000) i");
  run("alter table t set (autovacuum_enabled = off)");
  run("delete from t where id <= 30000");
  const HygieneFinding finding = one("dead_rows");
  EXPECT_NE(finding.message.find("30,000 of 50,000"), std::string::npos) << finding.message;
  apply(finding);
  EXPECT_TRUE(found("dead_rows").empty());
}

// The server begins to freeze at an age of 100,000 here, and cannot: autovacuum is off.
TEST_F(Hygiene, AgesOfTablesAndDatabases) {
  run("create table t (v int)");
  run("do $$ begin for i in 1..125000 loop begin perform pg_current_xact_id(); insert into t values (1); "
      "exception "
      "when others then null; end; end loop; end $$");
  const auto tables = found("table_age");
  EXPECT_TRUE(std::any_of(tables.begin(), tables.end(),
                          [](const HygieneFinding& each) { return each.object == "public.t"; }));
  const auto databases = found("database_age");
  const std::string mine = client_->rows("select current_database()::text")[0].text(0);
  EXPECT_TRUE(std::any_of(databases.begin(), databases.end(),
                          [&](const HygieneFinding& each) { return each.object == mine; }));
  for (const HygieneFinding& each : tables) apply(each);
  EXPECT_TRUE(found("table_age").empty());
  run("vacuum (freeze)");
  const auto left = found("database_age");
  EXPECT_FALSE(
      std::any_of(left.begin(), left.end(), [&](const HygieneFinding& each) { return each.object == mine; }));
}

// Whichever word of those for false stands there.
TEST(HygieneOfTables, AutovacuumThatIsOffForATableIsRead) {
  const auto server = testing::start_counting_server();
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  testing::Client client(server->url("postgres"));
  const std::vector<std::string> off = {"false", "off", "0", "no"};
  for (std::size_t i = 0; i < off.size(); ++i)
    client.run(fmt::format("create table off_{} (v int) with (autovacuum_enabled = {}, fillfactor = 90)", i,
                           off[i]));
  client.run("create table on_0 (v int)");
  client.run("create table on_1 (v int) with (autovacuum_enabled = 1, fillfactor = 90)");
  ServerLink link = testing::link_to(server->url("postgres"));
  std::vector<ServerLink> replicas;
  const auto facts = read_hygiene(link, replicas, LeafDensity::leave);
  ASSERT_TRUE(facts.has_value()) << facts.error().message;
  EXPECT_EQ(facts->tables.size(), 6U);
  for (const TableFacts& each : facts->tables)
    EXPECT_EQ(each.is_vacuumed_by_itself, each.name.starts_with("on_")) << each.name;
}

TEST_F(Hygiene, WhoKeepsDeadRowsFromBeingRemoved) {
  HygieneFacts facts;
  facts.holders = {{"session", "77", "idle in transaction", 10, 7'200},
                   {"replication slot", "old", "not in use", 2'000'000, 0},
                   {"prepared transaction", "it's", "app", 10, 7'200},
                   {"session", "78", "active", 10, 5}};
  const auto all = judge_hygiene(facts, options_);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_NE(all[0].remedy.find("pg_terminate_backend(77)"), std::string::npos);
  EXPECT_NE(all[1].remedy.find("pg_drop_replication_slot('old')"), std::string::npos);
  EXPECT_NE(all[2].remedy.find("ROLLBACK PREPARED 'it''s';"), std::string::npos);
}

TEST_F(Hygiene, HoldersAreRead) {
  testing::Client holder(url_);
  holder.run("begin isolation level repeatable read");
  holder.rows("select 1");
  const auto pid = holder.rows("select pg_backend_pid()::text")[0].text(0);
  const auto held = facts().holders;
  EXPECT_TRUE(std::any_of(held.begin(), held.end(), [&](const HorizonHolder& each) {
    return each.kind == "session" && each.name == pid && each.what == "idle in transaction";
  }));
  holder.run("rollback");
  run("create table t (v int)");
  // A transaction that wrote has no snapshot between its statements: its own number is what is waited for.
  holder.run("begin");
  holder.run("insert into t values (1)");
  const auto writing = facts().holders;
  EXPECT_TRUE(std::any_of(writing.begin(), writing.end(), [&](const HorizonHolder& each) {
    return each.name == pid && each.what == "idle in transaction";
  }));
  holder.run("rollback");
  run("begin");
  run("insert into t values (1)");
  run("prepare transaction 'left over'");
  const auto after = facts().holders;
  EXPECT_TRUE(std::any_of(after.begin(), after.end(),
                          [](const HorizonHolder& each) { return each.name == "left over"; }));
  run("rollback prepared 'left over'");
}

TEST_F(Hygiene, SequencesThatEnd) {
  run("create table t (id serial primary key, v int)");
  run("create sequence alone as smallint");
  run("create sequence fine");
  client_->rows("select setval('t_id_seq', 2100000000)");
  client_->rows("select setval('alone', 27000)");
  client_->rows("select setval('fine', 3000000000)");
  const auto all = found("sequence_ends");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].object, "public.t_id_seq");
  EXPECT_EQ(all[0].severity, Severity::error);
  EXPECT_NE(all[0].message.find("t.id"), std::string::npos) << all[0].message;
  EXPECT_EQ(all[1].object, "public.alone");
  apply(all[1]);
  EXPECT_EQ(found("sequence_ends").size(), 1U);
}

}  // namespace signalbox::queries
