#include "instruments/queries/catalog/plan_catalog_reading.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "instruments/queries/server/foreign_key_sql.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMostTables = 1'000;

// The oids of the tables, "16384,16390", of those that are there.
Result<std::string> oids_of(ServerLink& link, const std::set<std::pair<std::string, std::string>>& names) {
  std::string texts;
  std::size_t count = 0;
  for (const auto& [schema, name] : names) {
    if (++count > kMostTables) break;
    if (!texts.empty()) texts += kListSeparator;
    texts += schema.empty() ? quoted_name(name) : quoted_name(schema) + "." + quoted_name(name);
  }
  SIGNALBOX_TRY(const auto rows,
                link.query("select distinct to_regclass(name)::oid::bigint from unnest(string_to_array(?, "
                           "chr(31))) name where to_regclass(name) is not null",
                           {texts}));
  std::vector<std::int64_t> out;
  for (const store::Row& row : rows) out.push_back(row.integer(0));
  return fmt::format("{}", fmt::join(out, ","));
}

// Of a table's oid, where it is among those of the catalogue.
using Places = std::map<std::int64_t, std::size_t>;

Result<Places> read_tables(ServerLink& link, const std::string& oids, PlanCatalog& out) {
  SIGNALBOX_TRY(
      const auto rows,
      link.query(fmt::format(
          "select n.nspname::text, c.relname::text, greatest(c.reltuples, 0)::float8, "
          "coalesce(s.n_mod_since_analyze, 0)::float8, case when coalesce(s.last_analyze, "
          "s.last_autoanalyze) is null then 0 else 1 end, case when exists (select from pg_statistic_ext e "
          "where e.stxrelid = c.oid) then 1 else 0 end, coalesce((select pg_get_partkeydef(i.inhparent) from "
          "pg_inherits i join pg_class p on p.oid = i.inhparent where i.inhrelid = c.oid and p.relkind = 'p' "
          "limit 1), ''), c.oid::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace left "
          "join pg_stat_all_tables s on s.relid = c.oid where c.oid in ({})",
          oids)));
  Places places;
  for (const store::Row& row : rows) {
    CatalogTable table;
    table.schema = row.text(0);
    table.name = row.text(1);
    table.rows = row.real(2);
    table.changed = row.real(3);
    table.was_analyzed = row.integer(4) != 0;
    table.has_statistics_of_several = row.integer(5) != 0;
    table.partition_key = row.text(6);
    places[row.integer(7)] = out.tables.size();
    out.tables.push_back(std::move(table));
  }
  SIGNALBOX_TRY(
      const auto columns,
      link.query(fmt::format("select attrelid::bigint, attname::text, format_type(atttypid, atttypmod) from "
                             "pg_attribute where attrelid in ({}) and attnum > 0 and not attisdropped",
                             oids)));
  for (const store::Row& row : columns) {
    const auto place = places.find(row.integer(0));
    if (place != places.end()) out.tables[place->second].types[row.text(1)] = row.text(2);
  }
  return places;
}

Status read_indexes(ServerLink& link, const std::string& oids, const Places& places, PlanCatalog& out) {
  // indoption: 1 is DESC.
  SIGNALBOX_TRY(
      const auto rows,
      link.query(fmt::format(
          "select c.relname::text, (select string_agg(pg_get_indexdef(x.indexrelid, k, true) || case when "
          "x.indoption[k - 1] & 1 = 1 then ' DESC' else '' end, ', ' order by k) from generate_series(1, "
          "x.indnkeyatts) k), x.indrelid::bigint, case when x.indpred is null and x.indisvalid then 1 else 0 "
          "end from pg_index x join pg_class c on c.oid = x.indexrelid where x.indrelid in ({})",
          oids)));
  for (const store::Row& row : rows) {
    out.index_columns[row.text(0)] = row.text(1);
    const auto place = places.find(row.integer(2));
    if (place != places.end() && row.integer(3) != 0)
      out.tables[place->second].indexes.push_back(row.text(1));
  }
  return {};
}

// Those that refer to the tables: deleting from these looks there.
Status read_foreign_keys(ServerLink& link, const std::string& oids, PlanCatalog& out) {
  const std::string sql = fmt::format(
      "select k.conname::text, case when pg_table_is_visible(c.oid) then '' else n.nspname::text end, "
      "c.relname::text, f.relname::text, {}, case when {} then 1 else 0 end from pg_constraint k join "
      "pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace join pg_class f on "
      "f.oid = k.confrelid where k.contype = 'f' and k.confrelid in ({})",
      kReferringColumns, kReferringIndexExists, oids);
  SIGNALBOX_TRY(out.foreign_keys, read_list(link, sql, [](const store::Row& row) {
                  CatalogForeignKey key;
                  key.name = row.text(0);
                  key.schema = row.text(1);
                  key.table = row.text(2);
                  key.referred = row.text(3);
                  key.columns = list_in(row.text(4));
                  key.has_index = row.integer(5) != 0;
                  return key;
                }));
  return {};
}

Result<PlanCatalog> read_all(ServerLink& link, const std::set<std::pair<std::string, std::string>>& names) {
  PlanCatalog out;
  SIGNALBOX_TRY(
      const auto settings,
      link.query("select name::text, setting::text from pg_settings where name in ('max_parallel_workers', "
                 "'max_worker_processes', 'work_mem', 'plan_cache_mode')"));
  for (const store::Row& row : settings) out.settings[row.text(0)] = row.text(1);
  if (names.empty()) return out;
  SIGNALBOX_TRY(const std::string oids, oids_of(link, names));
  if (oids.empty()) return out;
  SIGNALBOX_TRY(const Places places, read_tables(link, oids, out));
  SIGNALBOX_CHECK(read_indexes(link, oids, places, out));
  SIGNALBOX_CHECK(read_foreign_keys(link, oids, out));
  return out;
}

}  // namespace

Result<PlanCatalog> read_plan_catalog(ServerLink& link, const Plan& plan) {
  std::set<std::pair<std::string, std::string>> names;
  for (const PlanNode& node : plan.nodes) {
    if (!node.relation.empty()) names.emplace(node.schema, node.relation);
  }
  return read_all(link, names);
}

Result<PlanCatalog> read_plan_catalog(ServerLink& link,
                                      const std::vector<std::pair<std::string, std::string>>& tables) {
  return read_all(link, {tables.begin(), tables.end()});
}

}  // namespace signalbox::queries
