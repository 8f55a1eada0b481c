// What both readers set: members of a node by the names that FORMAT JSON has for them.
#pragma once

#include <string>
#include <string_view>

#include "instruments/queries/plans/plan.hpp"

namespace signalbox::queries {

// False where the name is none of a number, or of a text, that has a member of its own.
bool set_number(PlanNode& node, std::string_view name, double value);
bool set_text(PlanNode& node, std::string_view name, std::string value);

}  // namespace signalbox::queries
