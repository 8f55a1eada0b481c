// The smallest set of actions that fixes every condition: each has a list of actions of which one, or some
// number, is enough. Pure, and knows nothing of trains.
#pragma once

#include <cstddef>
#include <vector>

namespace signalbox::train {

struct HittingProblem {
  struct Condition {
    std::vector<std::size_t> actions;  // numbers of those that fix it
    std::size_t wanted = 1;            // so many of them together
  };
  std::vector<Condition> conditions;
  std::vector<double> gains;  // what each action adds to a sum; as many as there are actions
  double wanted = 0;          // the sum has to reach this, too
};

struct HittingSet {
  std::vector<std::size_t> actions;   // ascending
  std::vector<std::size_t> hopeless;  // conditions that its actions do not fix
  bool reaches = true;                // the sum that is wanted
  bool is_smallest = true;            // proven; false: the search was cut short, or nothing fixes everything
};

// Branch and bound: exact where it ends within `max_steps`, else the best that was found. What no action
// fixes is left out, and what is left is solved.
HittingSet smallest_hitting_set(const HittingProblem& problem, std::size_t max_steps = 50'000);

}  // namespace signalbox::train
