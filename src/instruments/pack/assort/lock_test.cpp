// Lock files: written, read, and refused with what is wrong.
#include "instruments/pack/assort/lock.hpp"

#include <gtest/gtest.h>

#include "instruments/pack/assort/lattice.hpp"
#include "instruments/pack/assort/service.hpp"
#include "instruments/pack/model/fixture.hpp"

namespace signalbox::pack {
namespace {

using fixture::box;
using fixture::item;
using fixture::mm;

AssortmentLock small_lock() {
  AssortmentLock out;
  out.history = std::string(64, 'a');
  out.candidates = std::string(64, 'b');
  out.objective = "billed:ups-2026-01-26";
  out.k = 2;
  out.must = {"M"};
  out.orders = 10;
  out.cost = 120;
  out.bound = 118;
  Box first = box("M", {parse_length("12 1/16in").value(), 10 * kInch, 305 * kMillimetre});
  first.tare = 3 * kOunce;
  first.max_weight = 40 * kPound;
  first.cost = 1'234'567;
  Box second = box("S", mm(100, 80, 60));
  second.stock = 7;
  out.boxes = {first, second};
  return out;
}

TEST(Lock, IsReadAsItWasWrittenToTheTick) {
  const AssortmentLock lock = small_lock();
  const auto read = read_lock(lock_text(lock), "assortment.lock");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, lock);
  EXPECT_EQ(lock_text(*read), lock_text(lock));
  EXPECT_TRUE(is_lock(lock_text(lock)));
}

TEST(Lock, WhatIsWrongIsNamed) {
  const std::string text = lock_text(small_lock());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string out = text;
    const std::size_t at = out.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    out.replace(at, from.size(), to);
    const auto read = read_lock(out, "x.lock");
    return read ? "read" : read.error().message;
  };
  EXPECT_EQ(with("assortment/v1", "assortment/v2"),
            "x.lock: 'kind': 'signalbox/pack/assortment/v1' is meant");
  EXPECT_EQ(with(std::string(64, 'a'), "abc"), "x.lock: 'history': a SHA-256 is meant");
  EXPECT_EQ(with("\"k\": 2", "\"k\": -2"), "x.lock: 'k': a whole number is meant");
  EXPECT_EQ(with("\"100mm\"", "\"100\""), "x.lock: 'inner': the length '100' has no unit");
  EXPECT_EQ(with("\"100mm\"", "\"-4mm\"").substr(0, 17), "x.lock: 'inner': ");
  EXPECT_EQ(with("\"sku\": \"S\"", "\"sku\": \"M\""),
            "x.lock: 'boxes': the SKU 'M' a second time, or too many");
  EXPECT_EQ(with("\"stock\": 7", "\"stock\": \"7\""), "x.lock: 'stock': a whole number is meant");
  EXPECT_NE(with("\"kind\"", "\"kind"), "read");
}

// A box of the grid: outer sides are whole steps, inside is less by the board.
TEST(Lattice, SizesHoldTheOrdersTheyAreMadeFor) {
  std::vector<Order> orders;
  fixture::Draws draw(5);
  for (int i = 0; i < 200; ++i)
    orders.push_back({std::to_string(i),
                      {item("a", draw.between(1, 4),
                            mm(draw.between(50, 300), draw.between(50, 200), draw.between(20, 150)))}});
  Lattice lattice;
  lattice.wall = *wall_of_flute("C");
  lattice.most = 30;
  const std::vector<Box> sizes = lattice_sizes(orders, lattice);
  ASSERT_GT(sizes.size(), 10U);
  ASSERT_LE(sizes.size(), 30U);
  for (const Box& each : sizes)
    for (std::size_t axis = 0; axis < 3; ++axis) {
      EXPECT_EQ(each.outer[axis] % kInch, 0);
      EXPECT_EQ(each.outer[axis] - each.inner[axis], (axis == 2 ? 4 : 2) * 5 * kInch / 32);
    }
  EXPECT_EQ(sizes, lattice_sizes(orders, lattice));
  // No order is without a size.
  const std::vector<ServiceCost> costs = service_costs(orders, sizes, {}, [](std::size_t) {});
  for (std::size_t order = 0; order < orders.size(); ++order) {
    bool served = false;
    for (std::size_t size = 0; size < sizes.size(); ++size)
      served = served || costs[order * sizes.size() + size].first < kUnserved;
    EXPECT_TRUE(served) << order;
  }
}

// Each order by one box of a size costs what a plan with that size alone costs.
TEST(Service, CostsAreThoseOfPlansWithOneSize) {
  const std::vector<Box> sizes{box("S", mm(120, 100, 80)), box("M", mm(220, 150, 100)),
                               box("L", mm(300, 220, 180))};
  std::vector<Order> orders;
  fixture::Draws draw(77);
  for (int i = 0; i < 60; ++i)
    orders.push_back({std::to_string(i),
                      {item("a", draw.between(1, 3),
                            mm(draw.between(30, 110), draw.between(30, 90), draw.between(20, 70))),
                       item("b", draw.between(1, 30), mm(40, 60, draw.between(10, 75)))}});
  PlanRequest request;
  request.effort = 1;
  const std::vector<ServiceCost> costs = service_costs(orders, sizes, request, [](std::size_t) {});
  request.max_packages = 1;
  for (std::size_t order = 0; order < orders.size(); ++order) {
    bool one_takes_all = false;
    for (std::size_t size = 0; size < sizes.size(); ++size) {
      const auto plan = plan_order(orders[order], std::span(sizes).subspan(size, 1), request);
      one_takes_all = one_takes_all || plan;
      if (!plan) continue;
      const Cost cost = cost_of(orders[order], std::span(sizes).subspan(size, 1), *plan, request.objective);
      EXPECT_EQ(costs[order * 3 + size], (ServiceCost{cost.parts[0], cost.parts[1]})) << order << ' ' << size;
    }
    if (one_takes_all) continue;
    for (std::size_t size = 0; size < sizes.size(); ++size)
      EXPECT_GT(costs[order * 3 + size].first, 1) << order;  // several of them
  }
}

}  // namespace
}  // namespace signalbox::pack
