#include "instruments/profile/draw/flame_tree.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/testing.hpp"
#include "instruments/profile/draw/flame_difference.hpp"
#include "instruments/profile/draw/testing.hpp"

namespace signalbox::profile {
namespace {

using testing::profile_of_folded;

std::string path_of(const FlameTree& tree, std::uint32_t node) {
  std::string path;
  for (; node != 0; node = tree.nodes[node].parent) {
    const FlameFrame& frame = tree.frames[tree.nodes[node].frame];
    const std::string mark = frame.kind == FrameKind::kernel    ? "_[k]"
                             : frame.kind == FrameKind::inlined ? "_[i]"
                             : frame.kind == FrameKind::jit     ? "_[j]"
                                                                : "";
    path = ";" + frame.name + mark + path;
  }
  return path;
}

std::map<std::string, std::int64_t> totals_of(const FlameTree& tree) {
  std::map<std::string, std::int64_t> totals;
  for (std::uint32_t i = 0; i < tree.nodes.size(); ++i) totals[path_of(tree, i)] += tree.nodes[i].now.total;
  return totals;
}

std::vector<std::string> paths_of(const FlameTree& tree) {
  std::vector<std::string> paths;
  for (std::uint32_t i = 0; i < tree.nodes.size(); ++i) paths.push_back(path_of(tree, i));
  return paths;
}

std::int64_t self_sum(const FlameTree& tree) {
  std::int64_t sum = 0;
  for (const FlameNode& node : tree.nodes) sum += node.now.self;
  return sum;
}

FlameOptions unpruned() {
  FlameOptions options;
  options.prune_share = 0;
  return options;
}

}  // namespace

TEST(FlameTree, StacksMergeByNameAndChildrenStandInTheOrderOfTheirNames) {
  const Profile profile = profile_of_folded("main;b;c 3\nmain;a 2\nmain;b 1\nmain;b;c 4\n");
  const FlameTree tree = make_flame_tree(profile);
  EXPECT_EQ(paths_of(tree), (std::vector<std::string>{"", ";main", ";main;a", ";main;b", ";main;b;c"}));
  EXPECT_EQ(tree.total(), 10);
  EXPECT_EQ(tree.samples(), 10);
  EXPECT_EQ(tree.nodes[3].now.self, 1);
  EXPECT_EQ(tree.nodes[3].now.total, 8);
  EXPECT_EQ(tree.nodes[4].depth, 3U);
  EXPECT_EQ(tree.frames_pruned, 0U);
}

TEST(FlameTree, RecursionIsABoxForEachCall) {
  const FlameTree tree = make_flame_tree(profile_of_folded("f;f;f 2\nf;f 3\n"));
  EXPECT_EQ(totals_of(tree),
            (std::map<std::string, std::int64_t>{{"", 5}, {";f", 5}, {";f;f", 5}, {";f;f;f", 2}}));
  EXPECT_EQ(tree.frames.size(), 2U);
}

TEST(FlameTree, AddressesAndLinesOfAFunctionAreOneAndModulesAreNot) {
  ProfileBuilder builder({ValueType{"samples", "count"}});
  const FunctionId function = builder.function("work");
  const MappingId a = builder.mapping({0x1000, 0x2000, 0, builder.string("/lib/a.so"), {}});
  const MappingId b = builder.mapping({0x3000, 0x4000, 0, builder.string("/lib/b.so"), {}});
  const std::int64_t one[] = {1};
  builder.add({builder.stack(0, builder.frame({function, a, 0x1010, 7})), 0, 0, -1}, one);
  builder.add({builder.stack(0, builder.frame({function, a, 0x1020, 9})), 0, 0, -1}, one);
  builder.add({builder.stack(0, builder.frame({function, b, 0x3010, 7})), 0, 0, -1}, one);
  const FlameTree tree = make_flame_tree(std::move(builder).finish());
  ASSERT_EQ(tree.nodes.size(), 3U);
  EXPECT_EQ(tree.frames[tree.nodes[1].frame].module, "a.so");
  EXPECT_EQ(tree.nodes[1].now.total, 2);
  EXPECT_EQ(tree.frames[tree.nodes[2].frame].module, "b.so");
}

TEST(FlameTree, WhatIsSmallBecomesOneFrameLastAmongItsSiblingsAndTotalsStay) {
  FlameOptions options;
  options.prune_share = 0.1;
  const FlameTree tree = make_flame_tree(profile_of_folded("m;a;deep 4\nm;b 5\nm;z 91\n"), options);
  EXPECT_EQ(paths_of(tree), (std::vector<std::string>{"", ";m", ";m;z", ";m;[smaller than 10 %]"}));
  EXPECT_EQ(tree.nodes[3].now.total, 9);
  EXPECT_EQ(tree.nodes[3].now.samples, 9);
  EXPECT_EQ(tree.total(), 100);
  EXPECT_EQ(self_sum(tree), 100);
  EXPECT_EQ(tree.frames_pruned, 3U);  // a, deep, b
}

TEST(FlameTree, LeafFirstHasTheCallersAboveEachFunction) {
  FlameOptions options = unpruned();
  options.direction = FlameDirection::leaf_first;
  const FlameTree tree = make_flame_tree(profile_of_folded("m;a;x 2\nm;b;x 3\nm;a 1\n"), options);
  EXPECT_EQ(totals_of(tree), (std::map<std::string, std::int64_t>{{"", 6},
                                                                  {";a", 1},
                                                                  {";a;m", 1},
                                                                  {";x", 5},
                                                                  {";x;a", 2},
                                                                  {";x;a;m", 2},
                                                                  {";x;b", 3},
                                                                  {";x;b;m", 3}}));
}

TEST(FlameTree, LeafFirstPrunesWithoutLosingTotals) {
  FlameOptions options;
  options.direction = FlameDirection::leaf_first;
  options.prune_share = 0.1;
  const FlameTree tree = make_flame_tree(profile_of_folded("m;a;x 90\nm;b;x 3\nm;y 7\n"), options);
  EXPECT_EQ(totals_of(tree), (std::map<std::string, std::int64_t>{{"", 100},
                                                                  {";[smaller than 10 %]", 7},
                                                                  {";x", 93},
                                                                  {";x;[smaller than 10 %]", 3},
                                                                  {";x;a", 90},
                                                                  {";x;a;m", 90}}));
  EXPECT_EQ(self_sum(tree), 100);
}

TEST(FlameTree, DeepStacksEndInAFrameThatSaysSo) {
  std::string folded = "f0";
  for (int i = 1; i < 2000; ++i) folded += ";f" + std::to_string(i);
  FlameOptions options;
  options.depth_max = 40;
  for (const auto direction : {FlameDirection::root_first, FlameDirection::leaf_first}) {
    options.direction = direction;
    const FlameTree tree = make_flame_tree(profile_of_folded(folded + " 7\n"), options);
    ASSERT_EQ(tree.nodes.size(), 42U);
    EXPECT_EQ(tree.frames[tree.nodes.back().frame].name, "[deeper than 40]");
    EXPECT_EQ(tree.nodes.back().now.self, 7);
    EXPECT_EQ(tree.total(), 7);
  }
}

TEST(FlameTree, SeveralProcessesHaveALevelAndThreadsWhereTheyAreSplit) {
  ProfileBuilder builder({ValueType{"samples", "count"}});
  const StackId stack = builder.stack(0, builder.frame({builder.function("f")}));
  const auto add = [&](int pid, int tid, std::string_view process, std::int64_t count) {
    const ThreadId thread = builder.thread({pid, tid, builder.string("worker"), builder.string(process)});
    builder.add({stack, thread, 0, -1}, std::span(&count, 1));
  };
  add(7, 7, "cc1", 1);
  add(8, 8, "cc1", 2);
  const Profile one = builder.profile();
  EXPECT_EQ(totals_of(make_flame_tree(one)), (std::map<std::string, std::int64_t>{{"", 3}, {";f", 3}}));
  add(9, 10, "ld", 4);
  const Profile profile = std::move(builder).finish();
  EXPECT_EQ(
      totals_of(make_flame_tree(profile)),
      (std::map<std::string, std::int64_t>{{"", 7}, {";cc1", 3}, {";cc1;f", 3}, {";ld", 4}, {";ld;f", 4}}));
  FlameOptions split;
  split.threads = ThreadView::split;
  EXPECT_EQ(totals_of(make_flame_tree(profile, split)).at(";ld (process 9);worker (thread 10);f"), 4);
}

TEST(FlameTree, NegativeValuesAreLeftOutAndCountedAndHugeOnesDoNotOverflow) {
  const FlameTree tree =
      make_flame_tree(profile_of_folded("a -3\nb 9223372036854775807\nc 9223372036854775807\n"));
  EXPECT_EQ(tree.negative_samples, 1U);
  EXPECT_EQ(tree.total(), 9223372036854775807);
}

TEST(FlameTree, AnEmptyProfileIsARootOfNothing) {
  const FlameTree tree = make_flame_tree(profile_of_folded(""));
  ASSERT_EQ(tree.nodes.size(), 1U);
  EXPECT_EQ(tree.total(), 0);
}

// 10 of 100: the interval that the R function binom::binom.wilson prints, 0.0552 to 0.1744.
TEST(FlameTree, AShareHasTheIntervalOfWilson) {
  const FlameTree tree = make_flame_tree(profile_of_folded("a 10\nb 87\nc 3\n"));
  const FlameShare share = share_of(tree, 10);
  EXPECT_NEAR(share.interval.lower, 0.05523, 5e-5);
  EXPECT_NEAR(share.interval.upper, 0.17437, 5e-5);
  EXPECT_FALSE(share.may_be_nothing);
  EXPECT_TRUE(share_of(tree, 3).may_be_nothing);
  EXPECT_FALSE(share_of(tree, 4).may_be_nothing);
}

TEST(FlameTree, WithoutACountThereIsNoInterval) {
  ProfileBuilder builder({ValueType{"wall", "milliseconds"}});
  const std::int64_t value[] = {5};
  builder.add({builder.stack(0, builder.frame({builder.function("f")})), 0, 0, -1}, value);
  const FlameTree tree = make_flame_tree(std::move(builder).finish());
  EXPECT_EQ(tree.samples(), 0);
  EXPECT_EQ(share_of(tree, 5).interval.lower, 0);
  EXPECT_EQ(share_of(tree, 5).interval.upper, 1);
}

TEST(FlameDifference, SharesAreComparedAndWhatIsGoneIsListed) {
  const Profile base = profile_of_folded("m;a 50\nm;old;deep 50\n");
  const Profile next = profile_of_folded("m;a 150\nm;fresh 50\n");
  const FlameTree tree = make_flame_difference(base, next);
  EXPECT_DOUBLE_EQ(tree.base_factor, 2);
  std::map<std::string, std::uint32_t> at;
  for (std::uint32_t i = 0; i < tree.nodes.size(); ++i) at[path_of(tree, i)] = i;
  const FlameChange a = change_of(tree, tree.nodes[at.at(";m;a")]);
  EXPECT_DOUBLE_EQ(a.change, 50);
  EXPECT_DOUBLE_EQ(a.relative, 50.0 / 150);
  // sqrt(150) and 2 sqrt(50) are 12.2 and 14.1, together 18.7; 1.96 of it are 36.7.
  EXPECT_FALSE(a.may_be_nothing);
  EXPECT_DOUBLE_EQ(change_of(tree, tree.nodes[at.at(";m;fresh")]).relative, 1);
  EXPECT_DOUBLE_EQ(change_of(tree, tree.nodes[at.at(";m;old")]).relative, -1);
  EXPECT_EQ(vanished_nodes(tree, 10), (std::vector<std::uint32_t>{at.at(";m;old")}));
}

TEST(FlameDifference, CostForEachUnitOfWorkShowsAUniformSlowdown) {
  FlameDifferenceOptions options;
  options.normalize = Normalize::none;
  options.base_work = 10;
  options.new_work = 20;
  const FlameTree tree =
      make_flame_difference(profile_of_folded("m;a 100\n"), profile_of_folded("m;a 400\n"), options);
  EXPECT_DOUBLE_EQ(change_of(tree, tree.nodes.back()).change, 200);
}

TEST(FlameDifference, NothingIsGoneFromTheSameProfile) {
  const Profile profile = profile_of_folded("m;a 50\nm;b 30\n");
  const FlameTree tree = make_flame_difference(profile, profile);
  EXPECT_TRUE(vanished_nodes(tree, 10).empty());
  for (const FlameNode& node : tree.nodes) EXPECT_EQ(change_of(tree, node).change, 0);
}

// A box for each prefix of the folded lines, as wide as the sum of the lines that begin with it: what
// flamegraph.pl draws.
TEST(FlameTree, DrawsWhatFlamegraphDrawsOfItsOwnInputs) {
  const auto corpus = signalbox::testing::corpus_directory();
  if (!corpus) GTEST_SKIP() << "no corpus";
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*corpus / "profile/flamegraph/results")) {
    const std::string text = read_file(entry.path()).value();
    std::map<std::string, std::int64_t> expected{{"", 0}};
    for (const std::string_view line : lines(text)) {
      const std::size_t space = line.rfind(' ');
      const auto count = parse_integer(line.substr(space + 1));
      ASSERT_TRUE(count) << line;
      std::string path;
      expected[path] += *count;
      for (const std::string_view name : split(line.substr(0, space), ';'))
        expected[path.append(";").append(name)] += *count;
    }
    const Profile profile = profile_of_folded(text);
    EXPECT_EQ(totals_of(make_flame_tree(profile, unpruned())), expected) << entry.path();
    const FlameTree pruned = make_flame_tree(profile);
    EXPECT_EQ(pruned.total(), expected.at("")) << entry.path();
    EXPECT_EQ(self_sum(pruned), expected.at("")) << entry.path();
    FlameOptions reverse;
    reverse.direction = FlameDirection::leaf_first;
    EXPECT_EQ(self_sum(make_flame_tree(profile, reverse)), expected.at("")) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 40);
}

}  // namespace signalbox::profile
