// All that is known of a span of time in which something was wrong, as one report: a ticket for people, a
// bundle for programs.
#pragma once

#include "core/report/report.hpp"
#include "instruments/queries/kept/kept_incidents.hpp"
#include "instruments/queries/kept/kept_statements.hpp"

namespace signalbox::queries {

// The chain of triage (the incident beside `before`, the time that went before it), what statements took,
// what sessions waited for, who was in whose way, plans that changed, and of the suspect the plan itself.
// Statements and plans are without constants.
Result<Report> incident_report(store::Database& database, const KeptServer& server, const Incident& incident,
                               Time ended, Duration before);

}  // namespace signalbox::queries
