#include "core/report/chart_data.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/report/chart_axis.hpp"

namespace signalbox::report {
namespace {

std::size_t length_of(const Series& series) {
  return std::min(series.x.size(), series.y.size());
}

// The y values that are numbers, in their order.
std::vector<double> values_of(const Series& series) {
  std::vector<double> out;
  for (const Stretch& stretch : stretches_of(series)) {
    for (const Point& point : stretch) out.push_back(point.y);
  }
  return out;
}

}  // namespace

std::vector<Stretch> stretches_of(const Series& series) {
  std::vector<Stretch> out;
  bool open = false;
  for (std::size_t i = 0; i < length_of(series); ++i) {
    const bool drawable = std::isfinite(series.x[i]) && std::isfinite(series.y[i]);
    if (drawable && !open) out.emplace_back();
    if (drawable) out.back().push_back({series.x[i], series.y[i]});
    open = drawable;
  }
  return out;
}

Stretch thin(const Stretch& stretch, std::size_t columns) {
  constexpr std::size_t kKept = 4;
  if (stretch.size() <= kKept * columns) return stretch;
  const double low = stretch.front().x;
  const double width = (stretch.back().x - low) / static_cast<double>(columns);
  const auto column_of = [&](const Point& point) {
    return width > 0 ? std::floor((point.x - low) / width) : 0;
  };
  Stretch out;
  for (std::size_t first = 0; first < stretch.size();) {
    std::size_t last = first;
    std::size_t lowest = first;
    std::size_t highest = first;
    const double column = column_of(stretch[first]);
    for (std::size_t i = first; i < stretch.size() && column_of(stretch[i]) == column; ++i) {
      last = i;
      if (stretch[i].y < stretch[lowest].y) lowest = i;
      if (stretch[i].y > stretch[highest].y) highest = i;
    }
    std::size_t kept[] = {first, lowest, highest, last};
    std::sort(std::begin(kept), std::end(kept));
    const auto* const end = std::unique(std::begin(kept), std::end(kept));
    for (const auto* i = std::begin(kept); i != end; ++i) out.push_back(stretch[*i]);
    first = last + 1;
  }
  return out;
}

std::size_t drawn_series(const Chart& chart) {
  return std::min(chart.series.size(), kSeriesMax);
}

Extent extent_of(const Chart& chart, double Point::*coordinate, Zero zero) {
  std::optional<Extent> out;
  if (zero == Zero::included) out = Extent{};
  for (std::size_t i = 0; i < drawn_series(chart); ++i) {
    for (const Stretch& stretch : stretches_of(chart.series[i])) {
      for (const Point& point : stretch) {
        const double value = point.*coordinate;
        if (!out) out = Extent{value, value};
        out->low = std::min(out->low, value);
        out->high = std::max(out->high, value);
      }
    }
  }
  return out.value_or(Extent{});
}

std::string x_name(const Chart& chart, double x) {
  const bool whole = x >= 0 && x < static_cast<double>(chart.categories.size()) && x == std::floor(x);
  return whole ? chart.categories[static_cast<std::size_t>(x)] : number_text(x);
}

std::string y_name(const Chart& chart) {
  if (!chart.y_label.empty() || chart.series.size() != 1) return chart.y_label;
  return chart.series.front().name;
}

Table numbers_of(const Chart& chart, std::size_t rows_max) {
  std::map<double, std::vector<double>> rows;
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    const Series& series = chart.series[s];
    for (std::size_t i = 0; i < length_of(series); ++i) {
      if (std::isnan(series.x[i])) continue;
      auto& row = rows.try_emplace(series.x[i], chart.series.size(), std::nan("")).first->second;
      row[s] = series.y[i];
    }
  }
  const bool named = !chart.categories.empty();
  Table table;
  table.columns.push_back({chart.x_label.empty() ? (named ? "" : "x") : chart.x_label,
                           named ? Column::Align::left : Column::Align::right});
  for (const Series& series : chart.series)
    table.columns.push_back({series.name.empty() ? y_name(chart) : series.name, Column::Align::right});
  const std::size_t every = rows.empty() ? 1 : (rows.size() + rows_max - 1) / rows_max;
  if (every > 1) table.title = fmt::format("1 in {} of {} points", every, rows.size());
  std::size_t index = 0;
  for (const auto& [x, values] : rows) {
    if (index++ % every != 0) continue;
    std::vector<Cell> cells{Cell(x_name(chart, x))};
    for (const double y : values) cells.emplace_back(std::isnan(y) ? std::string() : number_text(y));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

std::string description_of(const Chart& chart) {
  const Extent x = extent_of(chart, &Point::x, Zero::as_it_is);
  std::string out =
      fmt::format("{} chart of {} series, {} from {} to {}.", chart.kind == Chart::Kind::bar ? "Bar" : "Line",
                  chart.series.size(), chart.x_label.empty() ? "x" : chart.x_label, x_name(chart, x.low),
                  x_name(chart, x.high));
  for (std::size_t i = 0; i < drawn_series(chart); ++i) {
    const std::vector<double> values = values_of(chart.series[i]);
    const std::string name = chart.series[i].name.empty() ? y_name(chart) : chart.series[i].name;
    if (values.empty()) {
      out += fmt::format(" {}: no values.", name);
      continue;
    }
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    out += fmt::format(" {}: {} to {}, last {}.", name, number_text(*low), number_text(*high),
                       number_text(values.back()));
  }
  return out;
}

bool has_points(const Chart& chart) {
  for (std::size_t i = 0; i < drawn_series(chart); ++i) {
    if (!stretches_of(chart.series[i]).empty()) return true;
  }
  return false;
}

std::string left_out(const Chart& chart) {
  std::vector<std::string> parts;
  if (chart.series.size() > kSeriesMax)
    parts.push_back(fmt::format("the first {} of {} series are drawn", kSeriesMax, chart.series.size()));
  if (chart.kind == Chart::Kind::bar && chart.categories.size() > kCategoriesMax)
    parts.push_back(
        fmt::format("the first {} of {} bars are drawn", kCategoriesMax, chart.categories.size()));
  return join(parts, "; ");
}

}  // namespace signalbox::report
