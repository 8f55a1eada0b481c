// What readers of CSV and JSON have in common: words, and what must be true of an order and of a box.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "instruments/pack/model/order.hpp"

namespace signalbox::pack {

// "any" or empty: all six; "up" or "this_side_up": the height stays up; "none" or "as_measured"; or which
// sides may be the height, as "lwh", "wh".
Result<TurnSet> turns_from(std::string_view word);

// A price of a box, "1.25": at most 6 places, in millionths.
Result<std::int64_t> cost_from(std::string_view word);

// Limits of an order: kMaxTypes, kMaxUnits, kMaxOrderMass.
Status check_order(const Order& order);

// What is wrong with a box, and in which column that stands.
struct BoxFault {
  std::string column;
  Error why;
};
tl::expected<void, BoxFault> check_box(const Box& box);

}  // namespace signalbox::pack
