// `signalbox profile`: where a program's time goes, and what changed.
#pragma once

#include "core/console/instrument.hpp"

namespace signalbox::profile {

Instrument instrument();

}  // namespace signalbox::profile
