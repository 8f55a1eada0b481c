// Patterns beside published counts, pallets and trailers judged by the checker.
#include <gtest/gtest.h>

#include "instruments/pack/check/checker.hpp"
#include "instruments/pack/freight/pallet.hpp"
#include "instruments/pack/freight/pattern.hpp"
#include "instruments/pack/freight/trailer.hpp"
#include "instruments/pack/model/fixture.hpp"

namespace signalbox::pack {
namespace {

using fixture::item;
using fixture::mm;

void expect_apart(const Pattern& pattern, Length length, Length width, Length a, Length b) {
  for (std::size_t i = 0; i < pattern.pieces.size(); ++i) {
    const auto sides = [&](const PatternPiece& piece) {
      return piece.across ? std::pair(b, a) : std::pair(a, b);
    };
    const PatternPiece& one = pattern.pieces[i];
    ASSERT_LE(one.x + sides(one).first, length);
    ASSERT_LE(one.y + sides(one).second, width);
    for (std::size_t j = 0; j < i; ++j) {
      const PatternPiece& other = pattern.pieces[j];
      ASSERT_TRUE(one.x + sides(one).first <= other.x || other.x + sides(other).first <= one.x ||
                  one.y + sides(one).second <= other.y || other.y + sides(other).second <= one.y);
    }
  }
}

// The manufacturer's pallet loading problem: pallet, case, and the most that go on it, as the literature has
// it.
TEST(Pattern, HasAsManyAsIsPublished) {
  struct Case {
    Length length, width, a, b;
    std::size_t count;
  };
  for (const Case& each :
       {Case{22, 16, 5, 3, 23}, Case{30, 22, 7, 4, 23}, Case{40, 25, 7, 3, 47}, Case{34, 23, 5, 4, 38}}) {
    const Pattern pattern = best_pattern(each.length, each.width, each.a, each.b);
    EXPECT_EQ(pattern.pieces.size(), each.count) << each.length << ' ' << each.width;
    EXPECT_GE(pattern.bound, static_cast<std::int64_t>(each.count));
    expect_apart(pattern, each.length, each.width, each.a, each.b);
  }
}

// Every small problem beside the most that a search of all positions finds.
class AllPatterns {
 public:
  AllPatterns(int length, int width, int a, int b) : length_(length), width_(width), a_(a), b_(b) {}
  int most() {
    cells_.assign(static_cast<std::size_t>(length_ * width_), false);
    search(0, 0);
    return best_;
  }

 private:
  bool free(int x, int y, int dx, int dy) const {
    if (x + dx > length_ || y + dy > width_) return false;
    for (int i = x; i < x + dx; ++i)
      for (int j = y; j < y + dy; ++j)
        if (cells_[static_cast<std::size_t>(i * width_ + j)]) return false;
    return true;
  }
  void mark(int x, int y, int dx, int dy, bool value) {
    for (int i = x; i < x + dx; ++i)
      for (int j = y; j < y + dy; ++j) cells_[static_cast<std::size_t>(i * width_ + j)] = value;
  }
  void search(int cell, int count) {
    best_ = std::max(best_, count);
    int left = 0;
    for (int i = cell; i < length_ * width_; ++i) left += cells_[static_cast<std::size_t>(i)] ? 0 : 1;
    if (cell == length_ * width_ || count + left / (a_ * b_) <= best_) return;
    const int x = cell / width_;
    const int y = cell % width_;
    for (const auto& [dx, dy] : {std::pair(a_, b_), std::pair(b_, a_)})
      if (free(x, y, dx, dy)) {
        mark(x, y, dx, dy, true);
        search(cell + 1, count + 1);
        mark(x, y, dx, dy, false);
      }
    search(cell + 1, count);
  }
  int length_, width_, a_, b_;
  int best_ = 0;
  std::vector<bool> cells_;
};

TEST(Pattern, OfSmallPalletsIsTheBestThereIs) {
  for (int length = 4; length <= 9; ++length)
    for (int width = 4; width <= std::min(length, 7); ++width)
      for (const auto& [a, b] : {std::pair(3, 2), std::pair(4, 3), std::pair(5, 2)}) {
        const Pattern pattern = best_pattern(length, width, a, b);
        EXPECT_EQ(static_cast<int>(pattern.pieces.size()), AllPatterns(length, width, a, b).most())
            << length << 'x' << width << ' ' << a << 'x' << b;
        expect_apart(pattern, length, width, a, b);
      }
}

PalletRequest of_cases(const Size& size, Mass weight) {
  PalletRequest out;
  out.pallet = *pallet_named("gma");
  out.item = item("case", 1'000'000, size);
  out.item.weight = weight;
  out.item.turns = kThisSideUp;
  return out;
}

// 16 x 12 x 10 in on 48 x 40: 10 a layer (1920 of 1920 square inches), 5 layers below 60 in.
TEST(Pallet, LayersAreFullAndWithinTheHeight) {
  for (const auto layers : {PalletRequest::Layers::column, PalletRequest::Layers::interlock}) {
    PalletRequest request = of_cases({16 * kInch, 12 * kInch, 10 * kInch}, 20 * kPound);
    request.layers = layers;
    const PalletLoad load = load_pallet(request).value();
    EXPECT_EQ(load.layers, (std::vector<std::int64_t>{10, 10, 10, 10, 10}));
    EXPECT_EQ(load.plan.proof, Proof::optimal);
    EXPECT_TRUE(check_plan(load.order, std::vector<Box>{load.box}, load.plan, {75}).empty());
  }
}

TEST(Pallet, TheLoadItBearsIsALimit) {
  const PalletLoad load = load_pallet(of_cases({16 * kInch, 12 * kInch, 10 * kInch}, 100 * kPound)).value();
  EXPECT_EQ(load.plan.packages[0].placements.size(), 28U);  // of 2800 lb
  EXPECT_TRUE(check_plan(load.order, std::vector<Box>{load.box}, load.plan, {75}).empty());
}

TEST(Pallet, WhatGoesOnNoneIsRefused) {
  EXPECT_FALSE(load_pallet(of_cases({50 * kInch, 12 * kInch, 10 * kInch}, kPound)));
  PalletRequest low = of_cases({16 * kInch, 12 * kInch, 10 * kInch}, kPound);
  low.max_height = 5 * kInch;
  EXPECT_FALSE(load_pallet(low));
}

// Boards of a fifth of an inch, 272 layers of 10; and cases so small that no pattern of them is worth its
// time.
TEST(Pallet, ThinLayersAreLoadedAndWhatIsTooSmallIsRefused) {
  PalletRequest boards = of_cases({16 * kInch, 12 * kInch, kInch / 5}, 0);
  const PalletLoad load = load_pallet(boards).value();
  EXPECT_EQ(load.layers, std::vector<std::int64_t>(272, 10));
  EXPECT_EQ(load.plan.proof, Proof::optimal);
  boards.item.turns = kAnyTurn;  // the other ways to stand make it no less
  EXPECT_GE(load_pallet(boards).value().order.items[0].quantity, 2720);
  const auto dust = load_pallet(of_cases({kMillimetre, 2 * kMillimetre, 80 * kMillimetre}, 0));
  ASSERT_FALSE(dust);
  EXPECT_EQ(dust.error().message, "of 'case' more than 300 would lie in a row");
  const auto matches = load_pallet(of_cases({10 * kMillimetre, 10 * kMillimetre, 20 * kMillimetre}, 0));
  ASSERT_FALSE(matches);
  EXPECT_NE(matches.error().message.find("50000 are the most"), std::string::npos) << matches.error().message;
}

// Sides of which almost every length is a sum: the search ends by its own limit, with a pattern.
TEST(Pattern, OfManySumsEnds) {
  const Length side = 120 * kMillimetre;
  const Pattern pattern = best_pattern(side * 10, side * 8, 10 * kMillimetre, 11 * kMillimetre);
  EXPECT_GE(pattern.pieces.size(), 120U * 87);
  EXPECT_LE(static_cast<std::int64_t>(pattern.pieces.size()), pattern.bound);
}

// Random cases: as many as the checker lets stand, inside, apart, on what bears them.
TEST(Pallet, LoadsOfRandomCasesAreValid) {
  fixture::Draws draw(99);
  for (int i = 0; i < 60; ++i) {
    PalletRequest request = of_cases(
        {draw.between(6, 24) * kInch / 2, draw.between(6, 24) * kInch / 2, draw.between(6, 24) * kInch / 2},
        draw.between(1, 40) * kPound);
    request.item.turns = i % 2 == 0 ? kAnyTurn : kThisSideUp;
    if (i % 3 == 0) request.layers = PalletRequest::Layers::interlock;
    request.support.percent = 0;
    const PalletLoad load = load_pallet(request).value();
    const auto found = check_plan(load.order, std::vector<Box>{load.box}, load.plan, request.support);
    EXPECT_TRUE(found.empty()) << i << ' ' << found[0].message;
    EXPECT_LE(load.order.items[0].quantity, load.bound);
  }
}

Box long_trailer() {
  Box out = fixture::box("53ft", vehicle_named("53ft")->inner);
  return out;
}

Item pallet(const std::string& sku, std::int64_t quantity, Mass pounds) {
  Item out = item(sku, quantity, {48 * kInch, 40 * kInch, 60 * kInch});
  out.weight = pounds * kPound;
  out.turns = kThisSideUp;
  out.no_stack = true;
  return out;
}

// 26 pallets of 48 x 40 in stand in a trailer of 53 ft, turned 30: 48 in across twice is 96 of 98.5.
TEST(Trailer, TakesTwentySixPalletsStraightAndThirtyTurned) {
  TrailerRequest request;
  request.trailer = long_trailer();
  Item straight = pallet("p", 26, 1000);
  straight.turns = kAsMeasured;
  request.stops = {{"1", {straight}}};
  TrailerLoad load = load_trailer(request);
  EXPECT_TRUE(load.left.empty());
  request.stops = {{"1", {pallet("p", 30, 1000)}}};
  load = load_trailer(request);
  EXPECT_TRUE(load.left.empty());
  request.stops = {{"1", {pallet("p", 31, 1000)}}};
  load = load_trailer(request);
  ASSERT_EQ(load.left.size(), 1U);
  EXPECT_EQ(load.left[0].quantity, 1);
}

TEST(Trailer, StopsStandInTheOrderInWhichTheyGoOut) {
  for (int seed = 1; seed <= 8; ++seed) {
    fixture::Draws draw(static_cast<std::uint64_t>(seed));
    TrailerRequest request;
    request.trailer = long_trailer();
    for (int stop = 0; stop < 3; ++stop) {
      Order order{"stop " + std::to_string(stop), {}};
      for (int line = 0; line < 3; ++line) {
        Item next =
            item("s" + std::to_string(stop) + std::to_string(line), draw.between(1, 4),
                 {draw.between(24, 60) * kInch, draw.between(20, 48) * kInch, draw.between(20, 60) * kInch});
        next.weight = draw.between(50, 900) * kPound;
        next.turns = kThisSideUp;
        order.items.push_back(next);
      }
      request.stops.push_back(order);
    }
    const TrailerLoad load = load_trailer(request);
    EXPECT_TRUE(load.left.empty()) << seed;
    const auto found = check_plan(load.order, std::vector<Box>{request.trailer}, load.plan, request.support);
    EXPECT_TRUE(found.empty()) << seed << ' ' << found[0].message;
    EXPECT_GE(load.begins[0], load.ends[1]);
    EXPECT_GE(load.begins[1], load.ends[2]);
  }
}

// Four heavy pallets at the front wall would rest on the kingpin: they are moved until it bears them.
TEST(Trailer, IsMovedToTheRearForItsAxles) {
  TrailerRequest request;
  request.trailer = long_trailer();
  request.trailer.axles = Axles{3 * 12 * kInch, 41 * 12 * kInch, 8000 * kPound, 20000 * kPound};
  request.stops = {{"1", {pallet("p", 6, 2500)}}};
  const TrailerLoad load = load_trailer(request);
  EXPECT_GT(load.shifted, 0);
  EXPECT_TRUE(check_plan(load.order, std::vector<Box>{request.trailer}, load.plan, {75}).empty());
  const AxleLoads axles = axle_loads(load.order, load.plan.packages[0], *request.trailer.axles);
  EXPECT_LE(axles.kingpin, 8000 * kPound);
  EXPECT_NEAR(static_cast<double>(axles.kingpin + axles.rear), 15000.0 * kPound, 10);
}

TEST(FreightClass, IsThatOfTheDensityScale) {
  EXPECT_EQ(freight_class(0.5), "400");
  EXPECT_EQ(freight_class(1), "300");
  EXPECT_EQ(freight_class(11.9), "92.5");
  EXPECT_EQ(freight_class(12), "85");
  EXPECT_EQ(freight_class(22.5), "65");
  EXPECT_EQ(freight_class(49.9), "55");
  EXPECT_EQ(freight_class(50), "50");
}

}  // namespace
}  // namespace signalbox::pack
