// The table behind find_asset: written by web/embed.mjs at build time, or empty.
#pragma once

#include <span>
#include <string_view>

#include "core/console/assets.hpp"

namespace signalbox::console {

struct NamedAsset {
  std::string_view path;
  Asset asset;
};

std::span<const NamedAsset> asset_table();

}  // namespace signalbox::console
