// The commands of `signalbox pack`, one source a command.
#pragma once

#include "core/cli/command.hpp"

namespace signalbox::pack {

cli::Command plan_command();
cli::Command batch_command();
cli::Command load_command();
cli::Command verify_command();
cli::Command bill_command();
cli::Command whatif_command();
cli::Command card_command();
cli::Command assortment_command();
cli::Command audit_command();
cli::Command trim_command();
cli::Command pallet_command();
cli::Command trailer_command();
cli::Command kpi_command();
cli::Command ab_command();
cli::Command roi_command();
cli::Command target_command();

}  // namespace signalbox::pack
