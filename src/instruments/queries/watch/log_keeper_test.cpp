#include "instruments/queries/watch/log_keeper.hpp"

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "instruments/queries/kept/migrations.hpp"

namespace signalbox::queries {
namespace {

constexpr Time kBegin = Time(std::chrono::sys_days{std::chrono::year{2026} / 3 / 3});

class KeptLog : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = store::open_database("sqlite:" + (folder_.path() / "kept.db").string());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    database_ = std::move(*opened);
    ASSERT_TRUE(store::migrate(*database_, kept_migrations()).has_value());
  }

  struct Ran {
    int second;
    double ms;
    const char* sql;
    std::int64_t id = 0;
  };
  // Told of these executions; how many were left out.
  std::uint64_t keep(const std::vector<Ran>& all, LogProfile& profile) {
    auto keeper = LogKeeper::open(*database_, "shop", "a.json", profile);
    EXPECT_TRUE(keeper.has_value()) << (keeper ? "" : keeper.error().message);
    for (const Ran& each : all) {
      LoggedExecution execution;
      execution.at = kBegin + std::chrono::seconds(each.second);
      execution.duration_ms = each.ms;
      execution.query_id = each.id;
      execution.database = "shop";
      execution.user = "bob";
      execution.text = each.sql;
      keeper->execution(execution);
    }
    EXPECT_TRUE(keeper->finish().has_value());
    return keeper->left_out();
  }
  std::vector<StatementSum> sums(int since, int until) {
    KeptStatements kept(*database_);
    const auto server = kept.find_server("shop");
    EXPECT_TRUE(server.has_value());
    return *kept.sums(server->id,
                      {kBegin + std::chrono::seconds(since), kBegin + std::chrono::seconds(until)});
  }

  TemporaryDirectory folder_;
  std::unique_ptr<store::Database> database_;
};

}  // namespace

TEST_F(KeptLog, SumsOfTheStoreAreThoseOfTheProfile) {
  std::vector<Ran> all;
  for (int i = 0; i < 300; ++i) {
    all.push_back({i / 3, 1.0 + i % 17, "select 1 from t where a = 'x'", 0});
    all.push_back({i / 3, 2.0 + i % 5, "select b from t", 42});
  }
  LogProfile profile;
  EXPECT_EQ(keep(all, profile), 0u);
  const auto kept = sums(-100, 1'000);
  ASSERT_EQ(kept.size(), 2u);
  ASSERT_EQ(profile.statements().size(), 2u);
  for (const LoggedStatement& wanted : profile.statements()) {
    const auto found = std::find_if(kept.begin(), kept.end(), [&](const StatementSum& each) {
      return each.statement.fingerprint == wanted.fingerprint;
    });
    ASSERT_NE(found, kept.end()) << wanted.sql;
    EXPECT_EQ(found->counters.calls, 300);
    EXPECT_NEAR(found->counters.total_exec_ms, wanted.counters.total_exec_ms, 1e-9);
    EXPECT_NEAR(found->counters.exec_m2_ms2, wanted.counters.exec_m2_ms2, 1e-6);
    EXPECT_EQ(found->statement.sql, wanted.sql);
    EXPECT_EQ(found->statement.database, "shop");
    EXPECT_FALSE(found->partial);
  }
  // By windows of ten seconds: of the second ten there are thirty executions each.
  for (const StatementSum& each : sums(10, 20)) EXPECT_EQ(each.counters.calls, 30);
}

TEST_F(KeptLog, ALogThatIsReadTwiceIsKeptOnceAndItsGoingOnIsAdded) {
  std::vector<Ran> all;
  for (int i = 0; i < 40; ++i) all.push_back({i, 1, "select 1", 7});
  LogProfile first, again, more;
  EXPECT_EQ(keep(all, first), 0u);
  EXPECT_EQ(keep(all, again), 40u);
  EXPECT_EQ(again.statements().front().counters.calls, 40);  // the profile is of what was read
  for (int i = 40; i < 50; ++i) all.push_back({i, 3, "select 1", 7});
  EXPECT_EQ(keep(all, more), 40u);
  const auto kept = sums(-100, 1'000);
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept.front().counters.calls, 50);
  EXPECT_NEAR(kept.front().counters.total_exec_ms, 70, 1e-9);
  EXPECT_FALSE(kept.front().partial);
}

TEST_F(KeptLog, AServerThatIsWatchedIsNotMixedWithALog) {
  KeptStatements kept(*database_);
  ServerIdentity identity;
  identity.system_identifier = "7123";
  ASSERT_TRUE(kept.server("shop", identity).has_value());
  LogProfile profile;
  const auto refused = LogKeeper::open(*database_, "shop", "a.json", profile);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
}

}  // namespace signalbox::queries
