#include "instruments/train/boarding/commands.hpp"

namespace signalbox::train {

std::vector<cli::Command> boarding_commands() {
  return {new_command(),     list_command(),   show_command(),    move_command(),
          cancel_command(),  triage_command(), board_command(),   approve_passenger_command(),
          dry_run_command(), bump_command(),   lock_command(),    manifest_command(),
          hotfix_command(),  flags_command(),  simulate_command()};
}

}  // namespace signalbox::train
