// Conditions of a plan, as PostgreSQL writes them back from its own trees: brackets around everything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "instruments/queries/sql/names.hpp"

namespace signalbox::queries {

// One term of a condition: what it compares with a value.
struct ConditionTerm {
  // prefix: LIKE 'a%'; pattern: LIKE that no B-tree serves, as '%a', and ILIKE.
  enum class Kind { equal, range, prefix, pattern, other } kind = Kind::other;
  // What stands around the column, so that an index on the column alone does not serve the term.
  enum class Around { nothing, function, cast, arithmetic } around = Around::nothing;
  std::string expression;  // as an index has it: "status", "lower(name)", "(id + 1)"; empty with `other`
  std::string column;      // the column in it
  std::string function;    // where one is around it: "lower"
  std::string cast;        // the type that it is compared as: "numeric"; "text" alone changes nothing for an
                           // index on text
  std::string sign;        // "=", "<", ">=" … with the column at the left; empty for IS NULL and flags
  std::string value;       // what it is compared with: "$1", "'open'::text", "ANY ('{1,2}'::integer[])"
};

// The terms that are all to be true: of "((a = 1) AND (lower(b) > 'x'::text))" a and lower(b). Terms that are
// joined by OR, or compare two columns of one table, are `other`. `alias`: of the table that is scanned; a
// column of another is as good as a value then. Without it each column may be the table's own.
std::vector<ConditionTerm> terms_of(std::string_view condition, std::string_view alias = {});

// The parts of an OR, at whatever place among the terms; empty where there is none.
std::vector<std::string> or_branches(std::string_view condition);
// The aliases before columns: of "(a.x = 1) OR (b.y = 2)" a and b.
std::vector<std::string> aliases_in(std::string_view text);

// Whether the same arguments always give the same: only then an index may hold it. Those of text and numbers
// that are often met; not those of times, which depend on the session's zone.
bool is_immutable(std::string_view function);

// Columns of an index for these conditions: those that are equal first, then one that is a range. Empty where
// no term can be served.
std::vector<std::string> index_columns(const std::vector<std::string>& conditions,
                                       std::string_view alias = {});

// "CREATE INDEX CONCURRENTLY ON t (a, b);"
std::string create_index(std::string_view schema, std::string_view relation,
                         const std::vector<std::string>& columns);

}  // namespace signalbox::queries
