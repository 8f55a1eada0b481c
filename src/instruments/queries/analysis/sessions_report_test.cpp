#include "instruments/queries/analysis/sessions_report.hpp"

#include <gtest/gtest.h>

namespace signalbox::queries {
namespace {

BlockedSession session(std::int64_t pid, std::vector<std::int64_t> blockers) {
  BlockedSession out;
  out.session.pid = pid;
  out.session.blockers = std::move(blockers);
  return out;
}

std::string drawn(const std::vector<BlockedSession>& sessions) {
  std::string out;
  for (const BlockingNode& node : blocking_tree(sessions))
    out += std::string(node.depth, '>') + std::to_string(sessions[node.session].session.pid) + " ";
  return out;
}

}  // namespace

TEST(BlockingTree, RootsAreThoseWhoDoNotWait) {
  EXPECT_EQ(drawn({session(3, {2}), session(2, {1}), session(1, {}), session(4, {2})}), "1 >2 >>3 >>4 ");
}

TEST(BlockingTree, WhoWaitsForSeveralIsBelowEach) {
  EXPECT_EQ(drawn({session(1, {}), session(2, {}), session(3, {1, 2})}), "1 >3 2 >3 ");
}

TEST(BlockingTree, ACircleEnds) {
  EXPECT_EQ(drawn({session(1, {2}), session(2, {1})}), "1 >2 >>1 ");
  EXPECT_EQ(drawn({session(1, {1})}), "1 >1 ");
}

TEST(BlockingTree, WhoeverIsInTheWayUnseenLeavesRoots) {
  EXPECT_EQ(drawn({session(2, {99})}), "2 ");  // the blocker ended meanwhile, or is a prepared transaction
}

}  // namespace signalbox::queries
