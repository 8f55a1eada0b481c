// The lines of a text plan, one for each thing that is said, as EXPLAIN had them before they were drawn, cut
// or wrapped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::queries {

struct PlanLine {
  int number = 0;          // in the text that was given, from 1 on
  std::size_t indent = 0;  // columns before its first octet that is no space
  std::string text;        // without the indent
};

// "CTE x", "SubPlan 1", "InitPlan 1 (returns $0)": names the node in the line after it.
bool is_plan_label(std::string_view text);

// Lines that a terminal or a mail broke are put together again: what begins as no line of a plan goes on with
// the one before.
std::vector<PlanLine> plan_lines(std::string_view text);

}  // namespace signalbox::queries
