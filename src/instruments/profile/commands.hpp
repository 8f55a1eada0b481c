// The commands of `signalbox profile`. Each builder stands in a file of its name, <name>_command.cpp.
#pragma once

#include "core/cli/command.hpp"

namespace signalbox::profile {

cli::Command record_command();
cli::Command report_command();
cli::Command diff_command();
cli::Command check_command();
cli::Command ci_template_command();
cli::Command doctor_command();
cli::Command dump_command();
cli::Command top_command();
cli::Command upload_command();
cli::Command agent_command();
cli::Command agent_report_command();
cli::Command store_command();
cli::Command symbols_command();
cli::Command symbols_serve_command();

}  // namespace signalbox::profile
