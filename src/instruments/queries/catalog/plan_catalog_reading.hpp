// What a server's catalogue says of the tables and indexes of a plan.
#pragma once

#include "core/base/result.hpp"
#include "instruments/queries/plans/plan.hpp"
#include "instruments/queries/plans/plan_catalog.hpp"
#include "instruments/queries/server/server_link.hpp"

namespace signalbox::queries {

// Names without a schema are those that the search_path of this session finds. What is not there is left out.
Result<PlanCatalog> read_plan_catalog(ServerLink& link, const Plan& plan);
// The same of tables that are named, each (schema, name); a schema may be empty.
Result<PlanCatalog> read_plan_catalog(ServerLink& link,
                                      const std::vector<std::pair<std::string, std::string>>& tables);

}  // namespace signalbox::queries
