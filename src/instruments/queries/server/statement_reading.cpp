#include "instruments/queries/server/statement_reading.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace signalbox::queries {
namespace {

constexpr std::string_view kInTheWay =
    "shared_preload_libraries = 'pg_stat_statements' in postgresql.conf, restart the server, then CREATE "
    "EXTENSION pg_stat_statements; `signalbox queries doctor` says what is missing";
// So many statements are asked for by their ids; of more, all texts are read.
constexpr std::size_t kMaxByKey = 200;

// Columns of a row of counters, from `first` on, in the order of the two tables.
Counters counters_of(const store::Row& row, std::size_t first) {
  Counters out;
  for (const CountColumn& column : kCountColumns) out.*column.field = row.integer(first++);
  for (const TimeColumn& column : kTimeColumns) out.*column.field = row.real(first++);
  return out;
}

StatementKey key_of(const store::Row& row) {
  return {row.integer(0), row.integer(1), row.integer(2), row.integer(3) != 0};
}

}  // namespace

std::size_t StatementKeyHash::operator()(const StatementKey& key) const {
  // queryid is a hash already.
  return static_cast<std::size_t>(key.queryid) ^ static_cast<std::size_t>(key.userid << 32) ^
         static_cast<std::size_t>(key.dbid << 1) ^ static_cast<std::size_t>(key.toplevel);
}

Result<StatementReader> StatementReader::open(ServerLink& link) {
  if (link.statements_schema().empty()) SIGNALBOX_CHECK(link.find_statements_schema());
  if (link.statements_schema().empty()) {
    return fail(ErrorKind::unavailable,
                fmt::format("database {}: there is no pg_stat_statements", link.identity().database),
                std::string(kInTheWay));
  }
  StatementReader out(link);
  SIGNALBOX_CHECK(out.plan());
  if (auto tried =
          link.query("select 1 from " + link.statements_schema() + "pg_stat_statements(false) limit 0");
      !tried) {
    return fail(ErrorKind::unavailable, tried.error().message, std::string(kInTheWay));
  }
  return out;
}

Status StatementReader::plan() {
  SIGNALBOX_TRY(
      const auto rows,
      link_->query("select attname::text from pg_attribute where attrelid = ?::regclass and attnum > 0",
                   {link_->statements_schema() + "pg_stat_statements"}));
  std::set<std::string, std::less<>> columns;
  for (const store::Row& row : rows) columns.insert(row.text(0));
  has_toplevel_ = columns.contains("toplevel");
  has_info_ = link_->identity().version >= 140'000;
  select_ = fmt::format("select userid, dbid, coalesce(queryid, 0), {}", has_toplevel_ ? "toplevel" : "true");
  for (const CountColumn& column : kCountColumns)
    select_ += fmt::format(", {}::bigint", columns.contains(column.name) ? column.name : "0");
  for (const TimeColumn& column : kTimeColumns) {
    const bool newer = !column.newer_name.empty() && columns.contains(column.newer_name);
    select_ += fmt::format(", {}::float8", newer ? column.newer_name : column.server_name);
  }
  select_ += fmt::format(" from {}pg_stat_statements(false)", link_->statements_schema());
  return {};
}

Result<StatementReading> StatementReader::read() {
  StatementReading out;
  SIGNALBOX_TRY(
      const auto head,
      link_->query(has_info_
                       ? "select (extract(epoch from clock_timestamp()) * 1000)::bigint, dealloc, "
                         "(extract(epoch from stats_reset) * 1000)::bigint from " +
                             link_->statements_schema() + "pg_stat_statements_info"
                       : std::string("select (extract(epoch from clock_timestamp()) * 1000)::bigint, 0, 0")));
  out.at = Time(std::chrono::milliseconds(head.at(0).integer(0)));
  out.dealloc = head.at(0).integer(1);
  out.stats_reset_ms = head.at(0).integer(2);
  constexpr std::size_t kKeyColumns = 4;
  SIGNALBOX_CHECK(link_->for_each(select_, [&](const store::Row& row) {
    // Hidden ones have no id of their own.
    out.statements[key_of(row)] += counters_of(row, kKeyColumns);
    return true;
  }));
  return out;
}

Result<std::vector<StatementName>> StatementReader::names(const std::vector<StatementKey>& keys) {
  std::vector<StatementName> out;
  if (keys.empty()) return out;
  // In brackets, so that what is different each time is not kept as a prepared statement.
  std::string sql = fmt::format(
      "(select s.userid, s.dbid, coalesce(s.queryid, 0), {}, coalesce(r.rolname::text, ''), "
      "coalesce(d.datname::text, ''), case when s.queryid is null then '' else coalesce(s.query, '') end "
      "from "
      "{}pg_stat_statements(true) s left join pg_roles r on r.oid = s.userid left join pg_database d on "
      "d.oid = "
      "s.dbid",
      has_toplevel_ ? "s.toplevel" : "true", link_->statements_schema());
  if (keys.size() <= kMaxByKey) {
    std::set<std::int64_t> ids;
    for (const StatementKey& key : keys) ids.insert(key.queryid);
    sql += fmt::format(" where coalesce(s.queryid, 0) in ({})", fmt::join(ids, ", "));
  }
  sql += ")";
  ByStatement<bool> wanted;
  for (const StatementKey& key : keys) wanted.emplace(key, true);
  SIGNALBOX_CHECK(link_->for_each(sql, [&](const store::Row& row) {
    const StatementKey key = key_of(row);
    if (const auto found = wanted.find(key); found != wanted.end()) {
      wanted.erase(found);
      out.push_back({key, row.text(4), row.text(5), row.text(6)});
    }
    return true;
  }));
  return out;
}

}  // namespace signalbox::queries
