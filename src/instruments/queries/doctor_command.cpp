#include "core/base/file.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/server/prerequisites.hpp"

namespace signalbox::queries {
namespace {

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context&) {
  SIGNALBOX_TRY(ServerLink link, ServerLink::open(dsn_of(arguments)));
  SIGNALBOX_TRY(const ServerFacts facts, read_facts(link));
  const auto all = judge(facts);
  if (const auto file = arguments.get("--fix-file"))
    SIGNALBOX_CHECK(write_file_atomically(*file, fix_script(all)));
  return doctor_report(link.identity(), all);
}

}  // namespace

cli::Command doctor_command() {
  cli::Command out;
  out.name = "doctor";
  out.summary = "Say what a server needs for its queries to be told of";
  out.details =
      "Asks the server for its settings and changes nothing. Each thing that is missing comes with the "
      "statement that "
      "mends it, and whether the server has to be restarted for it. Exit 1 where queries cannot be told of "
      "at all, 3 "
      "where the server is not reached.";
  out.options = {dsn_option(),
                 {"--fix-file", "FILE", "writes what mends it all, as a script for psql", {}, false}};
  out.run = run;
  out.anywhere = true;
  return out;
}

}  // namespace signalbox::queries
