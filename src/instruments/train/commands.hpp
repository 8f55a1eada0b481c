// The commands of `signalbox train`, and what they share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/cli/command.hpp"
#include "instruments/train/plan_reader.hpp"

namespace signalbox::train {

cli::Command plan_command();
cli::Command version_command();
cli::Command notes_command();
cli::Command changelog_command();
cli::Command lint_command();
cli::Command check_command();

// --base --head --package --channel --allow-shallow
std::vector<cli::Option> plan_options();
PlanQuery plan_query(const cli::Arguments& arguments);
// Commits that are read move the bar of the command.
OnCommitRead shown_as_progress(cli::Context& context);
// The plan that the options ask for, read with a bar.
Result<Plan> read_plan(const cli::Arguments& arguments, cli::Context& context);

}  // namespace signalbox::train
