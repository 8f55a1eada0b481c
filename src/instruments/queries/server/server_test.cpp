#include <gtest/gtest.h>

#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "instruments/queries/server/prerequisites.hpp"
#include "instruments/queries/server/statement_reading.hpp"
#include "instruments/queries/server/testing.hpp"

namespace signalbox::queries {
namespace {

using store::testing::PostgresServer;

const Prerequisite* named(const std::vector<Prerequisite>& all, std::string_view name) {
  for (const Prerequisite& each : all) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

std::size_t failures(const std::vector<Prerequisite>& all) {
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [](const Prerequisite& each) { return each.verdict == Verdict::fail; }));
}

}  // namespace

// What is advised is done to a bare server, which then has all it needs.
TEST(Prerequisites, WhatIsAdvisedMendsABareServer) {
  auto server = PostgresServer::start(PostgresServer::Sync::off);
  if (!server) GTEST_SKIP() << server.error().message;
  const std::string url = (*server)->url("postgres");
  const auto judged = [&] {
    ServerLink link = testing::link_to(url);
    const auto facts = read_facts(link);
    EXPECT_TRUE(facts.has_value());
    return judge(*facts);
  };
  const auto apply = [&](const std::vector<Prerequisite>& all) {
    testing::Client client(url);
    for (const Prerequisite& each : all) {
      if (each.verdict != Verdict::pass && !each.fix.empty()) client.run(each.fix);
    }
    client.run("select pg_reload_conf()");
  };
  const auto before = judged();
  EXPECT_EQ(named(before, "pg_stat_statements is loaded")->verdict, Verdict::fail);
  EXPECT_TRUE(named(before, "pg_stat_statements is loaded")->restart);
  EXPECT_EQ(named(before, "pg_stat_statements is made")->verdict, Verdict::fail);
  {
    ServerLink link = testing::link_to(url);
    const auto reader = StatementReader::open(link);
    ASSERT_FALSE(reader.has_value());
    EXPECT_EQ(reader.error().kind, ErrorKind::unavailable);
    EXPECT_NE(reader.error().hint.find("shared_preload_libraries"), std::string::npos);
  }
  // What a library brings is known once it is loaded, so it takes turns.
  for (int turn = 0; turn < 3; ++turn) {
    apply(judged());
    ASSERT_TRUE((*server)->restart().has_value());
  }
  for (const Prerequisite& each : judged()) {
    EXPECT_EQ(each.verdict, Verdict::pass) << each.name << ": " << each.found << " " << each.fix;
  }
}

TEST(Prerequisites, OfAnotherUserAPrivilegeIsMissing) {
  const auto server = testing::start_counting_server();
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  testing::Client(server->url("postgres")).run("create user looker");
  const auto judged = [&] {
    ServerLink link = testing::link_to(server->url("postgres", "looker"));
    return judge(*read_facts(link));
  };
  const auto before = judged();
  ASSERT_EQ(named(before, "privileges")->verdict, Verdict::fail);
  EXPECT_EQ(failures(before), 1u);
  // What is hidden is counted all the same, as one statement of a database.
  testing::Client client(server->url("postgres"));
  client.run("select pg_stat_statements_reset()");
  for (int i = 0; i < 5; ++i) client.run("select count(*) from pg_class");
  {
    ServerLink link = testing::link_to(server->url("postgres", "looker"));
    StatementReader reader = *StatementReader::open(link);
    const StatementReading reading = *reader.read();
    std::int64_t hidden = 0;
    for (const auto& [key, counters] : reading.statements) hidden += key.queryid == 0 ? counters.calls : 0;
    EXPECT_EQ(hidden, 5 + 1);  // and the reset itself
  }
  client.run(named(before, "privileges")->fix);
  EXPECT_EQ(named(judged(), "privileges")->verdict, Verdict::pass);
}

TEST(ServerLink, ErrorsSayWhatToDo) {
  const auto away = ServerLink::open("postgresql://nobody@127.0.0.1:1/x");
  ASSERT_FALSE(away.has_value());
  EXPECT_EQ(away.error().kind, ErrorKind::unavailable);
  EXPECT_NE(away.error().hint.find("--dsn"), std::string::npos);
  const auto broken = ServerLink::open("postgresql://me:secret@host:port:5/%zz");
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error().kind, ErrorKind::bad_input);
  EXPECT_TRUE(broken.error().message.starts_with("--dsn: ")) << broken.error().message;
  EXPECT_EQ(broken.error().message.find("secret"), std::string::npos);
}

TEST(ServerLink, WhatASessionIsSetUpWithIsMarkedAsOurs) {
  const auto server = testing::start_counting_server();
  if (!server) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  testing::Client client(server->url("postgres"));
  client.rows("select pg_stat_statements_reset()::text");
  ServerLink link = testing::link_to(server->url("postgres"));
  std::vector<std::string> settings;
  for (const store::Row& row : client.rows("select query from pg_stat_statements where query ~* "
                                           "'^(set|select set_config)' order by 1")) {
    settings.push_back(row.text(0));
    EXPECT_TRUE(settings.back().ends_with(kOwnMark)) << settings.back();
  }
  EXPECT_GE(settings.size(), 5U) << join(settings, "\n");
}

// A server that runs as this test does may run where this test may, which is what nproc counts.
TEST(ServerLink, CoresOfAServerOnThisMachineAreKnown) {
  const auto server = testing::start_counting_server();
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  const auto counted = run_process({"/usr/bin/nproc"});
  ASSERT_TRUE(counted.has_value());
  EXPECT_EQ(parse_integer(trim(counted->output)), testing::link_to(server->url("postgres")).identity().cores);
}

TEST(ServerLink, ChangesNothing) {
  const auto server = testing::start_counting_server();
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  ServerLink link = testing::link_to(server->url("postgres"));
  EXPECT_FALSE(link.query("create table t (a int)").has_value());
}

}  // namespace signalbox::queries
