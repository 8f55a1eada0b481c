// Where this machine's profiles look for the debug files of what was recorded.
#pragma once

#include <memory>

#include "instruments/profile/elf/debug_file.hpp"
#include "instruments/profile/symbols/debuginfod_client.hpp"

namespace signalbox::profile {

// The system's folder, what `symbols push` kept, then the servers that $DEBUGINFOD_URLS names.
DebugPlaces debug_places(std::shared_ptr<DebuginfodClient> servers);

}  // namespace signalbox::profile
