#include "instruments/train/schedule/commands.hpp"

namespace signalbox::train::schedule {

std::vector<cli::Command> schedule_commands() {
  return {freeze_command(), calendar_command(), init_command(), advise_command()};
}

}  // namespace signalbox::train::schedule
