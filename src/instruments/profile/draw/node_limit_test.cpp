#include "instruments/profile/draw/node_limit.hpp"

#include <map>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/json.hpp"
#include "instruments/profile/draw/flame_difference.hpp"
#include "instruments/profile/draw/testing.hpp"
#include "instruments/profile/draw/thumbnail.hpp"

namespace signalbox::profile {
namespace {

using testing::profile_of_folded;

FlameTree tree_of(std::string_view folded) {
  FlameOptions options;
  options.prune_share = 0;
  return make_flame_tree(profile_of_folded(folded), options);
}

std::map<std::string, std::int64_t> totals_of(const FlameTree& tree) {
  std::map<std::string, std::int64_t> out;
  for (std::uint32_t i = 0; i < tree.nodes.size(); ++i) {
    std::string path;
    for (std::uint32_t at = i; at != 0; at = tree.nodes[at].parent)
      path = "/" + tree.frames[tree.nodes[at].frame].name + path;
    out[path] += tree.nodes[i].now.total;
  }
  return out;
}

// As promised of every tree: preorder, a parent holds what its children do.
void expect_sound(const FlameTree& tree) {
  std::vector<std::int64_t> sums(tree.nodes.size(), 0);
  for (std::size_t i = 1; i < tree.nodes.size(); ++i) {
    const FlameNode& node = tree.nodes[i];
    ASSERT_LT(node.parent, i);
    ASSERT_LT(node.frame, tree.frames.size());
    EXPECT_EQ(node.depth, tree.nodes[node.parent].depth + 1);
    sums[node.parent] += node.now.total;
  }
  for (std::size_t i = 0; i < tree.nodes.size(); ++i)
    EXPECT_EQ(sums[i] + tree.nodes[i].now.self, tree.nodes[i].now.total) << i;
}

TEST(NodeLimit, ATreeThatFitsStaysAsItIs) {
  const FlameTree tree = tree_of("main;a 3\nmain;b 2\n");
  EXPECT_EQ(totals_of(limited(tree, 4)), totals_of(tree));
}

TEST(NodeLimit, TheSmallestBecomeOneOfTheirParentAndNoTotalChanges) {
  const FlameTree tree = limited(tree_of("main;a;x 30\nmain;b 20\nmain;c 2\nmain;d 1\nmain;a;y 1\n"), 5);
  expect_sound(tree);
  ASSERT_LE(tree.nodes.size(), 5U);
  const auto totals = totals_of(tree);
  EXPECT_EQ(totals.at(""), 54);
  EXPECT_EQ(totals.at("/main"), 54);
  EXPECT_EQ(totals.at("/main/a"), 31);
  const std::string rest = fmt::format("[smaller than {:.2g} %]", 100 * 30.0 / 54);
  EXPECT_EQ(totals.at("/main/a/" + rest), 31);  // both, as x is no larger than the limit
  EXPECT_EQ(totals.at("/main/" + rest), 23);
}

TEST(NodeLimit, HoldsForAnyTreeAndAnyLimit) {
  std::string folded;
  for (int i = 1; i <= 400; ++i)
    folded += fmt::format("f{};g{};h{};k{} {}\n", i % 3, i % 7, i % 31, i, 1 + i * i % 97);
  const FlameTree whole = tree_of(folded);
  for (const std::size_t most : {2U, 3U, 5U, 17U, 100U, 333U}) {
    const FlameTree tree = limited(whole, most);
    expect_sound(tree);
    EXPECT_LE(tree.nodes.size(), most);
    EXPECT_GE(tree.nodes.size(), most / 2);
    EXPECT_EQ(tree.total(), whole.total());
    EXPECT_EQ(tree.samples(), whole.samples());
    EXPECT_GT(tree.frames_pruned, 0U);
  }
}

TEST(NodeLimit, WhatTheBaseAloneHasIsNotSmall) {
  FlameDifferenceOptions options;
  options.flame.prune_share = 0;
  const FlameTree tree =
      limited(make_flame_difference(profile_of_folded("main;gone 90\nmain;a 10\n"),
                                    profile_of_folded("main;a 10\nmain;b 1\nmain;c 1\n"), options),
              5);
  bool is_there = false;
  for (const FlameNode& node : tree.nodes) is_there |= tree.frames[node.frame].name == "gone";
  EXPECT_TRUE(is_there);
}

TEST(NodeLimit, MomentsAreThoseOfWhatIsDrawn) {
  ProfileBuilder builder(std::vector<ValueType>{{"samples", "count"}});
  for (int i = 0; i < 20; ++i) {
    const std::int64_t one[] = {i == 0 ? 50 : 1};
    const StackId stack =
        builder.stack(builder.stack(0, builder.frame({builder.function("main"), 0, 0, 0, 0, {}})),
                      builder.frame({builder.function(fmt::format("f{}", i)), 0, 0, 0, 0, {}}));
    builder.add({stack, 0, 0, i * 1'000'000}, one);
  }
  FlameOptions options;
  options.prune_share = 0;
  options.moments = FlameMoments::kept;
  const FlameTree tree = limited(make_flame_tree(std::move(builder).finish(), options), 4);
  expect_sound(tree);
  ASSERT_EQ(tree.moments.size(), 20U);
  std::vector<std::int64_t> sums(tree.nodes.size(), 0);
  for (const FlameMoment& moment : tree.moments) sums.at(moment.node) += moment.value;
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) EXPECT_EQ(sums[i], tree.nodes[i].now.self) << i;
}

TEST(Thumbnail, BoxesAreThousandthsOfTheWhole) {
  const auto json = parse_json(thumbnail_json(tree_of("main;a 3\nmain;b_[k] 1\n")));
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["rows"].as_integer(), 3);
  std::vector<std::string> boxes;
  for (const Json& box : (*json)["boxes"].items()) boxes.push_back(box.dump());
  ASSERT_EQ(boxes.size(), 4U);
  EXPECT_EQ(boxes[0], R"([0,1000,0,"s0"])");
  EXPECT_EQ(boxes[2].substr(0, 11), "[0,750,2,\"u");
  EXPECT_EQ(boxes[3].substr(0, 13), "[750,250,2,\"k");
}

TEST(Thumbnail, OfNothingIsEmpty) {
  EXPECT_EQ(thumbnail_json(tree_of("")), R"({"rows":1,"boxes":[]})");
}

}  // namespace
}  // namespace signalbox::profile
