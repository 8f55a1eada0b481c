#include "instruments/queries/sql/statement_kind.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <pg_query.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxTreeBytes = std::size_t{256} << 20;
constexpr std::size_t kMaxDepth = 1'000;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), name) != all.end();
}

// The last name of a list of them: of pg_catalog.now that is now.
std::string last_name(const Json& names) {
  if (names.items().empty()) return {};
  const Json& string = names.items().back()["String"];
  for (const char* key : {"sval", "str"}) {
    if (string[key].is_string()) return std::string(string[key].as_string());
  }
  return {};
}

class Walk {
 public:
  StatementKind run(const Json& statement) && {
    const bool is_query = statement.members().size() == 1 &&
                          is_one_of(statement.members()[0].first,
                                    {"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"});
    if (is_query) out_.does = StatementKind::Does::read;
    std::vector<const Json*> stack{&statement};
    while (!stack.empty()) {
      const Json& value = *stack.back();
      stack.pop_back();
      for (const Json& each : value.items()) stack.push_back(&each);
      for (const auto& [name, member] : value.members()) {
        look_at(name, member, is_query);
        stack.push_back(&member);
      }
    }
    return std::move(out_);
  }

 private:
  void look_at(const std::string& name, const Json& member, bool is_query) {
    if (name == "FuncCall") add_function(last_name(member["funcname"]));
    if (name == "ParamRef") {
      out_.parameters = std::max(out_.parameters, static_cast<std::size_t>(member["number"].as_integer()));
    }
    if (!is_query) return;
    const bool makes_a_table = name == "intoClause" && member.is_object() && member.size() > 0;
    if (makes_a_table) out_.does = StatementKind::Does::other;
    const bool writes =
        is_one_of(name, {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "LockingClause"});
    if (writes && out_.does == StatementKind::Does::read) out_.does = StatementKind::Does::write;
  }
  void add_function(std::string name) {
    if (name.empty() || std::find(out_.functions.begin(), out_.functions.end(), name) != out_.functions.end())
      return;
    out_.functions.push_back(std::move(name));
  }

  StatementKind out_;
};

}  // namespace

Result<StatementKind> kind_of_statement(std::string_view sql) {
  if (sql.size() > kMaxBytes) return fail(ErrorKind::bad_input, "the statement is longer than a mebibyte");
  if (sql.find('\0') != std::string_view::npos)
    return fail(ErrorKind::bad_input, "the statement has a NUL in it");
  const std::string text(sql);
  const PgQueryParseResult parsed = pg_query_parse(text.c_str());
  const std::string error = parsed.error == nullptr ? "" : parsed.error->message;
  const std::string tree = parsed.parse_tree == nullptr ? "" : parsed.parse_tree;
  pg_query_free_parse_result(parsed);
  if (!error.empty()) return fail(ErrorKind::bad_input, "the statement: " + printable(error));
  SIGNALBOX_TRY(const Json json, parse_json(tree, {kMaxTreeBytes, kMaxDepth, false}));
  const Json& statements = json["stmts"];
  if (statements.size() != 1) {
    return fail(ErrorKind::bad_input,
                statements.size() == 0 ? "there is no statement" : "there are several statements",
                "one statement, without EXPLAIN before it");
  }
  return Walk().run(statements.items()[0]["stmt"]);
}

}  // namespace signalbox::queries
