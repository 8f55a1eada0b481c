#include <map>

#include <fmt/format.h>

#include "instruments/queries/hygiene/hygiene.hpp"
#include "instruments/queries/server/foreign_key_sql.hpp"

namespace signalbox::queries {
namespace {

constexpr std::string_view kNotOurs =
    "n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname not like 'pg_temp%' and "
    "n.nspname not like 'pg_toast_temp%'";

constexpr std::int64_t kBlocksWorthIt = 100 * 8'192;  // a small index is soon read, whatever it holds

Status read_head(ServerLink& link, HygieneFacts& out) {
  SIGNALBOX_TRY(
      const auto rows,
      link.query(
          "select current_database()::text, extract(epoch from now() - coalesce(s.stats_reset, "
          "pg_postmaster_start_time()))::float8, current_setting('autovacuum_freeze_max_age')::bigint, "
          "current_setting('autovacuum_multixact_freeze_max_age')::bigint from pg_stat_database s where "
          "s.datname = current_database()"));
  const store::Row& row = rows.at(0);
  out.database = row.text(0);
  out.counted_s = row.real(1);
  out.freeze_max_age = row.integer(2);
  out.multixact_freeze_max_age = row.integer(3);
  return {};
}

Status read_indexes(ServerLink& link, HygieneFacts& out) {
  // indoption and the rest are counted from 0. What is usual is not part of a key, so that equal ones are
  // equal.
  const std::string sql = fmt::format(
      "select n.nspname::text, t.relname::text, c.relname::text, m.amname::text, (select "
      "string_agg(pg_get_indexdef(x.indexrelid, k, true) || ' ' || x.indclass[k - 1] || ' ' || "
      "x.indcollation[k - 1] || ' ' || x.indoption[k - 1], chr(31) order by k) from generate_series(1, "
      "x.indnkeyatts) k), coalesce((select string_agg(pg_get_indexdef(x.indexrelid, k, true), ', ' order by "
      "k) from generate_series(x.indnkeyatts + 1, x.indnatts) k), ''), coalesce(pg_get_expr(x.indpred, "
      "x.indrelid), ''), case when x.indisunique then 1 else 0 end, case when x.indisprimary or "
      "x.indisreplident or x.indisexclusion or exists (select from pg_constraint o where o.conindid = "
      "x.indexrelid and o.contype in ('p', 'u', 'x', 'f')) then 1 else 0 end, case when x.indisvalid then 1 "
      "else 0 end, case when exists (select from pg_stat_progress_create_index p where p.index_relid = "
      "x.indexrelid or p.relid = x.indrelid) then 1 else 0 end, pg_relation_size(x.indexrelid)::bigint, "
      "coalesce(s.idx_scan, 0)::bigint from pg_index x join pg_class c on c.oid = x.indexrelid join pg_class "
      "t on t.oid = x.indrelid join pg_namespace n on n.oid = t.relnamespace join pg_am m on m.oid = c.relam "
      "left join pg_stat_all_indexes s on s.indexrelid = x.indexrelid where {} and c.relkind = 'i' order by "
      "1, 2, 3",
      kNotOurs);
  SIGNALBOX_TRY(out.indexes, read_list(link, sql, [](const store::Row& row) {
                  IndexFacts index;
                  index.schema = row.text(0);
                  index.table = row.text(1);
                  index.name = row.text(2);
                  index.method = row.text(3);
                  index.keys = list_in(row.text(4));
                  index.include = row.text(5);
                  index.predicate = row.text(6);
                  index.is_unique = row.integer(7) != 0;
                  index.is_needed = row.integer(8) != 0;
                  index.is_valid = row.integer(9) != 0;
                  index.is_being_built = row.integer(10) != 0;
                  index.bytes = row.integer(11);
                  index.scans = row.integer(12);
                  return index;
                }));
  return {};
}

Status add_uses(ServerLink& replica, HygieneFacts& out) {
  SIGNALBOX_TRY(const auto rows, replica.query("select schemaname::text, indexrelname::text, "
                                               "coalesce(idx_scan, 0)::bigint from pg_stat_all_indexes"));
  std::map<std::pair<std::string, std::string>, std::int64_t> uses;
  for (const store::Row& row : rows) uses[{row.text(0), row.text(1)}] = row.integer(2);
  for (IndexFacts& index : out.indexes) {
    const auto found = uses.find({index.schema, index.name});
    if (found != uses.end()) index.scans += found->second;
  }
  return {};
}

// Where the extension is made; else nothing is known.
Status read_density(ServerLink& link, HygieneFacts& out) {
  SIGNALBOX_TRY(const auto schema,
                link.query("select quote_ident(n.nspname)::text from pg_extension e join pg_namespace n on "
                           "n.oid = e.extnamespace where e.extname = 'pgstattuple'"));
  if (schema.empty()) {
    return fail(ErrorKind::unavailable, "--bloat: pgstattuple is not made in this database",
                "CREATE EXTENSION pgstattuple;");
  }
  for (IndexFacts& index : out.indexes) {
    if (index.method != "btree" || !index.is_valid || index.bytes < kBlocksWorthIt) continue;
    const std::string name = quoted_name(index.schema) + "." + quoted_name(index.name);
    SIGNALBOX_TRY(const auto rows,
                  link.query(fmt::format("select (case when avg_leaf_density = 'NaN' then 0 else "
                                         "avg_leaf_density end)::float8 from {}.pgstatindex(?::text)",
                                         schema.front().text(0)),
                             {name}));
    index.leaf_density = rows.at(0).real(0);
  }
  return {};
}

Status read_tables(ServerLink& link, HygieneFacts& out) {
  const std::string sql = fmt::format(
      "select n.nspname::text, c.relname::text, coalesce(s.n_live_tup, 0)::float8, coalesce(s.n_dead_tup, "
      "0)::float8, age(c.relfrozenxid)::bigint, mxid_age(c.relminmxid)::bigint, case when "
      "current_setting('autovacuum') = 'off' or exists (select from pg_options_to_table(c.reloptions) o "
      "where o.option_name = 'autovacuum_enabled' and not o.option_value::boolean) then 0 else 1 end from "
      "pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_stat_all_tables s on s.relid = "
      "c.oid where c.relkind in ('r', 'm') and {}",
      kNotOurs);
  SIGNALBOX_TRY(out.tables, read_list(link, sql, [](const store::Row& row) {
                  TableFacts table;
                  table.schema = row.text(0);
                  table.name = row.text(1);
                  table.live = row.real(2);
                  table.dead = row.real(3);
                  table.xid_age = row.integer(4);
                  table.multixact_age = row.integer(5);
                  table.is_vacuumed_by_itself = row.integer(6) != 0;
                  return table;
                }));
  SIGNALBOX_TRY(out.databases, read_list(link,
                                         "select datname::text, age(datfrozenxid)::bigint, "
                                         "mxid_age(datminmxid)::bigint from pg_database where datallowconn",
                                         [](const store::Row& row) {
                                           return DatabaseAge{row.text(0), row.integer(1), row.integer(2)};
                                         }));
  return {};
}

Status read_sequences(ServerLink& link, HygieneFacts& out) {
  const std::string sql = fmt::format(
      "select n.nspname::text, c.relname::text, coalesce(t.relname || '.' || a.attname, '')::text, "
      "coalesce(pg_sequence_last_value(s.seqrelid), 0)::float8, least(s.seqmax::float8, case a.atttypid when "
      "21 then 32767 when 23 then 2147483647 else 9.2e18 end)::float8, case when s.seqcycle then 1 else 0 "
      "end from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = "
      "c.relnamespace left join pg_depend d on d.objid = c.oid and d.classid = 'pg_class'::regclass and "
      "d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i') and d.refobjsubid > 0 left join "
      "pg_class t on t.oid = d.refobjid left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = "
      "d.refobjsubid where s.seqincrement > 0 and {} and has_sequence_privilege(s.seqrelid, 'select')",
      kNotOurs);
  SIGNALBOX_TRY(out.sequences, read_list(link, sql, [](const store::Row& row) {
                  return SequenceFacts{row.text(0), row.text(1), row.text(2),
                                       row.real(3), row.real(4), row.integer(5) != 0};
                }));
  return {};
}

// One that writes holds it by its own transaction between its statements too; VACUUM is not waited for.
Status read_holders(ServerLink& link, HygieneFacts& out) {
  SIGNALBOX_TRY(
      out.holders,
      read_list(
          link,
          "select 'session', a.pid::text, coalesce(a.state, a.backend_type)::text, "
          "greatest(age(a.backend_xmin), age(a.backend_xid))::bigint, coalesce(extract(epoch from now() - "
          "a.xact_start), 0)::float8 from pg_stat_activity a where (a.backend_xmin is not null or "
          "a.backend_xid is not null) and a.pid <> pg_backend_pid() and not exists (select from "
          "pg_stat_progress_vacuum v where v.pid = a.pid) union all select 'prepared transaction', "
          "gid::text, owner::text, age(transaction)::bigint, extract(epoch from now() - prepared)::float8 "
          "from pg_prepared_xacts union all select 'replication slot', slot_name::text, case when active "
          "then 'in use' else 'not in use' end, greatest(age(xmin), age(catalog_xmin))::bigint, 0::float8 "
          "from pg_replication_slots where xmin is not null or catalog_xmin is not null",
          [](const store::Row& row) {
            return HorizonHolder{row.text(0), row.text(1), row.text(2), row.integer(3), row.real(4)};
          }));
  return {};
}

Status read_foreign_keys(ServerLink& link, HygieneFacts& out) {
  const std::string sql = fmt::format(
      "select k.conname::text, n.nspname::text, c.relname::text, f.relname::text, {}, greatest(c.reltuples, "
      "0)::float8 from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = "
      "c.relnamespace join pg_class f on f.oid = k.confrelid where k.contype = 'f' and k.conparentid = 0 and "
      "{} and not {}",
      kReferringColumns, kNotOurs, kReferringIndexExists);
  SIGNALBOX_TRY(out.foreign_keys, read_list(link, sql, [](const store::Row& row) {
                  return ForeignKeyFacts{row.text(0), row.text(1),          row.text(2),
                                         row.text(3), list_in(row.text(4)), row.real(5)};
                }));
  return {};
}

}  // namespace

Result<HygieneFacts> read_hygiene(ServerLink& link, std::vector<ServerLink>& replicas, LeafDensity density) {
  HygieneFacts out;
  SIGNALBOX_CHECK(read_head(link, out));
  SIGNALBOX_CHECK(read_indexes(link, out));
  for (ServerLink& replica : replicas) SIGNALBOX_CHECK(add_uses(replica, out));
  if (density == LeafDensity::read) SIGNALBOX_CHECK(read_density(link, out));
  SIGNALBOX_CHECK(read_tables(link, out));
  SIGNALBOX_CHECK(read_sequences(link, out));
  SIGNALBOX_CHECK(read_holders(link, out));
  SIGNALBOX_CHECK(read_foreign_keys(link, out));
  return out;
}

}  // namespace signalbox::queries
