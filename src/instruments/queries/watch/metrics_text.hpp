#pragma once

#include <map>
#include <string>

#include "instruments/queries/kept/kept_sessions.hpp"
#include "instruments/queries/watch/top_series.hpp"

namespace signalbox::queries {

// What is told in Prometheus' text format: the names of postgres_exporter where it has them, statements by
// their queryid alone.
std::string metrics_text(const std::string& server, const TopSeries& series, const SessionBucket& sessions,
                         const InstanceReading& instance);

}  // namespace signalbox::queries
