// What a line or an instruction costs, as reports and the API tell it.
#pragma once

#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/report/report.hpp"
#include "instruments/profile/analysis/line_costs.hpp"

namespace signalbox::profile {

Json text_or_null(std::string_view text);  // plain; null: it is empty
Json cost_json(const MeasuredCost& cost);
// Itself, its share and interval, then the same with what it calls; six empty cells where it costs nothing,
// or for nullptr.
std::vector<Cell> cost_cells(const MeasuredCost* cost, std::string_view unit);
std::vector<Column> cost_columns();
// "700 ms of 1.00 s cpu by itself (70.0 %), 1.00 s with what it calls (100.0 %)"
std::string cost_summary(const MeasuredCost& whole, std::int64_t total, const ValueType& value);

}  // namespace signalbox::profile
