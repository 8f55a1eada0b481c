// Conditions of a plan, as PostgreSQL writes them back from its own trees: brackets around everything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::queries {

// One term of a condition that an index could serve.
struct ConditionTerm {
  enum class Kind { equal, range, other } kind = Kind::other;
  std::string expression;  // "status", "lower(name)": without alias and casts that change nothing
};

// The terms that are all to be true: of "((a = 1) AND (lower(b) > 'x'::text))" a and lower(b). Terms that are
// joined by OR, or compare two columns of different tables, are `other`.
std::vector<ConditionTerm> terms_of(std::string_view condition);

// Columns of an index for these conditions: those that are equal first, then one that is a range. Empty where
// no term can be served.
std::vector<std::string> index_columns(const std::vector<std::string>& conditions);

// "CREATE INDEX CONCURRENTLY ON t (a, b);"
std::string create_index(std::string_view schema, std::string_view relation,
                         const std::vector<std::string>& columns);

// The name as SQL has it: quoted where it has to be.
std::string sql_name(std::string_view name);
std::string sql_name(std::string_view schema, std::string_view name);

}  // namespace signalbox::queries
