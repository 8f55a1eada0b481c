#include "instruments/profile/kept/profile_shelf.hpp"

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

constexpr std::string_view kFolded = "main;work 3\n";

Result<std::string> folded() {
  return std::string(kFolded);
}

TEST(ProfileReaders, WhoeverGetsNoTurnInTimeIsToldSoAndHoldsNone) {
  ProfileReaders readers(std::chrono::milliseconds(1));
  auto first = readers.turn();
  const auto second = readers.turn();
  ASSERT_TRUE(first && second);
  const auto refused = readers.read(kFolded);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(refused.error().hint.empty());
  first->reset();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(readers.read(kFolded)) << "a turn was not given back";
}

TEST(ProfileShelf, WhatIsThereNeedsNoTurn) {
  const auto readers = std::make_shared<ProfileReaders>(std::chrono::milliseconds(1));
  ProfileShelf shelf(readers);
  ASSERT_TRUE(shelf.get("a", ProfileFormat::folded, folded));
  const auto first = readers->turn();
  const auto second = readers->turn();
  EXPECT_TRUE(shelf.get("a", ProfileFormat::folded, folded));
  EXPECT_EQ(shelf.get("b", ProfileFormat::folded, folded).error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace signalbox::profile
