// In place of the generated table where Signalbox is built without its console.
#include "core/console/asset_table.hpp"

namespace signalbox::console {

std::span<const NamedAsset> asset_table() {
  return {};
}

}  // namespace signalbox::console
