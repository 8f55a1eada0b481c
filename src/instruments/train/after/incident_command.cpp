#include <functional>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/after/commands.hpp"
#include "instruments/train/after/incident.hpp"
#include "instruments/train/after/office.hpp"

namespace signalbox::train::after {
namespace {

constexpr std::size_t kMaxTitleBytes = 300;

Report report_of(const std::string& train, const Incidents& incidents) {
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Incidents of train {}", train);
  Table table{"", {{"incident"}, {"what"}, {"began"}, {"over"}, {"by"}}, {}};
  Json all = Json::array();
  std::size_t open = 0;
  for (const Incident& one : incidents.all) {
    open += one.restored ? 0 : 1;
    table.rows.push_back(
        {printable(one.id), printable(one.title), to_rfc3339(one.began),
         one.restored ? Cell(to_rfc3339(*one.restored), Tone::good) : Cell("not yet", Tone::bad),
         printable(one.by)});
    all.push_back(Json::object({{"id", one.id},
                                {"title", printable(one.title)},
                                {"began", to_rfc3339(one.began)},
                                {"restored", one.restored ? Json(to_rfc3339(*one.restored)) : Json()},
                                {"note", printable(one.note)},
                                {"by", one.by},
                                {"evidence", one.index}}));
  }
  report.summary = fmt::format("{}, {} not over", counted(incidents.all.size(), "incident"), open);
  report.verdict = open > 0 ? Verdict::warn : Verdict::none;
  if (!table.rows.empty()) report.tables.push_back(std::move(table));
  report.data = Json::object({{"train", train}, {"open", open}, {"incidents", std::move(all)}});
  return report;
}

// A time that has been; now where none is given.
Result<Time> past_time(const cli::Arguments& arguments, Time now) {
  const auto given = arguments.get("--at");
  if (!given) return std::chrono::floor<std::chrono::seconds>(now);
  const auto time = parse_rfc3339(*given);
  if (!time) return fail_in("--at", time.error());
  if (*time <= now) return std::chrono::floor<std::chrono::seconds>(*time);
  return fail(ErrorKind::bad_input, fmt::format("--at {}: that has not come yet", to_rfc3339(*time)),
              "a time that has been, as RFC 3339; without --at it is now");
}

Result<cli::Outcome> record(const cli::Arguments& arguments, cli::Context& context,
                            const std::function<Result<IncidentEvent>(const Incidents&)>& make) {
  SIGNALBOX_TRY(Office office, open_office(context, Access::append));
  const std::string train = *arguments.positional(0);
  SIGNALBOX_CHECK(
      append_to(office, train, [&](const TrainEvents& events, const Aftermath&) -> Result<NewEvent> {
        SIGNALBOX_TRY(const IncidentEvent incident, make(fold_incidents(events)));
        NewEvent event;
        event.kind = "incident";
        event.predicate = to_json(incident);
        event.key = arguments.get("--key");
        return event;
      }));
  SIGNALBOX_TRY(const TrainEvents events, events_of(office, train));
  return cli::Outcome(report_of(train, fold_incidents(events)));
}

Result<cli::Outcome> run_open(const cli::Arguments& arguments, cli::Context& context) {
  IncidentEvent event;
  SIGNALBOX_TRY(event.title, one_line(*arguments.positional(1), "WHAT", kMaxTitleBytes));
  SIGNALBOX_TRY(event.time, past_time(arguments, context.clock.now()));
  return record(arguments, context, [&](const Incidents& incidents) -> Result<IncidentEvent> {
    event.id = incidents.next_id();
    return event;
  });
}

Result<cli::Outcome> run_restored(const cli::Arguments& arguments, cli::Context& context) {
  IncidentEvent event;
  event.what = IncidentEvent::What::restored;
  event.id = *arguments.positional(1);
  SIGNALBOX_TRY(event.time, past_time(arguments, context.clock.now()));
  if (const auto note = arguments.get("--note")) {
    SIGNALBOX_TRY(event.note, one_line(*note, "--note", kMaxTitleBytes));
  }
  const std::string list = "signalbox train incident list " + *arguments.positional(0);
  return record(arguments, context, [&](const Incidents& incidents) -> Result<IncidentEvent> {
    const Incident* const incident = incidents.find(event.id);
    if (incident == nullptr)
      return fail(ErrorKind::not_found, fmt::format("there is no incident {}", printable(event.id)), list);
    if (incident->restored)
      return fail(
          ErrorKind::conflict,
          fmt::format("incident {} is over since {}", printable(event.id), to_rfc3339(*incident->restored)),
          list);
    if (event.time < incident->began)
      return fail(ErrorKind::bad_input,
                  fmt::format("incident {} began {}", printable(event.id), to_rfc3339(incident->began)),
                  "--at a time after that");
    return event;
  });
}

Result<cli::Outcome> run_list(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(Office office, open_office(context, Access::read));
  const std::string train = *arguments.positional(0);
  SIGNALBOX_TRY(const TrainEvents events, events_of(office, train));
  return cli::Outcome(report_of(train, fold_incidents(events)));
}

cli::Option at_option(const char* help) {
  return {.name = "--at", .value = "TIME", .help = help};
}

}  // namespace

cli::Command incident_command() {
  cli::Command open{.name = "open", .summary = "Record that users have trouble with a release"};
  open.options = {at_option("when it began, as RFC 3339; by default now"), key_option()};
  open.positionals = {{"TRAIN", "that brought it"}, {"WHAT", "what users see"}};
  open.run = run_open;
  cli::Command restored{.name = "restored", .summary = "Record that the trouble is over"};
  restored.options = {at_option("when it was over, as RFC 3339; by default now"),
                      {.name = "--note", .value = "TEXT", .help = "what ended it"},
                      key_option()};
  restored.positionals = {{"TRAIN", "that brought it"}, {"INCIDENT", "i1, as incident list has it"}};
  restored.run = run_restored;
  cli::Command list{.name = "list", .summary = "List the incidents of a train"};
  list.positionals = {{"TRAIN", "its name"}};
  list.run = run_list;
  cli::Command command{.name = "incident",
                       .summary = "Record trouble that users had of a release, and its end"};
  command.commands = {std::move(open), std::move(restored), std::move(list)};
  return command;
}

}  // namespace signalbox::train::after
