#include "instruments/profile/analysis/compare.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "instruments/profile/analysis/fixture.hpp"
#include "instruments/profile/analysis/joined_stacks.hpp"
#include "instruments/profile/analysis/signed_difference.hpp"

namespace signalbox::profile {
namespace {

Difference compared(const Profile& base, const Profile& fresh, const CompareOptions& options = {}) {
  auto difference = compare({"old.pb.gz", &base}, {"new.pb.gz", &fresh}, options);
  EXPECT_TRUE(difference) << (difference ? "" : difference.error().message);
  return difference.value();
}

const FunctionChange& change_of(const Difference& difference, std::string_view name) {
  const auto found = std::find_if(difference.functions.begin(), difference.functions.end(),
                                  [&](const FunctionChange& change) { return change.function.name == name; });
  EXPECT_NE(found, difference.functions.end()) << name;
  return found == difference.functions.end() ? difference.functions.front() : *found;
}

TEST(Compare, NormalisedBySamplesComparesShares) {
  const Profile base = fixture::StackWriter().add("main;parse", 30).add("main;print", 70).finish();
  const Profile fresh = fixture::StackWriter().add("main;parse", 80).add("main;print", 120).finish();
  const Difference difference = compared(base, fresh, {.value = "samples"});
  const CostPair& parse = change_of(difference, "parse").self;
  EXPECT_DOUBLE_EQ(parse.base, 30);
  EXPECT_DOUBLE_EQ(parse.fresh, 40);  // 80 of 200, as of 100
  // prop.test(c(80, 30), c(200, 100), correct = FALSE)$p.value of R 4.2.2
  EXPECT_NEAR(parse.p_value, 0.0902, 5e-4);
  EXPECT_LT(parse.difference.lower, 0);
  EXPECT_GT(parse.difference.upper, 10);
  EXPECT_DOUBLE_EQ(change_of(difference, "main").cumulative.rise(), 0);
}

TEST(Compare, ByWorkAUniformSlowdownIsSeen) {
  const Profile base = fixture::StackWriter().add("main;parse", 300).add("main;print", 700).finish();
  const Profile fresh = fixture::StackWriter().add("main;parse", 600).add("main;print", 1'400).finish();
  const Difference by_work =
      compared(base, fresh, {.normalization = Normalization::work, .base_work = 100, .fresh_work = 100});
  EXPECT_DOUBLE_EQ(change_of(by_work, "parse").self.base, 3.0 * fixture::kPeriod_ns);
  EXPECT_DOUBLE_EQ(change_of(by_work, "parse").self.fresh, 6.0 * fixture::kPeriod_ns);
  EXPECT_LT(change_of(by_work, "parse").self.p_value, 1e-9);
  const Difference by_samples = compared(base, fresh);
  EXPECT_DOUBLE_EQ(change_of(by_samples, "parse").self.rise(), 0);
  EXPECT_NE(difference_report(by_samples, 10).summary.find("not seen"), std::string::npos);
}

TEST(Compare, AStackOfAWaitIsDrawnAsWhatWaitedAndWhoEndedIt) {
  const Profile base =
      fixture::StackWriter().add("main;take;futex;[woken by];worker;wake;let_go;run", 9).finish();
  const Profile fresh =
      fixture::StackWriter().add("main;take;futex;[woken by];other;wake;let_go;run", 5).finish();
  const Difference difference = compared(base, fresh, {.normalization = Normalization::none});
  const std::string text = render_markdown(difference_report(difference, 10));
  EXPECT_NE(text.find("main → take → futex \\[woken by\\] worker"), std::string::npos) << text;
  EXPECT_EQ(text.find("let_go"), std::string::npos) << text;
}

TEST(Compare, NewAndVanishedFunctionsAndStacksAreListed) {
  const Profile base = fixture::StackWriter().add("main;old", 10).add("main;both", 10).finish();
  const Profile fresh = fixture::StackWriter().add("main;fresh", 5).add("main;both", 10).finish();
  const Difference difference = compared(base, fresh, {.normalization = Normalization::none});
  EXPECT_TRUE(change_of(difference, "fresh").is_new());
  EXPECT_TRUE(change_of(difference, "old").is_vanished());
  EXPECT_FALSE(change_of(difference, "both").is_new());
  EXPECT_EQ(difference.stacks_new, 1U);
  EXPECT_EQ(difference.stacks_vanished, 1U);
  ASSERT_EQ(difference.stacks.size(), 2U);
  EXPECT_EQ(difference.stacks[0].functions.back().name, "old");
  EXPECT_EQ(difference.functions.front().function.name, "old");
  const std::string text = render_markdown(difference_report(difference, 10));
  EXPECT_NE(text.find("## New functions (1)"), std::string::npos) << text;
  EXPECT_NE(text.find("## Vanished functions (1)"), std::string::npos) << text;
}

TEST(Compare, ClonesAndFoldersDoNotMakeAFunctionNew) {
  const Profile base = fixture::StackWriter().add("main@/old/app;sort.isra.0@/old/app", 10).finish();
  const Profile fresh = fixture::StackWriter().add("main@/new/app;sort.constprop.1@/new/app", 10).finish();
  const Difference difference = compared(base, fresh);
  EXPECT_EQ(difference.functions.size(), 2U);
  EXPECT_EQ(difference.stacks_new + difference.stacks_vanished, 0U);
}

TEST(Compare, AnInlinedFunctionThatTheBaseLacksIsItsCallers) {
  const Profile base = fixture::StackWriter().add("main;parse", 10).finish();
  const Profile fresh = fixture::StackWriter().add("main;parse;digit+", 6).add("main;parse", 4).finish();
  const Difference difference = compared(base, fresh);
  EXPECT_EQ(difference.functions.size(), 2U);
  EXPECT_DOUBLE_EQ(change_of(difference, "parse").self.rise(), 0);
  // The other way round too: what the candidate no longer shows was its caller's.
  const Difference back = compared(fresh, base);
  EXPECT_DOUBLE_EQ(change_of(back, "parse").self.rise(), 0);
  // One that both show is itself.
  const Difference same = compared(fresh, fresh);
  EXPECT_DOUBLE_EQ(change_of(same, "digit").self.base, 6.0 * fixture::kPeriod_ns);
}

TEST(Compare, FoldedStacksAreJoinedAtTheirCaller) {
  const Profile base = fixture::StackWriter().add("a;b", 1).finish();
  const Profile fresh = fixture::StackWriter().add("a;x+;b", 2).add("a;x+", 3).finish();
  const JoinedFunctions functions = join_functions(base, fresh);
  const auto joined = join_stacks({&base, 0, functions.base}, {&fresh, 0, functions.fresh});
  ASSERT_EQ(joined.size(), 3U);  // the empty one, a, a;b
  EXPECT_EQ(joined[1].fresh, 3);
  EXPECT_EQ(joined[2].base, 1);
  EXPECT_EQ(joined[2].fresh, 2);
}

TEST(Compare, AProfileWithoutModulesComparesByNameAlone) {
  const Profile folded = fixture::StackWriter().add("main;parse", 10).finish();
  const Profile recorded = fixture::StackWriter().add("main@/bin/app;parse@/bin/app", 10).finish();
  EXPECT_EQ(compared(folded, recorded).functions.size(), 2U);
}

TEST(Compare, ProfilesOfDifferentThingsAreRefusedWithBothNames) {
  const Profile cpu = fixture::StackWriter().annotate("mode", "cpu").add("main", 1).finish();
  const Profile wall = fixture::StackWriter().annotate("mode", "wall").add("main", 1).finish();
  const auto modes = compare({"a.pb.gz", &cpu}, {"b.pb.gz", &wall}, {});
  ASSERT_FALSE(modes);
  EXPECT_EQ(modes.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(modes.error().message, "a.pb.gz and b.pb.gz differ in mode: cpu and wall");

  ProfileBuilder builder({ValueType{"inuse_space", "bytes"}});
  const std::int64_t bytes[] = {100};
  builder.add({builder.stack(0, builder.frame({builder.function("main")}))}, bytes);
  const Profile heap = std::move(builder).finish();
  const auto units = compare({"a.pb.gz", &cpu}, {"heap", &heap}, {});
  ASSERT_FALSE(units);
  EXPECT_EQ(units.error().message,
            "a.pb.gz and heap differ in unit: samples/count, cpu/nanoseconds and inuse_space/bytes");

  Profile faster = fixture::StackWriter().add("main", 1).finish();
  faster.period = 1;
  EXPECT_TRUE(compare({"a", &cpu}, {"b", &faster}, {.value = "samples"}));
  EXPECT_FALSE(
      compare({"a", &cpu}, {"b", &faster}, {.value = "samples", .normalization = Normalization::none}));
  faster.period_type = {"cycles", "count"};
  const auto events = compare({"a", &cpu}, {"b", &faster}, {});
  ASSERT_FALSE(events);
  EXPECT_EQ(events.error().message, "a and b differ in event: cpu/nanoseconds and cycles/count");

  const Profile nothing = fixture::StackWriter().finish();
  const auto empty = compare({"a", &cpu}, {"b", &nothing}, {});
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().message, "b holds no cpu");
}

TEST(SignedDifference, HasTheBaseBelowZeroAndMarked) {
  const Profile base = fixture::StackWriter().add("main;old", 10).add("main;both", 4).finish();
  const Profile fresh = fixture::StackWriter().add("main;both", 6).finish();
  const Profile both = signed_difference({"a", &base}, {"b", &fresh}, 0.5).value();
  EXPECT_EQ(fixture::stacks_of(both), (std::vector<std::pair<std::string, std::int64_t>>{
                                          {"main;both", 6}, {"main;old", -5}, {"main;both", -2}}));
  EXPECT_EQ(both.default_value, 1U);
  const std::vector<Label>& labels = both.labels[both.samples[1].labels];
  ASSERT_EQ(labels.size(), 1U);
  EXPECT_EQ(both.text(labels[0].key), "pprof::base");
  EXPECT_EQ(both.text(labels[0].text), "true");
  EXPECT_TRUE(both.labels[both.samples[0].labels].empty());
}

}  // namespace
}  // namespace signalbox::profile
