#include "instruments/train/gating/commands.hpp"

namespace signalbox::train {

std::vector<cli::Command> gating_commands() {
  return {approve_command(), veto_command(),  exception_command(), score_command(),
          go_command(),      no_go_command(), meeting_command()};
}

}  // namespace signalbox::train
