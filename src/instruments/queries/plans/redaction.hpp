#pragma once

#include <string>
#include <string_view>

namespace signalbox::queries {

// The same plan, as JSON or text, without the constants of its statement: in conditions, keys and output they
// become $?, the statement itself is as read_statement has it. Empty where the text is no JSON and no text
// plan.
std::string without_constants_of_plan(std::string_view plan);

}  // namespace signalbox::queries
