#include "instruments/queries/analysis/statement_story.hpp"
#include "instruments/queries/commands.hpp"

namespace signalbox::queries {
namespace {

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  SIGNALBOX_TRY(const StatementStory story,
                read_story(*asked.database, asked.server.id, *arguments.positional(0), asked.span));
  return statement_report(story, asked.server);
}

}  // namespace

cli::Command show_command() {
  cli::Command out;
  out.name = "show";
  out.summary = "Tell of one statement: its text, what it cost, how that went";
  out.details =
      "A queryid is the server's own number, good for one database; a negative one is written after `--`. A "
      "fingerprint "
      "is the same on every server.";
  out.options = kept_options();
  out.positionals = {{"KEY", "a queryid or a fingerprint, as `top` lists them", cli::Positional::Count::one}};
  out.run = run;
  return out;
}

}  // namespace signalbox::queries
