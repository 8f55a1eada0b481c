#include "core/evidence/recorder.hpp"
#include "instruments/train/schedule/calendar_reader.hpp"
#include "instruments/train/schedule/commands.hpp"

namespace signalbox::train::schedule {
namespace {

Result<cli::Outcome> run_calendar(const cli::Arguments& arguments, cli::Context& context) {
  auto book = evidence::EvidenceBook::open_existing(context.workspace, context.clock, context.store);
  if (!book && book.error().kind != ErrorKind::not_found) return fail(book.error());
  const CalendarQuery query{arguments.get_or("--since", ""), arguments.get_or("--until", "")};
  SIGNALBOX_TRY(
      const ReleaseCalendar calendar,
      read_calendar(context.workspace, book ? &book->ledger() : nullptr, query, context.clock.now()));
  const std::string format = arguments.get_or("--format", "ics");
  if (format == "json") return cli::Outcome(cli::Artifact{to_json(calendar).pretty() + "\n"});
  if (format == "html") return cli::Outcome(cli::Artifact{to_html(calendar)});
  return cli::Outcome(cli::Artifact{to_ics(calendar)});
}

}  // namespace

cli::Command calendar_command() {
  cli::Command command;
  command.name = "calendar";
  command.summary = "Print the calendar of releases: milestones of trains, planned and made, and freezes";
  command.details =
      "As an iCalendar file that calendar programs subscribe to; signalbox serve has the same at "
      "/api/v1/train/calendar.ics. A train that moves keeps the UIDs of its milestones and raises their "
      "SEQUENCE; one that is cancelled stays, as cancelled.";
  command.options = {{.name = "--since", .value = "TIME", .help = "2026-01-01, -30d; by default a year back"},
                     {.name = "--until", .value = "TIME", .help = "the same; by default a year ahead"}};
  command.formats = {"ics", "json", "html"};
  command.run = run_calendar;
  return command;
}

}  // namespace signalbox::train::schedule
