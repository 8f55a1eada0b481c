// A vehicle loaded for its stops: what goes out first stands nearest to the rear.
#pragma once

#include <vector>

#include "instruments/pack/model/plan.hpp"

namespace signalbox::pack {

struct TrailerRequest {
  Box trailer;               // its inside: x from the front wall to the rear; axles where they are known
  std::vector<Order> stops;  // in the order in which the vehicle comes to them
  Support support;
};

struct TrailerLoad {
  Order order;                 // of what is loaded: the items of all stops, each with its stop
  Plan plan;                   // one package; in the order of loading
  std::vector<Length> begins;  // of each stop: where its part begins, from the front wall
  std::vector<Length> ends;
  std::vector<Item> left;  // what did not go in, with its stop
  Length shifted = 0;      // how far all was moved to the rear for the axles
};

// The load of the rests on kingpin and axles.
struct AxleLoads {
  Mass kingpin = 0;
  Mass rear = 0;
};
AxleLoads axle_loads(const Order& order, const Package& package, const Axles& axles);

// Stops are loaded from the last to the first, each in as short a part of the vehicle as is found to hold it,
// and what goes in of the one that does not go in whole. Where an axle would bear too much, all is moved to
// the rear as far as that helps. The outcome is judged by the checker, not here.
TrailerLoad load_trailer(const TrailerRequest& request);

}  // namespace signalbox::pack
