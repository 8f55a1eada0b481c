#include "core/store/database.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/store/migrate.hpp"
#include "core/store/postgres_database.hpp"
#include "core/store/sqlite_database.hpp"

namespace signalbox::store {
namespace {

template <class T>
const T& value_or_zero(const Value& value) {
  static const T kZero{};
  const T* held = std::get_if<T>(&value);
  return held == nullptr ? kZero : *held;
}

Result<std::unique_ptr<Database>> open_engine(std::string_view url, const OpenOptions& options) {
  if (url.empty()) return fail(ErrorKind::bad_input, "the store has no name", "--store sqlite:PATH");
  constexpr std::string_view kSqlite = "sqlite:";
  if (url.starts_with("postgresql://") || url.starts_with("postgres://"))
    return PostgresDatabase::open(url, options);
  if (url.starts_with(kSqlite)) url.remove_prefix(kSqlite.size());
  if (url.find("://") != std::string_view::npos) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}…: not a store this can open", printable(url.substr(0, url.find("://") + 3))),
                "--store sqlite:PATH or postgresql://USER@HOST/DATABASE");
  }
  return SqliteDatabase::open(std::filesystem::path(url), options);
}

}  // namespace

std::int64_t Row::integer(std::size_t column) const {
  return value_or_zero<std::int64_t>(values_[column]);
}
double Row::real(std::size_t column) const {
  return value_or_zero<double>(values_[column]);
}
const std::string& Row::text(std::size_t column) const {
  return value_or_zero<std::string>(values_[column]);
}
const std::string& Row::blob(std::size_t column) const {
  return value_or_zero<Blob>(values_[column]).octets;
}

Result<std::unique_ptr<Database>> open_database(std::string_view url, const OpenOptions& options) {
  SIGNALBOX_TRY(auto database, open_engine(url, options));
  SIGNALBOX_CHECK(check_format(*database));
  return database;
}

Result<bool> has_table(Database& database, std::string_view table) {
  const std::string_view sql =
      database.engine() == Engine::sqlite
          ? "select count(*) from sqlite_master where type = 'table' and name = ?"
          : "select count(*) from pg_tables where schemaname = current_schema() and tablename = ?";
  SIGNALBOX_TRY(const auto rows, database.query(sql, {std::string(table)}));
  return rows[0].integer(0) != 0;
}

}  // namespace signalbox::store
