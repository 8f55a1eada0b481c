// Packs some units of one order into one box, or into the cheapest box that takes them.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "instruments/pack/choose/planner.hpp"
#include "instruments/pack/solve/search.hpp"

namespace signalbox::pack {

// What went into one box.
struct Filled {
  Package package;
  Counts counts;      // of it
  double volume = 0;  // share of the order's volume
  double weight = 0;  // share of the order's weight
};

// The cheapest box for all of some units.
struct Cheapest {
  Package package;
  bool proven = false;  // every cheaper box is shown not to hold them
};

class Packer {
 public:
  Packer(const Order& order, std::span<const Box> boxes, const PlanRequest& request);

  // All those units in that box, or nothing where no such packing was found. quick: a few greedy packings;
  // wide: a beam, as far as the request's effort goes.
  enum class Search { quick, wide };
  std::optional<Package> all_into(std::size_t box, const Counts& units, Search how);

  // The cheapest box, by the request's price, into which all those units go.
  std::optional<Cheapest> cheapest(const Counts& units);

  // As much of those units as the box takes.
  Filled most_into(std::size_t box, const Counts& units);

  Mass weight_of(const Counts& units) const;

 private:
  Effort effort(std::uint64_t tries, bool general) const;

  const Order& order_;
  std::span<const Box> boxes_;
  const PlanRequest& request_;
  std::optional<std::chrono::steady_clock::time_point> until_;
};

}  // namespace signalbox::pack
