#include "instruments/train/ramp/commands.hpp"

namespace signalbox::train::ramp {

std::vector<cli::Command> ramp_commands() {
  return {depart_command(), status_command(),   pause_command(),    resume_command(),
          abort_command(),  rollback_command(), rehearse_command(), traffic_command()};
}

}  // namespace signalbox::train::ramp
