// Files of octets that no profile has: whoever wrote or removed them was killed in the middle of it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/store/database.hpp"

namespace signalbox::profile {

// The ids of files in `folder`, as BlobStore lays them out, that no row of profile_kept has and that were
// last written more than an hour ago; whether a row came meanwhile is for the caller to see, in a transaction
// that writes. At most a thousand. Files that were never finished are removed at once. None where the folder
// was swept within the last hour. The folder must be this store's alone.
Result<std::vector<std::string>> orphans_due(store::Database& database, const std::filesystem::path& folder);

}  // namespace signalbox::profile
