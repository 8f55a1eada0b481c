// SQL as it is written in this project, and as each engine wants it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::store {

// The statements of a script, split at each ';' that stands outside of quotes and comments; comments are
// dropped, empty statements too.
std::vector<std::string> split_statements(std::string_view script);

// For PostgreSQL: ? becomes $1, $2 …; INTEGER, REAL, BLOB and TEXT (in capitals) become bigint, double
// precision, bytea and text collate "C" (compared by octets, as SQLite does); WITHOUT ROWID goes. Quoted text
// stays as it is.
std::string to_postgresql(std::string_view sql);

// A script for one engine: a line that begins with "--postgresql " or "--sqlite " is run on that engine
// alone.
enum class Dialect { sqlite, postgresql };
std::string select_dialect(std::string_view script, Dialect dialect);

}  // namespace signalbox::store
