#include "core/console/assets.hpp"

#include "core/console/asset_table.hpp"

namespace signalbox::console {

const Asset* find_asset(std::string_view path) {
  for (const NamedAsset& entry : asset_table()) {
    if (entry.path == path) return &entry.asset;
  }
  return nullptr;
}

}  // namespace signalbox::console
