// A flame tree with no more nodes than whoever draws it can hold.
#pragma once

#include <cstddef>

#include "instruments/profile/draw/flame_tree.hpp"

namespace signalbox::profile {

// The largest nodes of the tree, `nodes_max` at most (2 at least): the others are one "[smaller than …]"
// below the node that they were below, so that no total changes. A tree that fits stays as it is.
FlameTree limited(FlameTree tree, std::size_t nodes_max);

}  // namespace signalbox::profile
