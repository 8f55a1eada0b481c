#include "instruments/queries/analysis/incident_report.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/analysis/sessions_report.hpp"
#include "instruments/queries/analysis/summary.hpp"
#include "instruments/queries/analysis/top.hpp"
#include "instruments/queries/analysis/triage.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMoments = 20;  // of locks
constexpr std::size_t kStatements = 20;

void take(Report& from, Report& to) {
  for (Table& each : from.tables) to.tables.push_back(std::move(each));
  for (Finding& each : from.findings) to.findings.push_back(std::move(each));
}

// What a moment of waiting looked like, and all of them as data.
Status add_locks(store::Database& database, const KeptServer& server, const Span& span, Report& out,
                 Json& data) {
  KeptSessions kept(database);
  SIGNALBOX_TRY(const auto moments, kept.blocked_moments(server.id, span, kMoments));
  Json list = Json::array();
  std::vector<BlockedSession> worst;
  for (const Time moment : moments) {
    SIGNALBOX_TRY(auto sessions, kept.blocked_at(server.id, moment));
    list.push_back(Json::object({{"at", to_rfc3339(moment)}, {"tree", blocking_json(sessions)}}));
    if (sessions.size() >= worst.size()) worst = std::move(sessions);
  }
  data.set("locks", std::move(list));
  if (worst.empty()) return {};
  Report report = blocking_report(worst, moments, server);
  take(report, out);
  return {};
}

Status add_flips(store::Database& database, const KeptServer& server, const Span& span,
                 const std::string& suspect, Report& out, Json& data) {
  KeptPlans plans(database);
  SIGNALBOX_TRY(const auto newest, plans.newest(server.id, span));
  Table table;
  table.title = "Plans that became others";
  const auto right = Column::Align::right;
  table.columns = {{"at"}, {"fingerprint"}, {"before", right}, {"after", right}, {"compare them"}};
  Json flips = Json::array(), kept = Json::array();
  for (const PlanSample& sample : newest) {
    if (sample.fingerprint == suspect)
      kept.push_back(Json::object({{"id", sample.id},
                                   {"fingerprint", sample.fingerprint},
                                   {"shape", sample.shape},
                                   {"at", to_rfc3339(sample.at)},
                                   {"plan", sample.plan}}));
    SIGNALBOX_TRY(const auto samples, plans.list(server.id, {}, sample.fingerprint, {Time{}, span.until}));
    for (const PlanFlip& flip : flips_of(samples)) {
      if (flip.at <= span.since || flip.at > span.until) continue;
      table.rows.push_back({to_rfc3339(flip.at), sample.fingerprint, text_of_ms(flip.before_ms),
                            text_of_ms(flip.after_ms),
                            fmt::format("signalbox queries plan diff {} {}", flip.before_id, flip.after_id)});
      flips.push_back(Json::object({{"at", to_rfc3339(flip.at)},
                                    {"fingerprint", sample.fingerprint},
                                    {"before", flip.before},
                                    {"after", flip.after},
                                    {"before_id", flip.before_id},
                                    {"after_id", flip.after_id},
                                    {"before_ms", flip.before_ms},
                                    {"after_ms", flip.after_ms}}));
    }
  }
  data.set("flips", std::move(flips));
  data.set("plans", std::move(kept));
  if (!table.rows.empty()) out.tables.push_back(std::move(table));
  return {};
}

}  // namespace

Result<Report> incident_report(store::Database& database, const KeptServer& server, const Incident& incident,
                               Time ended, Duration before) {
  const Span during{incident.began, ended}, earlier{incident.began - before, incident.began};
  KeptStatements kept(database);
  SIGNALBOX_TRY(const SpanTotals totals, kept.totals(server.id, during));
  Report out;
  out.instrument = "queries";
  out.title = fmt::format("Incident {}: {}", incident.id, printable(incident.name));
  out.facts = {{"server", server.name, ""},
               {"began", to_rfc3339(incident.began), ""},
               {incident.ended ? "ended" : "up to", to_rfc3339(ended), ""},
               {"watched of it", text_of_ms(static_cast<double>(totals.covered.count())), ""}};
  Json data = Json::object({{"incident", Json::object({{"id", incident.id},
                                                       {"name", incident.name},
                                                       {"server", server.name},
                                                       {"began", to_rfc3339(incident.began)},
                                                       {"ended", to_rfc3339(ended)}})}});
  std::string suspect;
  const auto input = read_triage(database, server.id, earlier, during);
  if (input) {
    const Triage found = triage(*input);
    Report report = triage_report(found, *input, server);
    out.verdict = report.verdict;
    out.summary = report.summary;
    out.checks = std::move(report.checks);
    take(report, out);
    suspect = report.data["fingerprint"].as_string();
    data.set("triage", std::move(report.data));
  } else {
    out.summary = "not compared with before: " + input.error().message;
    data.set("triage", nullptr);
  }
  TopOptions options;
  options.rows = kStatements;
  SIGNALBOX_TRY(const Top top, ranked(kept, server.id, during, options));
  KeptSessions sessions(database);
  SIGNALBOX_TRY(const ProcessorUse processor, sessions.processor(server.id, during));
  Report statements = top_report(top, server, totals, processor);
  take(statements, out);
  data.set("statements", std::move(statements.data));

  SIGNALBOX_TRY(const auto shares, sessions.shares(server.id, during, SessionDimension::event));
  SIGNALBOX_TRY(const auto active, sessions.timeline(server.id, during, SessionDimension::wait));
  Report waits = active_report(shares, active, SessionDimension::event, processor, server, during);
  take(waits, out);
  data.set("active", timeline_json(active));
  data.set("processor", processor_json(processor));
  SIGNALBOX_TRY(const auto points, kept.timeline(server.id, during));
  SIGNALBOX_TRY(const auto instance, sessions.instance(server.id, during));
  data.set("timeline", summary_json(server, totals, points, instance));
  SIGNALBOX_CHECK(add_flips(database, server, during, suspect, out, data));
  SIGNALBOX_CHECK(add_locks(database, server, during, out, data));
  out.data = std::move(data);
  return out;
}

}  // namespace signalbox::queries
