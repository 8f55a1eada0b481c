#include "instruments/train/instrument.hpp"

#include "instruments/train/after/commands.hpp"
#include "instruments/train/boarding/commands.hpp"
#include "instruments/train/commands.hpp"
#include "instruments/train/gating/commands.hpp"
#include "instruments/train/judges/commands.hpp"
#include "instruments/train/ramp/commands.hpp"
#include "instruments/train/routes.hpp"
#include "instruments/train/schedule/commands.hpp"

namespace signalbox::train {

Instrument instrument() {
  Instrument out;
  out.command.name = "train";
  out.command.summary = "Decide whether a release may depart, from signed evidence";
  out.command.commands = {plan_command(), check_command(),     notes_command(),         version_command(),
                          lint_command(), changelog_command(), judges::canary_command()};
  std::vector<cli::Command> boarding = boarding_commands();
  for (cli::Command& command : boarding) out.command.commands.push_back(std::move(command));
  std::vector<cli::Command> gating = gating_commands();
  for (cli::Command& command : gating) out.command.commands.push_back(std::move(command));
  std::vector<cli::Command> ramp = ramp::ramp_commands();
  for (cli::Command& command : ramp) out.command.commands.push_back(std::move(command));
  std::vector<cli::Command> schedule = schedule::schedule_commands();
  for (cli::Command& command : schedule) out.command.commands.push_back(std::move(command));
  std::vector<cli::Command> after = after::after_commands();
  for (cli::Command& command : after) out.command.commands.push_back(std::move(command));
  out.routes = routes;
  return out;
}

}  // namespace signalbox::train
