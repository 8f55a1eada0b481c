// EXPLAIN's output, in each of its four formats, as a plan.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "instruments/queries/plans/plan.hpp"

namespace signalbox::queries {

// Nodes one within another, at most: JSON is read by recursion.
inline constexpr std::size_t kMaxPlanDepth = 1'500;
inline constexpr std::size_t kMaxPlanNodes = 20'000;

// Any text that EXPLAIN was printed as: FORMAT JSON (an array of one, or auto_explain's object), YAML, XML or
// TEXT, also in the frames that psql draws around it, with lines that a terminal or a mail broke. Errors:
// bad_input with the line or the JSON path.
Result<Plan> read_plan(std::string_view text);

Result<Plan> read_json_plan(std::string_view text);
Result<Plan> read_text_plan(std::string_view text);
// The text within psql's frame, header and "(9 rows)", where it has them.
std::string without_frame(std::string_view text);

}  // namespace signalbox::queries
