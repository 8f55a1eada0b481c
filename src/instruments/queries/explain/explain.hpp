// A plan that is asked for now, without harm: what writes is refused or rolled back, nothing waits long.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/report/report.hpp"
#include "instruments/queries/plans/plan.hpp"
#include "instruments/queries/plans/plan_catalog.hpp"

namespace signalbox::queries {

struct ExplainRequest {
  std::string sql;  // one statement
  enum class How {
    planned,   // as it would be executed, not executed
    executed,  // EXPLAIN ANALYZE
    generic,   // for all values of $1, $2 …; not executed
  } how = How::planned;
  bool may_write = false;                          // executed: also where it writes; it is rolled back
  std::optional<std::vector<std::string>> values;  // of $1, $2 …, as SQL literals
  std::chrono::milliseconds timeout{5'000};
  PlanSurroundings usual;  // of other executions, where they are known
};

struct Explained {
  Plan plan;
  PlanCatalog catalog;
  PlanSurroundings surroundings;
  bool wrote = false;  // and was rolled back
};

// Errors: bad_input for what is no single statement that reads, for a function that may do anything
// (volatile), and for parameters without values, unless the request allows it; unavailable where it takes
// longer than the timeout, or waits for a lock for 200 ms.
Result<Explained> explain(std::string_view dsn, const ExplainRequest& request);

// "[1, \"a\", null]" as SQL literals. bad_input for what is no array of plain values.
Result<std::vector<std::string>> sql_values(std::string_view json);

Report explain_report(const Explained& explained, const ExplainRequest& request);

}  // namespace signalbox::queries
