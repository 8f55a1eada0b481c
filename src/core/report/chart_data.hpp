// What of a chart can be drawn, and the same numbers as a table and as a sentence.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/report.hpp"

namespace signalbox::report {

// What is drawn at most; a table has all.
constexpr std::size_t kSeriesMax = 6;
constexpr std::size_t kCategoriesMax = 40;  // of bars with names

struct Point {
  double x;
  double y;
};

using Stretch = std::vector<Point>;  // finite points without a gap between them

// The points of a series, parted where one is no finite number; as many as x and y both have.
std::vector<Stretch> stretches_of(const Series& series);

// `stretch` with at most four points for each of `columns` columns of equal width: the first, lowest, highest
// and last there, so that no spike is lost. U. Jugel et al., "M4", VLDB 2014. `stretch` is in the order of x.
Stretch thin(const Stretch& stretch, std::size_t columns);

// The series that are drawn.
std::size_t drawn_series(const Chart& chart);

// The smallest and the largest of what is drawn; both 0 where nothing is.
struct Extent {
  double low = 0;
  double high = 0;
};
enum class Zero { as_it_is, included };
Extent extent_of(const Chart& chart, double Point::*coordinate, Zero zero);

// The name of an x: its category, or the number.
std::string x_name(const Chart& chart, double x);

// What stands beside the y axis: its label, or the name of the only series.
std::string y_name(const Chart& chart);

// A row for each x, a column for each series. Of more than `rows_max` rows one in n is kept; the title says
// so, and is empty otherwise.
Table numbers_of(const Chart& chart, std::size_t rows_max);

// "Line chart of 2 series, x from 0 to 12. p50: 3 to 9, last 4. p99: …", for who cannot see it.
std::string description_of(const Chart& chart);

bool has_points(const Chart& chart);  // anything that can be drawn

// "the first 6 of 8 series are drawn"; empty where everything is.
std::string left_out(const Chart& chart);

}  // namespace signalbox::report
