// Figures over time as files hold them: CSV, JSON, or what Prometheus answers to a range query.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace signalbox::train::judges {

inline constexpr std::size_t kMaxSeriesBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxSeriesColumns = 256;
inline constexpr std::size_t kMaxSeriesCells = 20'000'000;

struct SeriesColumn {
  std::string name;            // "errors_bad"
  std::vector<double> values;  // one for each time; NaN where there is none
};

struct SeriesTable {
  std::vector<Time> times;            // rising
  std::vector<SeriesColumn> columns;  // at least one, no name twice
  const SeriesColumn* find(std::string_view name) const;
};

// CSV: a line of names, the first of them `time`, then a line for each time. JSON: a list of objects, each
// with a `time`. A time is RFC 3339 text or seconds since 1970; a value is a number, or absent: nothing,
// null, NaN. Prometheus' answer: a column for each series, named by its label `metric`, its `__name__`, all
// of its labels, or `value` where it has none. Errors are bad_input and say `name:line:column`.
Result<SeriesTable> read_series(std::string_view octets, std::string_view name);

}  // namespace signalbox::train::judges
