// What a change saves in a year, and when it has paid for itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::pack {

// A figure that is not known better than between two.
struct Range {
  double low = 0;
  double high = 0;

  double middle() const { return (low + high) / 2; }
};
inline constexpr double kLargestFigure = 1e12;
// "1.5", "1.2..1.8"; both `least` or more.
Result<Range> range_from(std::string_view text, double least = -kLargestFigure);

// One thing that could be bought or done. All but `capex` by the year; savings are positive, costs too.
// Shipments, the cost of a pound and capex are 0 or more.
struct Investment {
  std::string name;
  Range shipments;
  Range pounds_saved;  // of each
  Range cost_per_pound;
  Range capex;
  Range material;  // more board, fill, software
  Range labour;    // more; negative: less
};

// Low: all that speaks against it together; high: all that speaks for it. What loses money by the year is
// never paid back, even where it cost nothing.
struct Return {
  Range freight;                       // saved in a year
  Range net;                           // less material and labour
  std::optional<double> payback_low;   // months: at best
  std::optional<double> payback_high;  // at worst; none: never
  std::optional<double> payback;       // by the middles
};
Return return_of(const Investment& investment);

// CSV with the columns name, shipments, pounds_saved, cost_per_pound, capex, material, labour; each but the
// name a number or a range, as 1.2..1.8; the last three are 0 where they are empty.
Result<std::vector<Investment>> read_investments(std::string_view text, std::string_view name);

}  // namespace signalbox::pack
