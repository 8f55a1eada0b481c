#include <algorithm>

#include "core/base/text.hpp"
#include "core/report/chart_axis.hpp"
#include "core/report/chart_drawing.hpp"

namespace signalbox::report {
namespace {

constexpr double kBar = 14;           // height of a bar
constexpr double kBarGap = 8;         // between two categories
constexpr double kBarLabelMax = 130;  // width of the categories' names
constexpr double kValueRoom = 44;     // right of a bar, for its value

}  // namespace

Picture draw_lying_bars(const Chart& chart) {
  const std::size_t categories = std::min(chart.categories.size(), kCategoriesMax);
  double labels = 0;
  for (std::size_t i = 0; i < categories; ++i)
    labels = std::max(labels, std::min(kBarLabelMax, width_of(printable(chart.categories[i]))));
  const double left = labels + 8;
  const double right = kWidth - kValueRoom;
  const Extent extent = extent_of(chart, &Point::y, Zero::included);
  const Axis axis = nice_axis(extent.low, extent.high, kXTicks, Ends::rounded);
  const auto column = [&](double value) { return left + axis.at(value) * (right - left); };
  const std::size_t series = drawn_series(chart);
  const double group = kBar * static_cast<double>(series) + kBarGap;
  const double floor = kTop + group * static_cast<double>(categories);

  Drawing drawing;
  drawing.text(0, 12, Anchor::start, cut(chart.x_label, kWidth));
  for (const double tick : axis.ticks) {
    drawing.rule(column(tick), kTop, column(tick), floor, "grid");
    drawing.text(column(tick), floor + kTickGap, Anchor::middle, tick_text(tick, axis));
  }
  for (std::size_t i = 0; i < categories; ++i) {
    const double middle = kTop + group * (static_cast<double>(i) + 0.5);
    drawing.text(left - 6, middle + 4, Anchor::end, cut(chart.categories[i], kBarLabelMax));
  }
  for (std::size_t s = 0; s < series; ++s) {
    for (const Stretch& stretch : stretches_of(chart.series[s])) {
      for (const Point& point : stretch) {
        if (point.x < 0 || point.x >= static_cast<double>(categories)) continue;
        const double top = kTop + group * point.x + kBarGap / 2 + kBar * static_cast<double>(s);
        const double from = column(std::min(point.y, 0.0));
        const double to = column(std::max(point.y, 0.0));
        drawing.bar(from, top + 1, to - from, kBar - 2, s, saying(chart, chart.series[s], point));
        drawing.text(to + 4, top + kBar - 3, Anchor::start, number_text(point.y));
      }
    }
  }
  drawing.rule(column(0), kTop, column(0), floor, "axis");
  double height = floor + kTickGap + 6;
  const std::string value_name = y_name(chart);
  if (!value_name.empty()) {
    drawing.text((left + right) / 2, floor + kTickGap + kLine, Anchor::middle,
                 cut(value_name, kWidth - left));
    height += kLine;
  }
  return {drawing.take(), height};
}

}  // namespace signalbox::report
