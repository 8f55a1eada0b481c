#include "core/report/chart_text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/report/chart_axis.hpp"
#include "core/report/chart_data.hpp"

namespace signalbox::report {
namespace {

constexpr std::size_t kUsualWidth = 80;
constexpr std::size_t kLeastWidth = 40;
constexpr std::size_t kPlotColumnsMin = 3;
constexpr std::size_t kPlotColumnsMax = 72;
constexpr std::size_t kNameColumnsMax = 28;  // and no more than a quarter of the width
constexpr std::size_t kLoneRows = 8;         // of the panel of an only series
constexpr std::size_t kPanelRows = 4;        // of each of several
constexpr int kTicks = 6;
constexpr std::string_view kIndent = "  ";

std::string utf8(char32_t code) {  // of the Basic Multilingual Plane, from U+0800 on
  return {static_cast<char>(0xE0 | (code >> 12)), static_cast<char>(0x80 | ((code >> 6) & 0x3F)),
          static_cast<char>(0x80 | (code & 0x3F))};
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string shown(std::string_view text) {
  std::string out = printable(text);
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

std::string padded(const std::string& text, std::size_t columns) {
  return text + std::string(columns - std::min(columns, display_width(text)), ' ');
}

// Dots, two across and four down in each cell (Unicode, Braille Patterns).
class Canvas {
 public:
  Canvas(std::size_t columns, std::size_t rows) : columns_(columns), rows_(rows), cells_(columns * rows) {}

  // From (x0, y0) to (x1, y1), each from 0 to 1, y upwards: Bresenham's line between the two dots.
  void line(double x0, double y0, double x1, double y1) {
    int x = dot(x0, columns_ * 2);
    int y = dot(1 - y0, rows_ * 4);
    const int end_x = dot(x1, columns_ * 2);
    const int end_y = dot(1 - y1, rows_ * 4);
    const int dx = std::abs(end_x - x);
    const int dy = -std::abs(end_y - y);
    int error = dx + dy;
    for (;;) {
      set(static_cast<std::size_t>(x), static_cast<std::size_t>(y));
      if (x == end_x && y == end_y) return;
      const int twice = 2 * error;
      if (twice >= dy) {
        error += dy;
        x += x < end_x ? 1 : -1;
      }
      if (twice <= dx) {
        error += dx;
        y += y < end_y ? 1 : -1;
      }
    }
  }

  std::string row(std::size_t index) const {
    constexpr char32_t kEmptyPattern = 0x2800;
    std::string out;
    for (std::size_t i = 0; i < columns_; ++i) {
      const unsigned cell = cells_[index * columns_ + i];
      out += cell == 0 ? " " : utf8(kEmptyPattern + cell);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
  }

 private:
  static int dot(double part, std::size_t dots) {
    return static_cast<int>(std::lround(std::clamp(part, 0.0, 1.0) * static_cast<double>(dots - 1)));
  }

  void set(std::size_t x, std::size_t y) {
    constexpr unsigned kDots[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    cells_[(y / 4) * columns_ + x / 2] |= kDots[y % 4][x % 2];
  }

  std::size_t columns_;
  std::size_t rows_;
  std::vector<unsigned> cells_;
};

// `left` and `right` at the ends of `columns`, `middle` between them where there is room.
std::string spread(std::string left, const std::string& middle, std::string right, std::size_t columns) {
  left = cut_to_width(left, columns / 2);
  right = cut_to_width(right, columns / 2 - 1);
  const std::size_t taken = display_width(left) + display_width(right);
  const std::size_t room = columns - taken;
  if (middle.empty() || display_width(middle) + 2 > room) return left + std::string(room, ' ') + right;
  const std::size_t before = (room - display_width(middle)) / 2;
  return left + std::string(before, ' ') + middle + std::string(room - before - display_width(middle), ' ') +
         right;
}

std::vector<std::string> line_chart(const Chart& chart, std::size_t width) {
  const Extent y = extent_of(chart, &Point::y, Zero::as_it_is);
  const Extent x = extent_of(chart, &Point::x, Zero::as_it_is);
  const Axis y_axis = nice_axis(y.low, y.high, kTicks, Ends::rounded);
  const Axis x_axis = nice_axis(x.low, x.high, kTicks, Ends::exact);
  const std::string high = tick_text(y_axis.high, y_axis);
  const std::string low = tick_text(y_axis.low, y_axis);
  const std::size_t labels = std::max(high.size(), low.size());
  const std::size_t used = kIndent.size() + labels + 2;
  const std::size_t columns = std::clamp(width > used ? width - used : 0, kPlotColumnsMin, kPlotColumnsMax);
  const std::size_t rows = chart.series.size() == 1 ? kLoneRows : kPanelRows;
  const auto label = [&](const std::string& text) { return fmt::format("{}{:>{}} ", kIndent, text, labels); };

  std::vector<std::string> out;
  if (const std::string name = y_name(chart); !name.empty())
    out.push_back(std::string(kIndent) + cut_to_width(shown(name), width - kIndent.size()));
  for (std::size_t s = 0; s < drawn_series(chart); ++s) {
    const Series& series = chart.series[s];
    Canvas canvas(columns, rows);
    for (const Stretch& stretch : stretches_of(series)) {
      for (std::size_t i = 0; i < stretch.size(); ++i) {
        const Point& before = stretch[i == 0 ? 0 : i - 1];
        canvas.line(x_axis.at(before.x), y_axis.at(before.y), x_axis.at(stretch[i].x),
                    y_axis.at(stretch[i].y));
      }
    }
    if (chart.series.size() > 1) out.push_back(label("") + " " + cut_to_width(shown(series.name), columns));
    for (std::size_t row = 0; row < rows; ++row)
      out.push_back(label(row == 0 ? high : row + 1 == rows ? low : "") + "│" + canvas.row(row));
  }
  out.push_back(label("") + "└" + repeated("─", columns));
  out.push_back(
      label("") + " " +
      spread(shown(x_name(chart, x.low)), shown(chart.x_label), shown(x_name(chart, x.high)), columns));
  return out;
}

// A bar from zero to `value`, in eighths of a column to the right and halves to the left.
std::string bar(double value, const Axis& axis, std::size_t columns) {
  const double zero = axis.at(0) * static_cast<double>(columns);
  const double end = axis.at(value) * static_cast<double>(columns);
  const auto origin = static_cast<std::size_t>(std::lround(zero));
  if (value < 0) {
    const auto halves = static_cast<std::size_t>(std::lround((static_cast<double>(origin) - end) * 2));
    const std::size_t whole = std::min(halves / 2, origin);
    const bool half = halves % 2 == 1 && whole < origin;
    return std::string(origin - whole - (half ? 1 : 0), ' ') + (half ? "▐" : "") + repeated("█", whole);
  }
  constexpr char32_t kFullBlock = 0x2588;  // the seven that follow are narrower by an eighth each
  const auto eighths =
      static_cast<std::size_t>(std::lround(std::max(0.0, end - static_cast<double>(origin)) * 8));
  std::string out(origin, ' ');
  out += repeated("█", eighths / 8);
  if (eighths % 8 > 0) out += utf8(kFullBlock + static_cast<char32_t>(8 - eighths % 8));
  return out;
}

struct Bar {
  std::string name;    // of its category; empty after the first of several series
  std::string series;  // empty where there is one
  double value;
};

std::vector<Bar> bars_of(const Chart& chart) {
  struct Place {
    double x;
    std::size_t series;
    double y;
  };
  std::vector<Place> places;
  for (std::size_t s = 0; s < drawn_series(chart); ++s) {
    for (const Stretch& stretch : stretches_of(chart.series[s])) {
      for (const Point& point : stretch) places.push_back({point.x, s, point.y});
    }
  }
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.x < b.x; });
  std::vector<Bar> out;
  std::size_t categories = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const bool another = i == 0 || places[i].x != places[i - 1].x;
    if (another && ++categories > kCategoriesMax) break;
    out.push_back({another ? shown(x_name(chart, places[i].x)) : "",
                   chart.series.size() > 1 ? shown(chart.series[places[i].series].name) : "", places[i].y});
  }
  return out;
}

std::vector<std::string> bar_chart(const Chart& chart, std::size_t width) {
  const std::vector<Bar> bars = bars_of(chart);
  const std::size_t name_max = std::min(kNameColumnsMax, width / 4);
  std::size_t name = 0;
  std::size_t series = 0;
  std::size_t value = 0;
  for (const Bar& each : bars) {
    name = std::max(name, std::min(name_max, display_width(each.name)));
    series = std::max(series, std::min(name_max, display_width(each.series)));
    value = std::max(value, number_text(each.value).size());
  }
  const std::size_t used = kIndent.size() + name + 2 + (series > 0 ? series + 2 : 0) + value + 1;
  const std::size_t columns = std::clamp(width > used ? width - used : 0, kPlotColumnsMin, kPlotColumnsMax);
  const Extent extent = extent_of(chart, &Point::y, Zero::included);
  Axis axis;  // exact, because each bar says its value
  axis.low = extent.low;
  axis.high = extent.high > extent.low ? extent.high : extent.low + 1;

  std::vector<std::string> out;
  std::string heading = shown(y_name(chart));
  if (!chart.x_label.empty()) heading += (heading.empty() ? "by " : " by ") + shown(chart.x_label);
  if (!heading.empty()) out.push_back(std::string(kIndent) + cut_to_width(heading, width - kIndent.size()));
  for (const Bar& each : bars) {
    std::string line = std::string(kIndent) + padded(cut_to_width(each.name, name_max), name + 2);
    if (series > 0) line += padded(cut_to_width(each.series, name_max), series + 2);
    out.push_back(line + bar(each.value, axis, columns) + " " + number_text(each.value));
  }
  return out;
}

}  // namespace

std::vector<std::string> chart_lines(const Chart& chart, std::size_t width) {
  if (!has_points(chart)) return {std::string(kIndent) + "no values"};
  width = width == 0 ? kUsualWidth : std::max(width, kLeastWidth);
  std::vector<std::string> out =
      chart.kind == Chart::Kind::bar ? bar_chart(chart, width) : line_chart(chart, width);
  if (const std::string missing = left_out(chart); !missing.empty())
    out.push_back(std::string(kIndent) + missing);
  return out;
}

}  // namespace signalbox::report
