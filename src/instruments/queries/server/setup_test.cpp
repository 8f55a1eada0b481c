// A bare server is set up and is what `doctor` wants: in two rounds, with a restart after each; then nothing
// is left to do.
#include "instruments/queries/server/setup.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "instruments/queries/server/testing.hpp"

namespace signalbox::queries {

using store::testing::PostgresServer;

TEST(Setup, ABareServerIsSetUp) {
  auto server = PostgresServer::start(PostgresServer::Sync::off);
  if (!server) GTEST_SKIP() << server.error().message;
  const std::string url = (*server)->url("postgres");
  const auto steps_of = [&] {
    ServerLink link = testing::link_to(url);
    return setup_steps(*read_facts(link));
  };
  const auto steps = steps_of();
  EXPECT_FALSE(steps.empty());
  EXPECT_EQ(steps.front().sql, "LOAD 'auto_explain';");
  const auto said = [&](const char* sql) {
    return std::any_of(steps.begin(), steps.end(), [&](const SetupStep& each) { return each.sql == sql; });
  };
  EXPECT_TRUE(said("ALTER SYSTEM SET shared_preload_libraries = pg_stat_statements;"));
  EXPECT_TRUE(said("ALTER SYSTEM SET auto_explain.sample_rate = '0.1';"));
  EXPECT_TRUE(said("CREATE EXTENSION pg_stat_statements;"));
  EXPECT_TRUE(said("ALTER SYSTEM SET logging_collector = 'on';"));  // else there is no JSON
  // To say it changes nothing.
  EXPECT_EQ(steps_of().size(), steps.size());

  const auto done = apply_setup(url, steps);
  ASSERT_TRUE(done.has_value()) << done.error().message;
  for (const SetupOutcome& each : *done) EXPECT_EQ(each.error, "") << each.step.sql;
  ASSERT_TRUE((*server)->restart());
  // The server takes settings of pg_stat_statements once it is loaded.
  const auto second = steps_of();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].sql, "ALTER SYSTEM SET pg_stat_statements.max = '10000';");
  EXPECT_EQ(apply_setup(url, second)->at(0).error, "");
  ASSERT_TRUE((*server)->restart());
  for (const SetupStep& each : steps_of()) ADD_FAILURE() << each.sql << " -- " << each.why;
  ServerLink link = testing::link_to(url);
  for (const Prerequisite& each : judge(*read_facts(link)))
    EXPECT_EQ(each.verdict, Verdict::pass) << each.name << each.found;

  // A plan of a slow statement is in the log then, and the volume is known.
  testing::Client client(url);
  EXPECT_EQ(client.rows("select current_setting('auto_explain.log_min_duration')")[0].text(0), "250ms");
  const auto volume = expected_volume(link);
  ASSERT_TRUE(volume.has_value()) << volume.error().message;
  EXPECT_TRUE(volume->is_known);
  EXPECT_GE(volume->bytes_a_second, 0);

  // And back.
  for (const auto& round : {steps, second}) {
    for (const SetupStep& each : round) {
      if (!each.undo.empty()) client.run(each.undo);
    }
  }
  ASSERT_TRUE((*server)->restart());
  EXPECT_GE(steps_of().size() + 2, steps.size());  // the extension stays made
}

TEST(Setup, WhoMayNotIsToldSo) {
  auto server = PostgresServer::start(PostgresServer::Sync::off);
  if (!server) GTEST_SKIP() << server.error().message;
  testing::Client((*server)->url("postgres")).run("create role plain login");
  const auto done = apply_setup((*server)->url("postgres", "plain"),
                                {{"why", "ALTER SYSTEM SET work_mem = '5MB';", "", false}});
  if (!done) {
    EXPECT_EQ(done.error().kind, ErrorKind::denied);  // reading the settings again is refused too
    return;
  }
  EXPECT_NE(done->at(0).error, "");
}

}  // namespace signalbox::queries
