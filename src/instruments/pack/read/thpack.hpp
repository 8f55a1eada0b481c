// Container loading problems as Bischoff and Ratcliff's thpack files have them (OR-Library; BR0 to BR15):
// the number of problems, then for each its number and seed (of Loh and Nee's the number alone), the
// container's sides, the number of types, and for each type `i l fl w fw h fh quantity`, where a flag says
// whether that side may stand upright.
#pragma once

#include <string_view>
#include <vector>

#include "instruments/pack/model/order.hpp"

namespace signalbox::pack {

struct LoadingProblem {
  Order order;  // its id is the problem's number
  Box container;
};

// The format says no unit: `unit` does. Errors: bad_input, `name:line: …`.
Result<std::vector<LoadingProblem>> read_thpack(std::string_view text, std::string_view name,
                                                LengthUnit unit);

}  // namespace signalbox::pack
