// The elements of a chart's SVG, and the two ways a chart is laid out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/report/chart_data.hpp"
#include "core/report/report.hpp"

namespace signalbox::report {

// Lengths are in units of the view box: 0.9 pixels on a telephone, 1.36 at the figure's full width.
constexpr double kWidth = 400;
constexpr double kTop = 26;         // room for the first axis' name
constexpr double kTickGap = 16;     // from the plot's floor to the base line of the ticks' text
constexpr double kLine = 16;        // one line of text
constexpr double kCharacter = 6.6;  // the usual width of a character
constexpr int kXTicks = 5;

double width_of(std::string_view text);
std::string cut(std::string_view text, double width);  // as much as fits, safe to show

enum class Anchor { start, middle, end };

// What is drawn so far. Coordinates are rounded to a tenth of a unit; `series` is the index of its colour.
class Drawing {
 public:
  void text(double x, double y, Anchor anchor, std::string_view content);
  void rule(double x1, double y1, double x2, double y2, std::string_view kind);  // "grid" or "axis"
  void bar(double x, double y, double width, double height, std::size_t series, std::string_view says);
  void line(const std::string& path, std::size_t series);
  void dot(double x, double y, std::size_t series, std::string_view says);
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

struct Picture {
  std::string elements;
  double height;
};

// What a bar or a dot says when one points at it.
std::string saying(const Chart& chart, const Series& series, const Point& point);

Picture draw_plot(const Chart& chart);        // y upwards: lines, and bars at numbers
Picture draw_lying_bars(const Chart& chart);  // a row for each category and series: names of any length fit

}  // namespace signalbox::report
