// When samples were taken, as a picture of many equal stretches of time beside one another: what happens once
// a second, or for a tenth of one, is seen as a row or a column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

inline constexpr std::size_t kHeatColumnsMax = 1'200;
inline constexpr std::size_t kHeatRowsMax = 100;

struct HeatMapOptions {
  std::int64_t column_ns = 0;  // length of time of a column; 0: one second, of short profiles less
  std::size_t rows = 50;       // that a column has
};

// `counts` has `rows` of the first column, the earliest part of it first, then those of the second. Columns
// are longer than was asked for where there would be more than kHeatColumnsMax.
struct HeatMap {
  std::int64_t column_ns = 0;
  std::size_t rows = 0;
  std::size_t columns = 0;  // 0: no sample has a time
  std::vector<std::int64_t> counts;
  std::int64_t most = 0;     // in one cell
  std::int64_t samples = 0;  // that have a time
  std::int64_t untimed = 0;  // that have none
};

HeatMap heat_map(const Profile& profile, const HeatMapOptions& options = {});

}  // namespace signalbox::profile
