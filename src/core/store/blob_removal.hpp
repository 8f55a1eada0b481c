// Blobs that are kept no longer.
#pragma once

#include <filesystem>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox::store {

// Of the folder of a BlobStore, for whoever owns all that is in it. Fine where it is not there; bad_input for
// what is no digest.
Status remove_blob(const std::filesystem::path& folder, std::string_view digest);

}  // namespace signalbox::store
