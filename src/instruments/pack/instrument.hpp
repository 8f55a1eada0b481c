// What the front door and the server get of this instrument.
#pragma once

#include "core/console/instrument.hpp"

namespace signalbox::pack {

Instrument instrument();

}  // namespace signalbox::pack
