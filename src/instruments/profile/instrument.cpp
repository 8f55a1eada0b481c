#include "instruments/profile/instrument.hpp"

#include "instruments/profile/commands.hpp"
#include "instruments/profile/kept/profile_store.hpp"
#include "instruments/profile/routes.hpp"
#include "instruments/profile/run_counts.hpp"

namespace signalbox::profile {

Instrument instrument() {
  Instrument out;
  // `signalbox profile ./app` is `signalbox profile record ./app`.
  out.command = record_command();
  out.command.name = "profile";
  out.command.summary = "See where a program's time goes, in one command";
  out.command.commands = {record_command(), report_command(), diff_command(),    check_command(),
                          doctor_command(), dump_command(),   top_command(),     upload_command(),
                          agent_command(),  store_command(),  symbols_command(), ci_template_command()};
  out.command = counting_runs(std::move(out.command));
  out.migrations = kept_migrations();
  out.routes = routes;
  out.metrics = [](const Workspace& workspace) { return runs_metric(workspace, kRunsByServer); };
  return out;
}

}  // namespace signalbox::profile
