#include "instruments/pack/solve/exact.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "instruments/pack/model/fixture.hpp"
#include "instruments/pack/solve/grid_fixture.hpp"

namespace signalbox::pack {
namespace {

constexpr std::uint64_t kPlenty = 1'000'000;

CargoType piece(Extent size, std::int32_t count = 1, TurnSet turns = kAnyTurn) {
  CargoType out;
  out.size = size;
  out.count = count;
  out.turns = turns;
  return out;
}

Cargo cargo_of(const Extent& box, std::vector<CargoType> types) {
  Cargo out;
  out.box = box;
  out.types = std::move(types);
  return out;
}

std::int32_t small(fixture::Draws& draws, std::int64_t low, std::int64_t high) {
  return static_cast<std::int32_t>(draws.between(low, high));
}

// Inside, apart from one another, as many as were wanted, each in a turn that it may take.
void expect_valid(const Cargo& cargo, const std::vector<Stowed>& pieces) {
  std::vector<std::int32_t> counts(cargo.types.size(), 0);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Stowed& a = pieces[i];
    const CargoType& type = cargo.types[static_cast<std::size_t>(a.type)];
    ++counts[static_cast<std::size_t>(a.type)];
    EXPECT_TRUE((type.turns >> a.turn) & 1);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      EXPECT_EQ(a.size[axis],
                type.size[static_cast<std::size_t>(kTurns[static_cast<std::size_t>(a.turn)][axis])]);
      EXPECT_GE(a.at[axis], 0);
      EXPECT_LE(a.at[axis] + a.size[axis], cargo.box[axis]);
    }
    for (std::size_t j = 0; j < i; ++j) {
      bool apart = false;
      for (std::size_t axis = 0; axis < 3; ++axis)
        apart = apart || a.at[axis] + a.size[axis] <= pieces[j].at[axis] ||
                pieces[j].at[axis] + pieces[j].size[axis] <= a.at[axis];
      EXPECT_TRUE(apart);
    }
  }
  for (std::size_t type = 0; type < counts.size(); ++type) EXPECT_EQ(counts[type], cargo.types[type].count);
}

// Beside every place of a grid: 400 small boxes, with pieces that nearly fill them.
TEST(Exact, SaysWhatEveryPlaceOfAGridSays) {
  fixture::Draws draws(11);
  int yes = 0;
  int no = 0;
  for (int round = 0; round < 400; ++round) {
    const Extent box{small(draws, 2, 4), small(draws, 2, 3), small(draws, 2, 3)};
    std::vector<CargoType> types;
    std::vector<CargoType> singles;
    double volume = 0;
    while (singles.size() < 4) {
      CargoType type =
          piece({small(draws, 1, 4), small(draws, 1, 3), small(draws, 1, 3)}, small(draws, 1, 2));
      if (draws.below(3) == 0) type.turns = kThisSideUp;
      if (draws.below(4) == 0) type.turns = kAsMeasured;
      volume += volume_of(type.size) * type.count;
      if (volume > volume_of(box)) break;
      types.push_back(type);
      for (int i = 0; i < type.count; ++i) singles.push_back(type);
    }
    if (types.empty()) continue;
    const Cargo cargo = cargo_of(box, types);
    const ExactAnswer answer = fits_exactly(cargo, kPlenty);
    const bool takes = fixture::Grid(box).takes(singles);
    EXPECT_EQ(answer.fits, takes ? Fits::yes : Fits::no) << "round " << round;
    if (answer.fits == Fits::yes) expect_valid(cargo, answer.pieces);
    (takes ? yes : no) += 1;
  }
  EXPECT_GT(yes, 100);
  EXPECT_GT(no, 50);
}

// No guillotine cut makes it.
TEST(Exact, APinwheelGoesIn) {
  const Cargo cargo =
      cargo_of({5, 5, 2}, {piece({3, 2, 2}, 4, kThisSideUp), piece({1, 1, 2}, 1, kThisSideUp)});
  const ExactAnswer answer = fits_exactly(cargo, kPlenty);
  ASSERT_EQ(answer.fits, Fits::yes);
  expect_valid(cargo, answer.pieces);
}

// Conway's: six of 2 x 2 x 1 and three cubes fill 3 x 3 x 3. Of cubes of 2 four stand in 5 x 4 x 3, never
// five.
TEST(Exact, PublishedAndPlainCases) {
  const Cargo nine = cargo_of({3, 3, 3}, {piece({2, 2, 1}, 6), piece({1, 1, 1}, 3)});
  EXPECT_EQ(fits_exactly(nine, kPlenty).fits, Fits::yes);
  EXPECT_EQ(fits_exactly(cargo_of({5, 4, 3}, {piece({2, 2, 2}, 4)}), kPlenty).fits, Fits::yes);
  EXPECT_EQ(fits_exactly(cargo_of({5, 4, 3}, {piece({2, 2, 2}, 5)}), kPlenty).fits, Fits::no);
}

TEST(Exact, AUnitOfVolumeMoreDoesNotGoIn) {
  const std::vector<CargoType> cut{piece({4, 3, 5}), piece({4, 4, 5}), piece({3, 7, 2}), piece({3, 7, 3})};
  EXPECT_EQ(fits_exactly(cargo_of({7, 7, 5}, cut), kPlenty).fits, Fits::yes);
  std::vector<CargoType> more = cut;
  more.push_back(piece({1, 1, 1}));
  EXPECT_EQ(fits_exactly(cargo_of({7, 7, 5}, more), kPlenty).fits, Fits::no);
}

TEST(Exact, WhatIsGivenUpIsNotKnownAndMoreChoicesTakeNothingBack) {
  const Cargo hard = cargo_of({3, 3, 3}, {piece({2, 2, 1}, 6), piece({1, 1, 1}, 3)});
  EXPECT_EQ(fits_exactly(hard, 1).fits, Fits::unknown);
  const ExactAnswer late = fits_exactly(hard, kPlenty, std::chrono::steady_clock::now());
  EXPECT_EQ(late.fits, Fits::unknown);
  EXPECT_EQ(late.nodes, 1U);
  fixture::Draws draws(3);
  for (int round = 0; round < 60; ++round) {
    std::vector<CargoType> types;
    for (int i = 0; i < 4; ++i)
      types.push_back(piece({small(draws, 1, 4), small(draws, 1, 4), small(draws, 1, 4)}));
    const Cargo cargo = cargo_of({5, 4, 4}, types);
    const Fits settled = fits_exactly(cargo, kPlenty).fits;
    for (const std::uint64_t nodes : {1, 10, 100, 1000}) {
      const Fits early = fits_exactly(cargo, nodes).fits;
      EXPECT_TRUE(early == Fits::unknown || early == settled);
    }
  }
}

TEST(Exact, TooManyPiecesAndThingsOfAnySideAreNoTrouble) {
  EXPECT_EQ(fits_exactly(cargo_of({9, 9, 9}, {piece({1, 1, 1}, 13)}), kPlenty).fits, Fits::unknown);
  // A long chain of thin things in a long box.
  EXPECT_EQ(fits_exactly(cargo_of({1'600'000'000, 2, 2}, {piece({1, 2, 2}, 12)}), kPlenty).fits, Fits::yes);
  EXPECT_EQ(fits_exactly(cargo_of({11, 2, 2}, {piece({1, 2, 2}, 12, kAsMeasured)}), kPlenty).fits, Fits::no);
  EXPECT_EQ(fits_exactly(cargo_of({3, 3, 3}, {piece({4, 4, 4})}), kPlenty).fits, Fits::no);
  // Two of them end where no number of 32 bits is.
  const CargoType beam = piece({1'200'000'000, 2, 2}, 2, kAsMeasured);
  EXPECT_EQ(fits_exactly(cargo_of({1'600'000'000, 3, 3}, {beam}), kPlenty).fits, Fits::no);
  EXPECT_EQ(fits_exactly(cargo_of({1'600'000'000, 3, 4}, {beam}), kPlenty).fits, Fits::yes);
}

}  // namespace
}  // namespace signalbox::pack
