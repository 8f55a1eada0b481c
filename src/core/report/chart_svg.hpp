// A chart as a figure of HTML: an SVG that needs no script, its legend, and its numbers as a table.
#pragma once

#include <string>
#include <string_view>

#include "core/report/report.hpp"

namespace signalbox::report {

// The rules that the figures need, for the page's style sheet; they use its --soft, --line and --ink.
std::string_view chart_style();

// `id` is unique in its page. The text is readable from 340 pixels of width on.
std::string chart_figure(const Chart& chart, std::string_view id);

}  // namespace signalbox::report
