// Whether a pile stands: by one way in which each piece hands on what it carries.
#pragma once

#include <vector>

#include "instruments/pack/solve/cargo.hpp"

namespace signalbox::pack {

// From the top down, each piece hands its weight and what lies on it to at most three places on which it
// rests, the nearest to where the sum of these forces acts. True: nothing tips, for these forces are in
// balance. False: this way does not balance, though another may, or there
// are more pieces above the floor than are judged.
bool nothing_tips(const Cargo& cargo, const std::vector<Stowed>& pieces);

}  // namespace signalbox::pack
