#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/report/chart_axis.hpp"
#include "core/report/chart_drawing.hpp"

namespace signalbox::report {
namespace {

constexpr double kPlotHeight = 180;
constexpr double kRight = 14;  // room for half of the last tick's text
constexpr int kYTicks = 6;
constexpr std::size_t kDotsMax = 40;  // a line with more points than this has no dots

// One plot while it is drawn.
class Plot {
 public:
  explicit Plot(const Chart& chart) : chart_(chart) {
    const bool bars = chart.kind == Chart::Kind::bar;
    const Extent y = extent_of(chart, &Point::y, bars ? Zero::included : Zero::as_it_is);
    y_ = nice_axis(y.low, y.high, kYTicks, Ends::rounded);
    Extent x = extent_of(chart, &Point::x, Zero::as_it_is);
    if (bars) {
      pitch_ = narrowest_gap();
      x = {x.low - pitch_ / 2, x.high + pitch_ / 2};
    }
    x_ = nice_axis(x.low, x.high, kXTicks, Ends::exact);
    double labels = 0;
    for (const double tick : y_.ticks) labels = std::max(labels, width_of(tick_text(tick, y_)));
    left_ = labels + 8;
  }

  Picture draw() {
    y_axis();
    x_axis();
    for (std::size_t i = 0; i < drawn_series(chart_); ++i) {
      if (chart_.kind == Chart::Kind::bar) {
        bars(i);
      } else {
        lines(i);
      }
    }
    const double floor = kTop + kPlotHeight;
    const double zero = row(std::clamp(0.0, y_.low, y_.high));
    drawing_.rule(left_, zero, kWidth - kRight, zero, "axis");
    const bool named = !chart_.x_label.empty();
    if (named)
      drawing_.text((left_ + kWidth - kRight) / 2, floor + kTickGap + kLine, Anchor::middle,
                    cut(chart_.x_label, kWidth - kRight - left_));
    return {drawing_.take(), floor + kTickGap + (named ? kLine : 0) + 6};
  }

 private:
  double column(double x) const { return left_ + x_.at(x) * (kWidth - kRight - left_); }
  double row(double y) const { return kTop + (1 - y_.at(y)) * kPlotHeight; }

  // The distance between the two nearest bars; 1 where there is one.
  double narrowest_gap() const {
    std::vector<double> places;
    for (const Series& series : chart_.series) {
      for (const Stretch& stretch : stretches_of(series)) {
        for (const Point& point : stretch) places.push_back(point.x);
      }
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    double gap = 0;
    for (std::size_t i = 1; i < places.size(); ++i) {
      const double here = places[i] - places[i - 1];
      if (gap == 0 || here < gap) gap = here;
    }
    return gap == 0 ? 1 : gap;
  }

  void y_axis() {
    drawing_.text(0, 12, Anchor::start, cut(y_name(chart_), kWidth));
    for (const double tick : y_.ticks) {
      drawing_.rule(left_, row(tick), kWidth - kRight, row(tick), "grid");
      drawing_.text(left_ - 6, row(tick) + 4, Anchor::end, tick_text(tick, y_));
    }
  }

  void x_axis() {
    const double base = kTop + kPlotHeight + kTickGap;
    double taken = -kWidth;  // up to where text stands already
    const auto label = [&](double x, const std::string& text) {
      const double half = width_of(text) / 2;
      const double middle = std::clamp(column(x), half, kWidth - half);
      if (middle - half < taken + kCharacter) return;
      drawing_.text(middle, base, Anchor::middle, text);
      taken = middle + half;
    };
    if (chart_.categories.empty()) {
      for (const double tick : x_.ticks) label(tick, tick_text(tick, x_));
      return;
    }
    const auto every =
        static_cast<std::size_t>(std::ceil(static_cast<double>(chart_.categories.size()) / kXTicks));
    for (std::size_t i = 0; i < chart_.categories.size(); i += std::max<std::size_t>(every, 1)) {
      const auto x = static_cast<double>(i);
      if (x >= x_.low && x <= x_.high) label(x, cut(chart_.categories[i], kWidth / kXTicks));
    }
  }

  void bars(std::size_t index) {
    const double room = column(pitch_) - column(0);
    const double width = room * 0.8 / static_cast<double>(drawn_series(chart_));
    for (const Stretch& stretch : stretches_of(chart_.series[index])) {
      for (const Point& point : stretch) {
        const double left = column(point.x) - room * 0.4 + width * static_cast<double>(index);
        const double top = row(std::max(point.y, 0.0));
        drawing_.bar(left, top, width, row(std::min(point.y, 0.0)) - top, index,
                     saying(chart_, chart_.series[index], point));
      }
    }
  }

  void lines(std::size_t index) {
    const Series& series = chart_.series[index];
    const std::vector<Stretch> stretches = stretches_of(series);
    std::size_t points = 0;
    for (const Stretch& stretch : stretches) points += stretch.size();
    std::string path;
    for (const Stretch& stretch : stretches) {
      char move = 'M';
      for (const Point& point : thin(stretch, static_cast<std::size_t>(kWidth))) {
        path += fmt::format("{}{:.1f} {:.1f}", move, column(point.x), row(point.y));
        move = 'L';
      }
    }
    if (!path.empty()) drawing_.line(path, index);
    for (const Stretch& stretch : stretches) {
      if (points > kDotsMax && stretch.size() > 1) continue;  // a point alone has no line to be seen by
      for (const Point& point : stretch)
        drawing_.dot(column(point.x), row(point.y), index, saying(chart_, series, point));
    }
  }

  const Chart& chart_;
  Axis x_;
  Axis y_;
  double left_ = 0;
  double pitch_ = 1;  // of bars, in units of x
  Drawing drawing_;
};

}  // namespace

Picture draw_plot(const Chart& chart) {
  return Plot(chart).draw();
}

}  // namespace signalbox::report
