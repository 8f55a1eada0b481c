// The static files of a log behind an address, or in a folder.
#pragma once

#include <memory>
#include <string>

#include "core/evidence/served_tree.hpp"

namespace signalbox::evidence_command {

// "https://box.example/evidence", where its checkpoint lies under /checkpoint, or a folder as `log export`
// writes it. SIGNALBOX_CA_FILE names authorities to trust instead of the system's.
Result<std::unique_ptr<evidence::TileSource>> tile_source(const std::string& where);

}  // namespace signalbox::evidence_command
