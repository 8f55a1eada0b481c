// A flame tree as other programs read it.
#pragma once

#include "core/base/json.hpp"
#include "instruments/profile/draw/flame_tree.hpp"

namespace signalbox::profile {

// docs/schemas/profile-flame-v1.json. Names are shown as plain_text shows them.
Json tree_json(const FlameTree& tree);

}  // namespace signalbox::profile
