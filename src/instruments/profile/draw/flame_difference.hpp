// Two profiles as one flame graph: what takes more now, what takes less, and what is gone.
#pragma once

#include <cstdint>
#include <vector>

#include "instruments/profile/draw/flame_tree.hpp"

namespace signalbox::profile {

// How amounts of the base are made comparable.
enum class Normalize {
  none,   // as they were measured
  total,  // as if both totals were the same: shares are compared
};

struct FlameDifferenceOptions {
  FlameOptions flame;  // its column is found in the base by its type
  Normalize normalize = Normalize::total;
  double base_work = 1;  // units of work done in the base and now: with `none`, cost for each is compared
  double new_work = 1;
};

FlameTree make_flame_difference(const Profile& base, const Profile& next,
                                const FlameDifferenceOptions& options = {});

// Nodes that the base has and the new profile lacks, without those below another of them; the largest first,
// `most` at the most.
std::vector<std::uint32_t> vanished_nodes(const FlameTree& tree, std::size_t most);

}  // namespace signalbox::profile
