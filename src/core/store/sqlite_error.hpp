#pragma once

#include <filesystem>
#include <string_view>

#include <sqlite3.h>

#include "core/base/result.hpp"

namespace signalbox::store {

// What an extended result code of SQLite means to the user. `system_errno` is sqlite3_system_errno, 0 where
// the code says enough.
Error sqlite_error(const std::filesystem::path& path, std::string_view what, int code, int system_errno,
                   std::string_view message);

}  // namespace signalbox::store
