// What a statement does, by its text alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::queries {

struct StatementKind {
  // read: SELECT, VALUES. write: INSERT, UPDATE, DELETE, MERGE, wherever they stand, and rows that are
  // locked. other: everything that cannot be explained, as DDL, and SELECT INTO.
  enum class Does { read, write, other } does = Does::other;
  std::vector<std::string> functions;  // that it names, without their schemas
  std::size_t parameters = 0;          // the highest $n
};

// By PostgreSQL 15's own parser. bad_input where it does not take the text, or it is no statement or several.
Result<StatementKind> kind_of_statement(std::string_view sql);

}  // namespace signalbox::queries
