#include "instruments/queries/advice/copy.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/store/looked_at.hpp"
#include "instruments/queries/plans/plan_reader.hpp"

namespace signalbox::queries {
namespace {

constexpr store::LookOptions kTrying{"--prove",
                                     store::LookOptions::Access::read_write,
                                     std::chrono::seconds(2),
                                     std::chrono::seconds(60),
                                     store::LookOptions::Sql::as_written,
                                     kOwnMark};

// The copy may be on the server that is watched, whose statements these are not. It takes what is behind a
// semicolon for no part of the statement.
std::string marked(std::string_view sql) {
  sql = trim(sql);
  while (sql.ends_with(';')) sql.remove_suffix(1);
  return fmt::format("{} {}", sql, kOwnMark);
}

}  // namespace

Result<Copy> Copy::open(std::string_view dsn) {
  SIGNALBOX_TRY(ServerLink link, ServerLink::open(dsn));
  SIGNALBOX_TRY(auto database, store::open_looked_at(dsn, kTrying));
  return Copy(std::move(link), std::move(database));
}

Result<std::vector<store::Row>> Copy::query(std::string_view sql,
                                            const std::vector<store::Value>& parameters) {
  return database_->query(marked(sql), parameters);
}

Status Copy::run(std::string_view sql) {
  SIGNALBOX_CHECK(database_->execute(marked(sql)));
  return {};
}

Result<PreparedStatement> Copy::prepare(std::string_view sql) {
  PreparedStatement out;
  out.name = fmt::format("signalbox_{}", ++prepared_);
  // The protocol takes one statement alone.
  SIGNALBOX_CHECK(run(fmt::format("prepare {} as {}", out.name, trim(sql))));
  SIGNALBOX_TRY(const auto rows,
                query("select coalesce(array_to_string(parameter_types::text[], chr(31)), '')::text from "
                      "pg_prepared_statements where name = $1",
                      {out.name}));
  if (!rows.empty() && !rows.front().text(0).empty()) out.types = list_in(rows.front().text(0));
  return out;
}

Result<Plan> Copy::explain(const PreparedStatement& statement, Values which,
                           const std::vector<std::string>& values) {
  std::vector<std::string> given = values;
  given.resize(statement.types.size(), "null");
  SIGNALBOX_CHECK(run(fmt::format("set plan_cache_mode = {}",
                                  which == Values::any ? "force_generic_plan" : "force_custom_plan")));
  const std::string arguments = given.empty() ? "" : fmt::format("({})", fmt::join(given, ", "));
  SIGNALBOX_TRY(const auto rows, query(fmt::format("explain (verbose, {}format json) execute {}{}",
                                                   which == Values::any ? "" : "analyze, buffers, ",
                                                   statement.name, arguments)));
  return read_plan(rows.at(0).text(0));
}

Status Copy::try_out(const std::function<Status()>& work) {
  Status outcome;
  // The one way to have a transaction rolled back is that its work fails.
  static_cast<void>(database_->transaction(store::Database::Access::write, [&]() -> Status {
    outcome = work();
    return fail(ErrorKind::internal, "it was tried out, and is taken back");
  }));
  return outcome;
}

Status Copy::try_within(const std::function<Status()>& work) {
  SIGNALBOX_CHECK(run("savepoint signalbox_try"));
  Status outcome = work();
  SIGNALBOX_CHECK(run("rollback to savepoint signalbox_try"));
  SIGNALBOX_CHECK(run("release savepoint signalbox_try"));
  return outcome;
}

}  // namespace signalbox::queries
