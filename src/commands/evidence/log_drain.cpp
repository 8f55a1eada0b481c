// `evidence log drain`: what was signed while the store could not be written goes to the log.
#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "core/base/text.hpp"
#include "core/remote/remote_log.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

Result<cli::Outcome> drain(const cli::Arguments&, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book, remote::open_book(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(const ev::Spool::Drained drained, book.drain());
  Report report;
  report.instrument = "evidence";
  report.title = "Drained " + book.spool().folder().string();
  report.verdict = drained.put_aside.empty() ? Verdict::pass : Verdict::fail;
  report.summary = drained.logged == 0 && drained.put_aside.empty()
                       ? "nothing was waiting"
                       : fmt::format("{} envelopes are in the log", drained.logged);
  report.facts = {{"logged", drained.logged, ""}, {"put aside", drained.put_aside.size(), ""}};
  for (const std::string& line : drained.put_aside) {
    report.findings.push_back(
        {"evidence/spool",
         Severity::error,
         printable(line),
         {},
         "the file stays in the spool with the ending .refused: look at it, remove it"});
  }
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command drain_command() {
  return {.name = "drain",
          .summary = "Log what was signed while the store could not be written",
          .details =
              "Such envelopes wait in the folder spool beside signalbox.db, in order. The next append "
              "that works logs them too, and so does signalbox serve.",
          .run = drain};
}

}  // namespace signalbox::evidence_command
