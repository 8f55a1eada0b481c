#pragma once

#include "core/console/instrument.hpp"

namespace signalbox::evidence_command {

Instrument instrument();

}  // namespace signalbox::evidence_command
