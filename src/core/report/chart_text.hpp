// A chart for a terminal or a pipe, in braille patterns and block elements.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/report/report.hpp"

namespace signalbox::report {

// Lines of at most `width` columns (0: 80), without colour and without the title. A line chart has a panel
// for each series, all on one scale; a bar chart a row for each bar.
std::vector<std::string> chart_lines(const Chart& chart, std::size_t width);

}  // namespace signalbox::report
