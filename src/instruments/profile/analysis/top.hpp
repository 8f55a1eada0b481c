// Where the time goes: functions or lines by what they cost, each with how sure that is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/profile/analysis/function_costs.hpp"
#include "instruments/profile/analysis/function_identity.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// What a row of the table is.
enum class TopBy { function, line };
// What the rows are ordered by.
enum class TopOrder { self, cumulative };

struct TopOptions {
  std::size_t value = 0;  // column of the shares and of the order
  TopBy by = TopBy::function;
  TopOrder order = TopOrder::self;
};

// The column that `name` means ("cpu"), or the profile's default. bad_input that names those that are there.
Result<std::size_t> value_column(const Profile& profile, const std::optional<std::string>& name);

struct TopRow {
  FunctionIdentity function;
  std::string file;  // TopBy::line alone; empty: unknown
  std::int32_t line = 0;
  std::vector<std::int64_t> self;  // of each column
  std::vector<std::int64_t> cumulative;
  ShareEstimate self_share;  // of the chosen column
  ShareEstimate cumulative_share;
};

// Every function that the samples hold. What the profile says of itself ("[lost]", "[truncated: …]") are rows
// too: the self costs of all rows add up to the totals.
struct Top {
  std::vector<ValueType> value_types;
  std::size_t value = 0;
  TopBy by = TopBy::function;
  TopOrder order = TopOrder::self;
  std::vector<std::int64_t> totals;  // of each column
  double observations = 0;           // of the chosen column
  std::size_t blocks = 0;            // of time, that the design effects rest on; 0: no times
  std::int64_t duration_ns = 0;
  std::vector<TopRow> rows;
};

Top top(const Profile& profile, const TopOptions& options);

// `rows_max`: drawn, the rest as a count; `data` holds all of them.
Report top_report(const Top& top, std::string_view name, std::size_t rows_max);

}  // namespace signalbox::profile
