// A PostgreSQL database that is no store of ours but looked at.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "core/store/database.hpp"

namespace signalbox::store {

struct LookOptions {
  std::string_view option = "--dsn";  // what the user gave the address with; a literal
  enum class Access { read_only, read_write } access = Access::read_only;
  std::chrono::milliseconds lock_timeout{200};
  std::chrono::milliseconds statement_timeout{0};  // of one statement; 0: the server's own
  // ours: as database.hpp has it, with ? and types in capitals. as_written: statements of others, sent as
  // they are; parameters are $1, $2 …
  enum class Sql { ours, as_written } sql = Sql::ours;
  std::string_view mark = {};  // a comment behind each statement that the connection is made with; a literal
};

// `conninfo`: a URI or key=value words of libpq; empty: what PGHOST, PGSERVICE and the others of the
// environment say. Nothing is looked for or made in it. Errors: as PostgresDatabase::open.
Result<std::unique_ptr<Database>> open_looked_at(std::string_view conninfo, const LookOptions& options);

}  // namespace signalbox::store
