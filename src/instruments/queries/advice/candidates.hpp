// Indexes that might serve a workload, by the conditions and orders of its plans.
#pragma once

#include <string>
#include <vector>

#include "instruments/queries/plans/plan.hpp"
#include "instruments/queries/plans/plan_catalog.hpp"

namespace signalbox::queries {

struct IndexCandidate {
  std::string schema, table;
  std::vector<std::string>
      columns;  // or expressions, as SQL has them: "customer", "created DESC", "lower(mail)"
  std::vector<std::string> include;     // carried along, so that the table is not looked at
  std::string where;                    // of a partial one; empty: of all rows
  std::vector<std::size_t> statements;  // of the workload, whose plans ask for it
  double scan_ms = 0;  // what the nodes that it might serve took in all executions: no gain, a limit of it

  std::string name() const;  // "orders_customer_created_idx", at most 63 octets
  enum class How { concurrently, at_once };
  std::string create_sql(How how) const;
  std::string drop_sql() const;
  bool operator==(const IndexCandidate& other) const {
    return schema == other.schema && table == other.table && columns == other.columns &&
           include == other.include && where == other.where;
  }
};

// One plan that was measured, with how often it was executed.
struct WeighedPlan {
  std::size_t statement = 0;  // of the workload
  const Plan* plan = nullptr;
  double calls = 0;
};

// Equal columns before the one that is a range or the order that is asked for; beside that, where the plan
// tells what is put out, the same with the columns that are read (covering), and for `x IS NULL` and flags
// the same of those rows alone (partial). Those that an index of the catalogue begins with are left out. The
// weightiest first.
std::vector<IndexCandidate> candidates_of(const std::vector<WeighedPlan>& plans, const PlanCatalog& catalog);

}  // namespace signalbox::queries
