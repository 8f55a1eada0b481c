// An incident from its beginning to the ticket: what was known when it ended is kept with it.
#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/recording/recording.hpp"
#include "instruments/queries/analysis/incident_report.hpp"
#include "instruments/queries/analysis/triage.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/server_subject.hpp"

namespace signalbox::queries {
namespace {

constexpr std::string_view kIncidentPredicate = "https://signalbox.dev/queries/incident/v1";
constexpr std::size_t kMaxName = 200;

Result<std::optional<std::int64_t>> number_of(const cli::Arguments& arguments) {
  const auto text = arguments.positional(0);
  if (!text) return std::optional<std::int64_t>();
  const auto number = parse_integer(*text);
  if (!number || *number < 1)
    return fail(ErrorKind::bad_input, fmt::format("{} is no number of an incident", printable(*text)));
  return std::optional<std::int64_t>(*number);
}

Result<cli::Outcome> start(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  const std::string name = *arguments.positional(0);
  if (name.empty() || name.size() > kMaxName || !is_utf8(name))
    return fail(ErrorKind::bad_input, fmt::format("a name is text of {} octets at most", kMaxName));
  const Time began = arguments.has("--since") ? asked.span.since : context.clock.now();
  SIGNALBOX_TRY(const Incident incident, KeptIncidents(*asked.database).start(asked.server.id, name, began));
  Report out;
  out.instrument = "queries";
  out.title = fmt::format("Incident {}: {}", incident.id, printable(name));
  out.summary = "it is open";
  out.facts = {{"server", asked.server.name, ""}, {"began", to_rfc3339(began), ""}};
  out.next = {fmt::format("signalbox queries incident export {}", incident.id),
              fmt::format("signalbox queries incident stop {}", incident.id)};
  out.data = Json::object({{"id", incident.id}, {"began", to_rfc3339(began)}});
  return out;
}

Result<cli::Outcome> stop(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  SIGNALBOX_TRY(const auto number, number_of(arguments));
  SIGNALBOX_TRY(const Duration before, duration_of(arguments, "--before", kUsualBefore, kShortestTriaged));
  KeptIncidents kept(*asked.database);
  SIGNALBOX_TRY(Incident incident, kept.find(asked.server.id, number));
  if (incident.ended)
    return fail(ErrorKind::conflict, fmt::format("incident {} has ended already", incident.id));
  incident.ended = arguments.has("--until") ? asked.span.until : context.clock.now();
  if (*incident.ended <= incident.began)
    return fail(ErrorKind::bad_input, "--until is not after its beginning");
  SIGNALBOX_TRY(Report report,
                incident_report(*asked.database, asked.server, incident, *incident.ended, before));
  incident.ticket = render_markdown(report);
  incident.bundle = render_json(report);
  SIGNALBOX_CHECK(kept.stop(incident));
  const std::string digest = to_hex(sha256(incident.bundle));
  report.next = {fmt::format("signalbox queries incident export {} --format md", incident.id)};
  if (context.record) {
    evidence::Statement statement;
    statement.subjects.push_back({fmt::format("incident {}", incident.id), {{"sha256", digest}}});
    add_server(statement, asked.server.name, asked.server.system_identifier);
    statement.predicate_type = kIncidentPredicate;
    statement.predicate = Json::object({{"name", incident.name},
                                        {"server", asked.server.name},
                                        {"began", to_rfc3339(incident.began)},
                                        {"ended", to_rfc3339(*incident.ended)},
                                        {"bundle", digest}});
    SIGNALBOX_CHECK(recording::record_statement(std::move(statement), context, report));
  }
  // That something was wrong is no answer to whether it was written down.
  report.verdict = Verdict::none;
  return report;
}

Result<cli::Outcome> exported(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  SIGNALBOX_TRY(const auto number, number_of(arguments));
  SIGNALBOX_TRY(const Duration before, duration_of(arguments, "--before", kUsualBefore, kShortestTriaged));
  SIGNALBOX_TRY(const Incident incident, KeptIncidents(*asked.database).find(asked.server.id, number));
  const bool as_json = arguments.get_or("--format", "md") == "json";
  if (incident.ended) return cli::Artifact{as_json ? incident.bundle : incident.ticket};
  SIGNALBOX_TRY(const Report report,
                incident_report(*asked.database, asked.server, incident, context.clock.now(), before));
  return cli::Artifact{as_json ? render_json(report) : render_markdown(report)};
}

Result<cli::Outcome> list(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  SIGNALBOX_TRY(const auto all, KeptIncidents(*asked.database).list(asked.server.id));
  Report out;
  out.instrument = "queries";
  out.title = "Incidents of " + asked.server.name;
  out.summary = counted(all.size(), "incident");
  Table table;
  table.title = "Incidents";
  table.columns = {{"#", Column::Align::right}, {"began"}, {"ended"}, {"name"}};
  Json rows = Json::array();
  for (const Incident& each : all) {
    const std::string ended = each.ended ? to_rfc3339(*each.ended) : "";
    table.rows.push_back({std::to_string(each.id), to_rfc3339(each.began),
                          each.ended ? Cell(ended) : Cell("open", Tone::caution), printable(each.name)});
    rows.push_back(Json::object({{"id", each.id},
                                 {"name", each.name},
                                 {"began", to_rfc3339(each.began)},
                                 {"ended", each.ended ? Json(ended) : Json()}}));
  }
  out.tables.push_back(std::move(table));
  out.data = Json::object({{"incidents", std::move(rows)}});
  return out;
}

cli::Command part(std::string name, std::string summary, std::string details, cli::Handler run) {
  cli::Command out;
  out.name = std::move(name);
  out.summary = std::move(summary);
  out.details = std::move(details);
  out.options = {{"--server", "NAME", "which of several that are watched", {}, false}};
  out.run = std::move(run);
  return out;
}

const cli::Option kBefore{
    "--before", "TIME", "how much before it is compared with; 30m by default", {}, false};

}  // namespace

cli::Command incident_command() {
  cli::Command begin = part("start", "Open an incident", "", start);
  begin.options.push_back(
      {"--since", "TIME", "when it began, instead of now: 15m ago, or RFC 3339", {}, false});
  begin.positionals = {{"NAME", "in a few words", cli::Positional::Count::one}};
  cli::Command end =
      part("stop", "Close an incident, and keep what is known of it",
           "The ticket and the bundle are written then, and stay when the store forgets the windows that "
           "they are of. --record leaves the bundle's digest as evidence, queries/incident/v1.",
           stop);
  end.options.push_back({"--until", "TIME", "when it ended, instead of now", {}, false});
  end.options.push_back(kBefore);
  end.positionals = {{"ID", "the newest by default", cli::Positional::Count::optional}};
  cli::Command write =
      part("export", "Write an incident as a ticket or a bundle",
           "Markdown for people, JSON for programs: the chain of triage, statements, waits, locks, plans "
           "and the timeline; without constants. Of one that is open, as it is now.",
           exported);
  write.options.push_back(kBefore);
  write.positionals = {{"ID", "the newest by default", cli::Positional::Count::optional}};
  write.formats = {"md", "json"};
  cli::Command out;
  out.name = "incident";
  out.summary = "Keep what is known of a time in which something was wrong";
  out.commands = {std::move(begin), std::move(end), std::move(write),
                  part("list", "List incidents", "", list)};
  return out;
}

}  // namespace signalbox::queries
