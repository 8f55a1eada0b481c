#include "instruments/queries/instrument.hpp"

#include "instruments/queries/commands.hpp"
#include "instruments/queries/kept/migrations.hpp"
#include "instruments/queries/routes.hpp"

namespace signalbox::queries {

Instrument instrument() {
  Instrument out;
  out.command.name = "queries";
  out.command.summary = "See which Postgres queries cost, why, and what to do about it";
  out.command.commands = {doctor_command(),  watch_command(),   top_command(),      show_command(),
                          log_command(),     plan_command(),    ash_command(),      locks_command(),
                          triage_command(),  compare_command(), snapshot_command(), export_command(),
                          advise_command(),  hygiene_command(), act_command(),      incident_command(),
                          explain_command(), setup_command()};
  out.migrations = kept_migrations();
  out.routes = routes;
  return out;
}

}  // namespace signalbox::queries
