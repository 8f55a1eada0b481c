#include "instruments/profile/analysis/top.hpp"

#include <algorithm>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "instruments/profile/analysis/fixture.hpp"

namespace signalbox::profile {
namespace {

const TopRow& row_of(const Top& top, std::string_view name) {
  const auto found = std::find_if(top.rows.begin(), top.rows.end(),
                                  [&](const TopRow& row) { return row.function.name == name; });
  EXPECT_NE(found, top.rows.end()) << name;
  return found == top.rows.end() ? top.rows.front() : *found;
}

TEST(Top, RecursionCountsOnceAStack) {
  fixture::StackWriter writer;
  writer.add("main;walk;walk;leaf", 3).add("main;walk;other;walk", 2).add("main", 5);
  const Top table = top(writer.finish(), {.value = 0});
  EXPECT_EQ(row_of(table, "main").cumulative[0], 10);
  EXPECT_EQ(row_of(table, "main").self[0], 5);
  EXPECT_EQ(row_of(table, "walk").cumulative[0], 5);
  EXPECT_EQ(row_of(table, "walk").self[0], 2);
  EXPECT_EQ(row_of(table, "other").cumulative[0], 2);
  EXPECT_EQ(row_of(table, "leaf").self[1], 3 * fixture::kPeriod_ns);
  EXPECT_EQ(table.rows.front().function.name, "main");
}

TEST(Top, RowsAddUpToTheTotalWithWhatWasLost) {
  fixture::StackWriter writer;
  writer.add("main;work", 7).add("[lost]", 2).add("[truncated: no table];deep", 1).add("", 4);
  const Top table = top(writer.finish(), {.value = 1});
  std::int64_t self = 0;
  for (const TopRow& row : table.rows) self += row.self[1];
  EXPECT_EQ(self, table.totals[1]);
  EXPECT_EQ(table.totals[1], 14 * fixture::kPeriod_ns);
  EXPECT_EQ(row_of(table, "[lost]").self[0], 2);
  EXPECT_TRUE(row_of(table, "[lost]").function.is_synthetic);
  EXPECT_EQ(row_of(table, "[truncated: no table]").cumulative[0], 1);
  EXPECT_EQ(row_of(table, "[unknown]").self[0], 4);
  EXPECT_EQ(row_of(table, "[unknown]").cumulative[0], 4);
}

TEST(Top, WhoEndedAWaitDidNotWait) {
  fixture::StackWriter writer;
  writer.add("main;take;futex;[woken by];worker;unlock;work;main", 3)
      .add("main;take;futex;[woken by];[interrupt];timer", 4)
      .add("main;work", 2);
  const Top table = top(writer.finish(), {.value = 0});
  EXPECT_EQ(row_of(table, "futex").self[0], 7);
  EXPECT_EQ(row_of(table, "take").cumulative[0], 7);
  EXPECT_EQ(row_of(table, "main").self[0], 0);
  EXPECT_EQ(row_of(table, "main").cumulative[0], 9);
  EXPECT_EQ(row_of(table, "work").cumulative[0], 2);
  EXPECT_EQ(table.rows.size(), 4U);
  EXPECT_EQ(table.totals[0], 9);
}

// systems/profile: 3,000 samples are ±1.8 points at one half, ±0.8 at one in twenty; four times longer halves
// it.
TEST(Top, IntervalsAreWilsonsAndSayHowMuchLongerToSample) {
  fixture::StackWriter writer;
  writer.add("main;half", 1'500).add("main;twentieth", 150).add("main;rest", 1'350);
  const Top table = top(writer.finish(), {.value = 1});
  const ShareEstimate half = row_of(table, "half").self_share;
  EXPECT_DOUBLE_EQ(half.share, 0.5);
  EXPECT_NEAR(half.interval.upper - half.share, 0.018, 0.0005);
  EXPECT_NEAR(half.effective_n, 3'000, 1e-6);
  EXPECT_NEAR(times_longer_to_halve(half), 4, 0.01);
  const ShareEstimate twentieth = row_of(table, "twentieth").self_share;
  EXPECT_NEAR(twentieth.interval.upper - twentieth.interval.lower, 0.0157, 0.0005);
  EXPECT_EQ(table.blocks, 0U);
}

// Rows of an off-CPU column weigh by their length: few long waits are few observations.
TEST(Top, FewLongWaitsAreFewObservations) {
  ProfileBuilder builder({{"waits", "count"}, {"offcpu", "nanoseconds"}});
  const StackId lock = builder.stack(0, builder.frame({builder.function("lock")}));
  const StackId read = builder.stack(0, builder.frame({builder.function("read")}));
  const std::int64_t long_wait[] = {1, 1'000'000};
  const std::int64_t short_waits[] = {100, 1'000'000};
  builder.append({lock}, long_wait);
  builder.append({read}, short_waits);
  const Top table = top(std::move(builder).finish(), {.value = 1});
  // (Σw)² / Σw² = 4e12 / (1e12 + 100 · 1e8)
  EXPECT_NEAR(table.observations, 4e12 / 1.01e12, 1e-9);
}

// Every thousandth sample in turn is of one function: no block differs, so nothing is added for dependence.
// In runs of 100 the blocks differ as if there were that many fewer.
TEST(Top, DependentSamplesWidenTheInterval) {
  fixture::StackWriter alternating;
  fixture::StackWriter in_runs;
  std::mt19937_64 random(5);
  std::bernoulli_distribution coin(0.5);
  bool in_a = false;
  for (int i = 0; i < 4'000; ++i) {
    alternating.add(i % 2 == 0 ? "a" : "b", 1, i);
    if (i % 100 == 0) in_a = coin(random);
    in_runs.add(in_a ? "a" : "b", 1, i);
  }
  const Top even = top(alternating.finish(), {.value = 0});
  EXPECT_EQ(even.blocks, 63U);  // the root of 4,000
  EXPECT_NEAR(even.rows[0].self_share.effective_n, 4'000, 1);
  const Top runs = top(in_runs.finish(), {.value = 0});
  EXPECT_GT(runs.rows[0].self_share.effective_n, 20);
  EXPECT_LT(runs.rows[0].self_share.effective_n, 120);  // 40 runs, each a coin
  EXPECT_EQ(runs.rows[0].self_share.effective_n, runs.rows[0].cumulative_share.effective_n);
}

TEST(Top, IndependentSamplesKeepTheirNumber) {
  fixture::StackWriter writer;
  std::mt19937_64 random(11);
  std::bernoulli_distribution coin(0.3);
  for (int i = 0; i < 5'000; ++i) writer.add(coin(random) ? "main;a" : "main;b", 1, i * 10);
  const Top table = top(writer.finish(), {.value = 0});
  EXPECT_GT(row_of(table, "a").self_share.effective_n, 3'000);
  EXPECT_LE(row_of(table, "a").self_share.effective_n, 5'000);
}

TEST(Top, LinesOfOneFunctionAreRowsOfTheirOwn) {
  ProfileBuilder builder({ValueType{"samples", "count"}});
  const FunctionId parse =
      builder.function(Function{builder.string("parse"), {}, builder.string("/src/json.cpp"), 10});
  const StackId first = builder.stack(0, builder.frame({parse, 0, 0x10, 12}));
  const StackId again = builder.stack(0, builder.frame({parse, 0, 0x14, 12}));
  const StackId other = builder.stack(first, builder.frame({parse, 0, 0x20, 30}));
  const std::int64_t one[] = {1};
  for (const StackId stack : {first, again, other}) builder.add({stack}, one);
  const Top table = top(std::move(builder).finish(), {.value = 0, .by = TopBy::line});
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0].line, 12);
  EXPECT_EQ(table.rows[0].self[0], 2);
  EXPECT_EQ(table.rows[0].cumulative[0], 3);
  EXPECT_EQ(table.rows[1].line, 30);
  const Report report = top_report(table, "x.pb.gz", 1);
  EXPECT_EQ(report.tables[0].rows.size(), 2U) << "a row and what is left";
  EXPECT_EQ(report.tables[0].rows[0][7].text, "json.cpp:12");
}

// What a file says may be anything.
TEST(Top, SumsBeyondTheLargestNumberStayThere) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  fixture::StackWriter writer;
  Profile profile = writer.add("main;one", 1).add("main;other", 1).finish();
  profile.values.assign(profile.values.size(), kMost);
  const Top table = top(profile, {.value = 0});
  EXPECT_EQ(table.totals[0], kMost);
  EXPECT_EQ(row_of(table, "main").cumulative[0], kMost);
  EXPECT_EQ(row_of(table, "one").self_share.share, 1);
}

TEST(Top, AnEmptyProfileHasAnEmptyTable) {
  const Top table = top(fixture::StackWriter().finish(), {.value = 1});
  EXPECT_TRUE(table.rows.empty());
  EXPECT_EQ(table.totals[1], 0);
  const Report report = top_report(table, "nothing", 10);
  EXPECT_EQ(report.data["rows"].size(), 0U);
}

TEST(ValueColumn, ThatIsNotThereIsRefusedWithThoseThatAre) {
  const Profile profile = fixture::StackWriter().finish();
  EXPECT_EQ(value_column(profile, std::nullopt).value(), 1U);
  EXPECT_EQ(value_column(profile, "samples").value(), 0U);
  const auto wall = value_column(profile, "wall");
  ASSERT_FALSE(wall);
  EXPECT_EQ(wall.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(wall.error().hint, "it has samples, cpu");
}

}  // namespace
}  // namespace signalbox::profile
