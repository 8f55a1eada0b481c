#include "instruments/train/after/commands.hpp"

namespace signalbox::train::after {

std::vector<cli::Command> after_commands() {
  return {review_command(),  action_command(), announce_command(), incident_command(), dora_command(),
          runbook_command(), tick_command(),   health_command(),   audit_command()};
}

}  // namespace signalbox::train::after
