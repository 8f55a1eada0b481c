#include "commands/evidence/instrument.hpp"

#include "commands/evidence/commands.hpp"

namespace signalbox::evidence_command {

Instrument instrument() {
  Instrument out;
  out.command.name = "evidence";
  out.command.summary = "Record signed evidence, ask for it and prove it";
  out.command.commands = {
      add_command(),       query_command(),   show_command(),        verify_command(), check_command(),
      lint_command(),      bundle_command(),  unbundle_command(),    prove_command(),  consistency_command(),
      statement_command(), sign_command(),    append_command(),      import_command(), key_command(),
      log_command(),       witness_command(), redact_command(),      replay_command(), summarize_command(),
      watch_command(),     collect_command(), trust_change_command()};
  out.migrations = evidence::ledger_migrations();
  out.routes = routes;
  return out;
}

}  // namespace signalbox::evidence_command
