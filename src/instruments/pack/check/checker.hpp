// The judge of every plan. It shares no code with what makes plans (solve/, choose/): its geometry is its
// own, a sweep along the length of the box.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "instruments/pack/model/plan.hpp"

namespace signalbox::pack {

// One way in which a plan is wrong.
struct Violation {
  enum class Kind {
    missing,      // a unit of the order is nowhere
    surplus,      // a unit that the order does not have
    box,          // no such box, or more of it than there are
    outside,      // beyond the inside of its box
    turn,         // stands in a way it may not, or its size is not its own
    overlap,      // two things in one place
    support,      // too little of its underside rests on what was put there before
    weight,       // the box weighs more than it may
    load,         // more lies on a thing than may
    bottom,       // has to stand on the floor
    count,        // more of a SKU in a box than may
    unreachable,  // something that was put there before lies above it
    packaging,    // a thing for returnable boxes alone is in one that is not
    source,       // things that two ship are in one box, or one in a box that is elsewhere
    blocked,      // something of a later stop lies on it, or between it and the rear
    axle,         // more rests on a trailer's kingpin or axles than may
  };
  Kind kind = Kind::missing;
  std::size_t package = 0;    // index into the plan
  std::size_t placement = 0;  // index into the package; what concerns none has 0
  std::string message;        // "package 2: 'ABC' and 'DEF' overlap by 3 x 40 x 20 mm"
};
std::string_view name_of(Violation::Kind kind);

// Everything that is wrong with a plan, at most `kMaxViolations`; empty: it is valid.
//
// Support: of each thing that does not stand on the floor at least `support.percent` of its underside rests
// on tops of things that were put there before; by the rule of corners its four corners do; by that of
// balance its middle is between places where it does, and the whole pile is held by forces that only push,
// straight up and down (weights act in the middle, nothing sticks or rubs). Load: what a thing carries is its
// own load and weight, shared among what it rests on by the areas of contact; things that no_stack is said of
// carry nothing.
inline constexpr std::size_t kMaxViolations = 100;
std::vector<Violation> check_plan(const Order& order, std::span<const Box> boxes, const Plan& plan,
                                  Support support);

}  // namespace signalbox::pack
