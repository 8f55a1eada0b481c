#include "instruments/profile/analysis/heat_map.hpp"

#include <algorithm>
#include <limits>

#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {
namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;
constexpr std::int64_t kShort_ns = 10 * kSecond_ns;
constexpr std::int64_t kShortColumn_ns = kSecond_ns / 10;

// The end of the last sample, not of the profile: a clock that went on is no picture.
std::int64_t end_of(const Profile& profile) {
  std::int64_t end = 0;
  for (const Sample& sample : profile.samples) end = std::max(end, sample.time_ns);
  return end;
}

std::int64_t column_length(std::int64_t wanted, std::int64_t end, std::size_t rows) {
  std::int64_t length = wanted > 0 ? wanted : end < kShort_ns ? kShortColumn_ns : kSecond_ns;
  length = std::max<std::int64_t>(length, static_cast<std::int64_t>(rows));
  const std::int64_t columns = end / length + 1;
  const std::int64_t together = (columns - 1) / static_cast<std::int64_t>(kHeatColumnsMax) + 1;
  return length * together;
}

// Exact: a time at the edge of two rows is of the later one.
std::size_t row_of(std::int64_t within, std::int64_t column, std::size_t count) {
  const auto rows = static_cast<std::int64_t>(count);
  const bool fits = column <= std::numeric_limits<std::int64_t>::max() / rows;
  const std::int64_t row = fits ? within * rows / column : within / (column / rows);
  return static_cast<std::size_t>(std::min(row, rows - 1));
}

}  // namespace

HeatMap heat_map(const Profile& profile, const HeatMapOptions& options) {
  const std::size_t column = find_value(profile, "samples");
  const bool counts = column < profile.value_types.size() && profile.value_types[column].unit == "count";
  HeatMap out;
  out.rows = std::clamp<std::size_t>(options.rows, 1, kHeatRowsMax);
  const std::int64_t end = end_of(profile);
  out.column_ns = column_length(std::min(options.column_ns, end + 1), end, out.rows);
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    const std::int64_t count =
        counts ? std::max<std::int64_t>(profile.values_of(i)[column], 0) : std::int64_t{1};
    const std::int64_t time = profile.samples[i].time_ns;
    std::int64_t& sum = time < 0 ? out.untimed : out.samples;
    sum = saturating_sum(sum, count);
    if (time < 0) continue;
    if (out.columns == 0) {
      out.columns = static_cast<std::size_t>(end / out.column_ns) + 1;
      out.counts.assign(out.columns * out.rows, 0);
    }
    const std::size_t row = row_of(time % out.column_ns, out.column_ns, out.rows);
    std::int64_t& cell = out.counts[static_cast<std::size_t>(time / out.column_ns) * out.rows + row];
    cell = saturating_sum(cell, count);
    out.most = std::max(out.most, cell);
  }
  return out;
}

}  // namespace signalbox::profile
