// Who was at work, and who waited for whom, as reports.
#pragma once

#include <string>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/queries/kept/kept_sessions.hpp"

namespace signalbox::queries {

Report active_report(const std::vector<ActiveShare>& shares, const std::vector<ActivePoint>& timeline,
                     SessionDimension by, const ProcessorUse& processor, const KeptServer& server,
                     const Span& span);
// Running and waiting for a core; where they are not told apart, why.
std::vector<Fact> processor_facts(const ProcessorUse& use);
Json processor_json(const ProcessorUse& use);
Json timeline_json(const std::vector<ActivePoint>& points);

// One who waits below the one who is in the way.
struct BlockingNode {
  std::size_t session = 0;  // of those given
  std::size_t depth = 0;
};
// Roots are those who block and do not wait; who waits for several stands below each. In a circle, which a
// deadlock is until the server ends it, everybody is told once.
std::vector<BlockingNode> blocking_tree(const std::vector<BlockedSession>& sessions);
Report blocking_report(const std::vector<BlockedSession>& sessions, const std::vector<Time>& moments,
                       const KeptServer& server);
Json blocking_json(const std::vector<BlockedSession>& sessions);

}  // namespace signalbox::queries
