#include "instruments/profile/capture/open_for_all.hpp"

#include <deque>

#include <gtest/gtest.h>

#include "core/base/result.hpp"

namespace signalbox::profile {
namespace {

using Tids = std::vector<std::int32_t>;

// A target whose threads are these, one after the other; the last stay.
struct Target {
  std::deque<Tids> moments;
  std::vector<Tids> opened;
  Result<Tids> open() {
    return open_for_all(
        [&] {
          Tids out = moments.front();
          if (moments.size() > 1) moments.pop_front();
          return out;
        },
        [&](const Tids& tids) -> Result<Tids> {
          opened.push_back(tids);
          return tids;
        });
  }
};

TEST(OpenForAll, OnceWhereNobodyComes) {
  Target target{{{2, 1}, {1, 2}}, {}};
  EXPECT_EQ(target.open().value().size(), 2U);
  EXPECT_EQ(target.opened.size(), 1U);
}

TEST(OpenForAll, ThatEndMeanwhileAreNoReason) {
  Target target{{{1, 2, 3}, {1}}, {}};
  EXPECT_TRUE(target.open());
  EXPECT_EQ(target.opened.size(), 1U);
}

TEST(OpenForAll, AnewForThoseThatCameMeanwhile) {
  Target target{{{1}, {1, 2}, {1, 2, 3}}, {}};
  EXPECT_EQ(target.open().value(), (Tids{1, 2, 3}));
  EXPECT_EQ(target.opened, (std::vector<Tids>{{1}, {1, 2}, {1, 2, 3}}));
}

TEST(OpenForAll, NotForeverWhereTheyComeAllTheTime) {
  Target target;
  for (std::int32_t count = 1; count <= 100; ++count) target.moments.push_back(Tids(1, count));
  EXPECT_EQ(target.open().value(), Tids{kMaxOpenings});
  EXPECT_EQ(target.opened.size(), static_cast<std::size_t>(kMaxOpenings));
}

TEST(OpenForAll, WhatCannotBeOpenedIsNotTriedAgain) {
  int tries = 0;
  const auto failed = open_for_all([] { return Tids{1}; },
                                   [&](const Tids&) -> Result<Tids> {
                                     ++tries;
                                     return fail(ErrorKind::denied, "no");
                                   });
  EXPECT_EQ(failed.error().kind, ErrorKind::denied);
  EXPECT_EQ(tries, 1);
}

}  // namespace
}  // namespace signalbox::profile
