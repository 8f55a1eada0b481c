// What lies on each piece of a half-filled box.
#pragma once

#include <vector>

#include "instruments/pack/solve/cargo.hpp"

namespace signalbox::pack {

// Whether no piece carries more than it may: its load and weight are handed down by the areas of contact.
bool loads_are_borne(const Cargo& cargo, const std::vector<Stowed>& pieces);

}  // namespace signalbox::pack
