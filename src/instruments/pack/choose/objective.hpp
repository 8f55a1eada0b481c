// What makes one plan better than another.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "instruments/pack/bill/rates.hpp"
#include "instruments/pack/model/plan.hpp"

namespace signalbox::pack {

// Of a package, or, added up, of a plan: the first number counts most.
struct Cost {
  std::array<std::int64_t, 4> parts{};

  auto operator<=>(const Cost&) const = default;
  Cost& operator+=(const Cost& other);
  Cost operator+(const Cost& other) const;
};

// Of one box whose contents weigh that much. It must not fall where the contents weigh more.
using Price = std::function<Cost(const Box& box, Mass contents)>;

struct Objective {
  std::string name;
  Price price;
  // What no plan for contents of that weight is below, in however many boxes, part by part.
  std::function<Cost(Mass contents)> floor;
  std::size_t told = 0;  // the part of which people are told a bound
  // What such a box costs at least, whatever is in it; none: what it costs empty.
  std::function<Cost(const Box& box)> least = {};

  Cost cheapest(const Box& box) const { return least ? least(box) : price(box, 0); }
};

// Boxes, then their outer volume in mm³, then the board they are made of in mm².
Objective fewest_boxes();
// Outer volume in mm³, then board, then boxes.
Objective least_volume();
// Pounds that a carrier bills, then board in mm², then outer volume in mm³, in however many boxes. What is
// beyond the carrier's maximum costs kBeyondMaximum_lb more.
inline constexpr std::int64_t kBeyondMaximum_lb = 1'000'000;
Objective least_billed(RulePack rules, Account account);
// The same among plans with the fewest boxes: what a parcel costs before its first pound is in no rule, so
// whoever has no prices may not want one more parcel for some pounds.
Objective fewest_then_billed(RulePack rules, Account account);

// Money: what the service that asks least asks for each parcel, and what its box costs; then board, outer
// volume, boxes. What no service takes costs kUnpriced more, so it is taken where nothing else is left.
inline constexpr Money kUnpriced = 1'000'000'000'000;
struct PriceList {
  RateTable rates;
  std::vector<RulePack> rules;  // of each carrier one
  std::string zone;
  Account account = Account::daily;
};
Objective least_money(std::shared_ptr<const PriceList> list);

// The outer surface of a box twice over on top and bottom, as a regular slotted container has it, in mm².
std::int64_t board_mm2(const Box& box);

Mass contents_of(const Order& order, const Package& package);
Cost cost_of(const Order& order, std::span<const Box> boxes, const Plan& plan, const Objective& objective);

}  // namespace signalbox::pack
