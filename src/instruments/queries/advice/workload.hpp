// What a database is asked, as the advisor of indexes takes it: statements with how often they ran, and a
// plan of each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/queries/kept/kept_plans.hpp"
#include "instruments/queries/kept/kept_statements.hpp"
#include "instruments/queries/plans/plan.hpp"

namespace signalbox::queries {

struct WorkStatement {
  std::string fingerprint;
  std::int64_t query_id = 0;
  std::string sql;  // without constants: $1, $2 …
  std::int64_t calls = 0;
  double total_ms = 0;
  std::optional<Plan> plan;  // the newest one that was kept; without constants
};

struct Workload {
  std::string database;
  std::vector<WorkStatement> statements;  // those that take most time first
  double total_ms = 0;                    // of all statements of the database, also those that are left out
  std::int64_t left_out = 0;              // statements that are hidden, or beyond the limit
};

// Of one database; without a name the one whose statements took most time. not_found where nothing was kept.
Result<Workload> read_workload(store::Database& database, std::int64_t server, const Span& span,
                               std::string_view name, std::size_t most);

}  // namespace signalbox::queries
