// `signalbox train`: what leaves when, who is aboard, and whether it may go.
#pragma once

#include "core/console/instrument.hpp"

namespace signalbox::train {

Instrument instrument();

}  // namespace signalbox::train
