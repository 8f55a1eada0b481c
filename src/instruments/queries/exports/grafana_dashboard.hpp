// A dashboard for people who have Grafana in front of the same Prometheus.
#pragma once

#include <string>

namespace signalbox::queries {

// Query Performance, in five parts: the top line, offenders, one statement, contention, the system. JSON as
// Grafana imports it (schema 37, Grafana 9 and later); asks which data source. Statements are named by their
// queryid alone, with a link to `console` ("https://HOST", may be empty), which knows their texts.
std::string grafana_dashboard(const std::string& console);

}  // namespace signalbox::queries
