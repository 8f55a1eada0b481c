#include "instruments/profile/kept/profile_shelf.hpp"

#include <atomic>
#include <latch>
#include <thread>

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

constexpr std::string_view kFolded = "main;work 3\n";
constexpr std::chrono::minutes kLong{2};

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

TEST(ProfileShelf, AProfileThatWasReadWhileAnotherWaitedForItsTurnIsNotReadAgain) {
  const auto readers = std::make_shared<ProfileReaders>(kLong);
  ProfileShelf shelf(readers);
  auto other = readers->turn();  // one place is left
  ASSERT_TRUE(other);
  std::atomic<int> loads{0};
  std::latch asked{1};
  std::latch second_comes{1};
  const auto load = [&]() -> Result<std::string> {
    if (++loads == 1) {
      asked.count_down();
      second_comes.wait();
    }
    return std::string(kFolded);
  };
  std::thread first([&] { EXPECT_TRUE(shelf.get("a", ProfileFormat::folded, load)); });
  asked.wait();
  std::thread second([&] {
    second_comes.count_down();
    EXPECT_TRUE(shelf.get("a", ProfileFormat::folded, load));
  });
  first.join();
  second.join();
  EXPECT_EQ(loads, 1);
}

}  // namespace
}  // namespace signalbox::profile
