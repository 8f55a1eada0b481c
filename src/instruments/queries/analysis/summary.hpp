// A server at one glance: how much its clients asked of it, and what that cost, over time.
#pragma once

#include <vector>

#include "core/base/json.hpp"
#include "instruments/queries/kept/kept_sessions.hpp"
#include "instruments/queries/kept/kept_statements.hpp"

namespace signalbox::queries {

// {"server", "began", "ended", …, "points": [{"began", "ended", "calls_per_s", "active", "mean_exec_ms",
// …}]}; at most 240 points, neighbours added up.
Json summary_json(const KeptServer& server, const SpanTotals& span, const std::vector<HistoryPoint>& points,
                  const std::vector<InstancePoint>& instance);

}  // namespace signalbox::queries
