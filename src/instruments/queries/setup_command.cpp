#include "instruments/queries/commands.hpp"
#include "instruments/queries/server/setup.hpp"

namespace signalbox::queries {
namespace {

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context&) {
  SIGNALBOX_TRY(ServerLink link, ServerLink::open(dsn_of(arguments)));
  SIGNALBOX_TRY(const ServerFacts facts, read_facts(link));
  const auto steps = setup_steps(facts);
  SIGNALBOX_TRY(const PlanVolume volume, expected_volume(link));
  if (arguments.has("--script")) return cli::Artifact{setup_script(steps), Verdict::none};
  if (!arguments.has("--apply")) return setup_report(link.identity(), steps, volume);
  SIGNALBOX_TRY(const auto done, apply_setup(dsn_of(arguments), steps));
  return applied_report(link.identity(), done, volume);
}

}  // namespace

cli::Command setup_command() {
  cli::Command out;
  out.name = "setup";
  out.summary = "Say what to change on a server so that its queries and plans are told of, or change it";
  out.details =
      "What `doctor` misses, and the settings of auto_explain that keep its cost low: plans of statements "
      "over 250 ms, "
      "one in ten of them. Without --apply nothing is changed. With it each statement is executed (ALTER "
      "SYSTEM, CREATE "
      "EXTENSION, GRANT; a superuser may) and the server reads its settings again; what needs a restart is "
      "told, and "
      "how each is undone. How many plans the log would get is reckoned before: no more than what the "
      "counters allow.";
  out.options = {dsn_option(),
                 {"--script", "", "prints the statements alone, for psql", {}, false},
                 {"--apply", "", "executes them", {}, false}};
  out.run = run;
  out.anywhere = true;
  return out;
}

}  // namespace signalbox::queries
