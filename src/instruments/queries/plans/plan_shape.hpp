// What makes two plans the same plan, whatever they cost and how many rows they found.
#pragma once

#include <string>

#include "instruments/queries/plans/plan.hpp"

namespace signalbox::queries {

// 16 hexadecimal digits: the first 64 bits of the SHA-256 of what its nodes are, each before its children,
// with tables, indexes, keys and conditions without constants. Costs, rows, times, workers, schemas (which
// only VERBOSE tells) and aliases do not count.
std::string shape_hash(const Plan& plan);

// What of one node counts, in one line.
std::string shape_of(const PlanNode& node);

}  // namespace signalbox::queries
