// The search alone: what is cut from a box goes back into it.
#include "instruments/pack/solve/search.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/base/testing.hpp"
#include "instruments/pack/model/fixture.hpp"
#include "instruments/pack/solve/reach.hpp"
#include "instruments/pack/solve/spaces.hpp"

namespace signalbox::pack {
namespace {

// A box cut by random cuts, each through the whole of a piece, into `count` pieces.
Cargo cut(const Extent& box, int count, std::uint64_t seed) {
  fixture::Draws draw(seed);
  std::vector<Extent> pieces{box};
  while (static_cast<int>(pieces.size()) < count) {
    const std::size_t which = static_cast<std::size_t>(draw.below(static_cast<std::int64_t>(pieces.size())));
    const std::size_t axis = static_cast<std::size_t>(draw.below(3));
    if (pieces[which][axis] < 8) continue;
    Extent rest = pieces[which];
    const std::int32_t at = static_cast<std::int32_t>(draw.between(3, pieces[which][axis] - 3));
    pieces[which][axis] = at;
    rest[axis] -= at;
    pieces.push_back(rest);
  }
  Cargo out;
  out.box = box;
  out.support_percent = 0;
  for (const Extent& piece : pieces) {
    CargoType type;
    type.size = piece;
    out.types.push_back(type);
  }
  return out;
}

TEST(Search, WhatWasCutFromABoxFillsIt) {
  int whole = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Effort effort;
    effort.max_width = 12;
    effort.blocks.blocks = 2000;
    whole += fill(cut({60, 50, 40}, 6, seed * 31), effort).everything ? 1 : 0;
  }
  EXPECT_GE(whole, 38);  // the search proves nothing: it may miss one
}

TEST(Search, AWiderBeamIsNeverWorse) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Cargo cargo = cut({60, 50, 40}, 18, seed * 17);
    double before = 0;
    for (const std::size_t width : {1, 2, 4, 8}) {
      Effort effort;
      effort.max_width = width;
      effort.blocks.blocks = 1000;
      const double volume = fill(cargo, effort).volume;
      EXPECT_GE(volume, before) << seed << " at " << width;
      before = volume;
    }
  }
}

TEST(Search, TheTimeIsKept) {
  const Cargo cargo = cut({600, 500, 400}, 60, 5);
  Effort effort;
  effort.max_width = 1 << 20;
  effort.until =
      std::chrono::steady_clock::now();  // over before it began: one greedy packing is made all the same
  const Stowage stowage = fill(cargo, effort);
  EXPECT_EQ(stowage.tries, 1U);
  EXPECT_GT(stowage.volume, 0);
}

// Maximal spaces against the definition: each free cell of a small box is in one, none reaches into what is
// filled, none lies in another.
TEST(Spaces, AreTheLargestFreeCuboids) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    fixture::Draws draw(seed * 911);
    constexpr std::int32_t kSide = 5;
    std::vector<Cuboid> spaces{{{0, 0, 0}, {kSide, kSide, kSide}}};
    std::array<std::array<std::array<bool, kSide>, kSide>, kSide> full{};
    for (int step = 0; step < 4; ++step) {
      Cuboid filled;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        filled.low[axis] = static_cast<std::int32_t>(draw.below(kSide - 1));
        filled.high[axis] = static_cast<std::int32_t>(draw.between(filled.low[axis] + 1, kSide));
      }
      take_out(spaces, filled, {1, 1, 1});
      for (auto x = filled.low[0]; x < filled.high[0]; ++x)
        for (auto y = filled.low[1]; y < filled.high[1]; ++y)
          for (auto z = filled.low[2]; z < filled.high[2]; ++z) full[x][y][z] = true;
    }
    // By definition, over all cuboids of the grid.
    std::vector<Cuboid> free;
    Cuboid c;
    for (c.low[0] = 0; c.low[0] < kSide; ++c.low[0])
      for (c.low[1] = 0; c.low[1] < kSide; ++c.low[1])
        for (c.low[2] = 0; c.low[2] < kSide; ++c.low[2])
          for (c.high[0] = c.low[0] + 1; c.high[0] <= kSide; ++c.high[0])
            for (c.high[1] = c.low[1] + 1; c.high[1] <= kSide; ++c.high[1])
              for (c.high[2] = c.low[2] + 1; c.high[2] <= kSide; ++c.high[2]) {
                bool is_free = true;
                for (auto x = c.low[0]; x < c.high[0] && is_free; ++x)
                  for (auto y = c.low[1]; y < c.high[1] && is_free; ++y)
                    for (auto z = c.low[2]; z < c.high[2] && is_free; ++z) is_free = !full[x][y][z];
                if (is_free) free.push_back(c);
              }
    std::vector<std::array<std::int32_t, 6>> wanted;
    for (const Cuboid& a : free)
      if (std::none_of(free.begin(), free.end(), [&](const Cuboid& b) { return &a != &b && inside(a, b); }))
        wanted.push_back({a.low[0], a.low[1], a.low[2], a.high[0], a.high[1], a.high[2]});
    std::vector<std::array<std::int32_t, 6>> found;
    for (const Cuboid& a : spaces)
      found.push_back({a.low[0], a.low[1], a.low[2], a.high[0], a.high[1], a.high[2]});
    std::sort(wanted.begin(), wanted.end());
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, wanted) << seed;
  }
}

TEST(Reach, IsTheLargestSumOfSides) {
  Cargo cargo;
  cargo.box = {20, 20, 20};
  for (const Extent& size : {Extent{7, 5, 5}, Extent{3, 3, 3}}) {
    CargoType type;
    type.size = size;
    type.turns = kAsMeasured;
    cargo.types.push_back(type);
  }
  const Reach reach(cargo, {2, 1});  // along x: 7, 7, 3; along y: 5, 5, 3
  EXPECT_EQ(reach.most(0, 20), 17);
  EXPECT_EQ(reach.most(0, 13), 10);
  EXPECT_EQ(reach.most(0, 6), 3);
  EXPECT_EQ(reach.most(1, 12), 10);
  EXPECT_EQ(reach.most(2, 2), 0);
}

}  // namespace
}  // namespace signalbox::pack
