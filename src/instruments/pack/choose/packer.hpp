// Packs some units of one order into one box, or into the cheapest box that takes them.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "instruments/pack/choose/bounds.hpp"
#include "instruments/pack/choose/planner.hpp"
#include "instruments/pack/solve/exact.hpp"
#include "instruments/pack/solve/search.hpp"

namespace signalbox::pack {

// What went into one box.
struct Filled {
  Package package;
  Counts counts;  // of it
};

// The cheapest box for all of some units.
struct Cheapest {
  Package package;
  Cost cost;
  bool proven = false;  // every cheaper box is shown not to hold them
};

// Each question is answered once and kept, for the same order is asked about in many splits. An answer does
// not depend on which other boxes there are.
class Packer {
 public:
  // It searches quickly, without regard to the time, until it is told to `deepen`.
  Packer(const Order& order, std::span<const Box> boxes, const PlanRequest& request);

  // From here on with the request's effort and until then. What was packed quickly stays packed.
  void deepen(std::optional<std::chrono::steady_clock::time_point> until);

  // The cheapest box, by the request's price, into which all those units go and that costs less than `below`.
  std::optional<Cheapest> cheapest(const Counts& units, const Cost& below);

  // Whether a quick packing of all those units into that box is found.
  bool holds(std::size_t box, const Counts& units);

  // Whether all those units go into that box: packed, shown not to fit, or not known. Where they are packed
  // `packed` has how.
  Fits settle(std::size_t box, const Counts& units);
  const Package& packed(std::size_t box, const Counts& units) const;

  // Nothing that is seen without packing speaks against those units in that box.
  bool may_hold(std::size_t box, const Counts& units) const;

  // As much of those units as the box takes. Nothing in it where the time is over.
  const Filled& most_into(std::size_t box, const Counts& units);

  Mass weight_of(const Counts& units) const;
  Cost price_of(std::size_t box, const Counts& units) const;
  bool is_out_of_time() const;
  bool is_exhaustive() const { return effort_ >= kExhaustive; }

 private:
  // All of some units and one box.
  struct Attempt {
    std::optional<Package> package;
    bool tried_quickly = false;
    bool tried_widely = false;
    std::optional<bool> ruled_out = {};
    std::uint64_t exact_nodes = 0;  // with which it was tried exactly
  };
  using Key = std::pair<std::size_t, Counts>;

  const std::optional<Package>& quick(std::size_t box, const Counts& units, Attempt& attempt);
  const std::optional<Package>& wide(std::size_t box, const Counts& units, Attempt& attempt);
  Fits exactly(std::size_t box, const Counts& units, Attempt& attempt) const;
  Effort effort(std::uint64_t tries, bool general) const;

  const Order& order_;
  std::span<const Box> boxes_;
  const PlanRequest& request_;
  std::size_t effort_ = 1;
  std::optional<std::chrono::steady_clock::time_point> until_;
  std::vector<std::vector<ItemInBox>> of_;  // [line][box]
  std::map<Key, Attempt> attempts_;
  std::map<Key, Filled> fills_;
};

}  // namespace signalbox::pack
