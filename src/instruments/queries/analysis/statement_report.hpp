// One statement: its text, what it cost in a span of time, and how that went.
#pragma once

#include <vector>

#include "core/report/report.hpp"
#include "instruments/queries/kept/kept_plans.hpp"
#include "instruments/queries/kept/kept_sessions.hpp"
#include "instruments/queries/kept/kept_statements.hpp"

namespace signalbox::queries {

// What is known of the statements that a queryid or fingerprint stands for.
struct StatementStory {
  std::vector<KeptStatement> statements;  // at least one
  Counters sum;                           // of the span
  Counters everything;                    // what all statements of the server did in it
  std::vector<HistoryPoint> history;
  std::vector<PlanSample> plans;   // in the order of time, without their texts
  std::vector<ActiveShare> waits;  // of its active sessions
  SpanTotals span;
};

Report statement_report(const StatementStory& story, const KeptServer& server);

// So many points at most: neighbours are added up, so that sums stay what they are.
std::vector<HistoryPoint> thinned(std::vector<HistoryPoint> points, std::size_t most);

}  // namespace signalbox::queries
