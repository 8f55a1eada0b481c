#include "core/report/chart_drawing.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/report/chart_axis.hpp"
#include "core/report/escape.hpp"

namespace signalbox::report {

double width_of(std::string_view text) {
  return static_cast<double>(display_width(text)) * kCharacter;
}

std::string cut(std::string_view text, double width) {
  return cut_to_width(printable(text), static_cast<std::size_t>(width / kCharacter));
}

void Drawing::text(double x, double y, Anchor anchor, std::string_view content) {
  constexpr std::string_view kAnchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
  out_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>", x, y, kAnchors[static_cast<int>(anchor)],
                      escape_markup(content));
}

void Drawing::rule(double x1, double y1, double x2, double y2, std::string_view kind) {
  out_ += fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>", kind, x1, y1, x2, y2);
}

void Drawing::bar(double x, double y, double width, double height, std::size_t series,
                  std::string_view says) {
  constexpr double kVisible = 0.5;
  out_ += fmt::format(
      "<rect class=\"s{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\">"
      "<title>{}</title></rect>",
      series, x, y, std::max(width, kVisible), std::max(height, kVisible), escape_markup(says));
}

void Drawing::line(const std::string& path, std::size_t series) {
  out_ += fmt::format("<path class=\"l s{}\" d=\"{}\"/>", series, path);
}

void Drawing::dot(double x, double y, std::size_t series, std::string_view says) {
  out_ +=
      fmt::format("<circle class=\"s{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\"><title>{}</title></circle>",
                  series, x, y, escape_markup(says));
}

std::string saying(const Chart& chart, const Series& series, const Point& point) {
  const std::string value = x_name(chart, point.x) + ": " + number_text(point.y);
  return chart.series.size() > 1 ? series.name + ", " + value : value;
}

}  // namespace signalbox::report
