// What a statement is, whatever its constants: the key that holds across databases, servers and releases, and
// the text that may be shown. PostgreSQL's own queryid holds object ids and is good for one database alone.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::queries {

struct StatementText {
  std::string fingerprint;  // 16 hexadecimal digits; where no parser took the text: `x` and 16 others
  std::string text;         // without its constants
};

// Of any text: of pg_stat_statements (whose text of utility statements has constants, passwords among them),
// of a log, of a person. By libpg_query, which is the parser of PostgreSQL 15: lists of any length after IN,
// comments, constants and numbers of parameters do not change the fingerprint; a schema before a name does.
// Costs some 60 microseconds: once a text, never once an execution. Safe on several threads.
StatementText read_statement(std::string_view sql);

}  // namespace signalbox::queries
