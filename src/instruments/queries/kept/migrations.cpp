#include "instruments/queries/kept/migrations.hpp"

#include <fmt/format.h>

#include "instruments/queries/statements/counters.hpp"

namespace signalbox::queries {
namespace {

// Of a migration nothing may change once it was released, so its columns are spelled out.
constexpr std::string_view kCounters =
    "calls INTEGER not null, plans INTEGER not null, rows INTEGER not null, shared_blks_hit INTEGER not "
    "null, "
    "shared_blks_read INTEGER not null, shared_blks_dirtied INTEGER not null, shared_blks_written INTEGER "
    "not "
    "null, local_blks_hit INTEGER not null, local_blks_read INTEGER not null, temp_blks_read INTEGER not "
    "null, "
    "temp_blks_written INTEGER not null, wal_records INTEGER not null, wal_bytes INTEGER not null, "
    "total_plan_ms "
    "REAL not null, total_exec_ms REAL not null, exec_m2_ms2 REAL not null, blk_read_ms REAL not null, "
    "blk_write_ms REAL not null";

std::string statements_sql() {
  return fmt::format(R"(
create table queries_server (
  id INTEGER primary key, name TEXT not null unique, system_identifier TEXT not null, address TEXT not null,
  version INTEGER not null, seen_ms INTEGER not null, stats_reset_ms INTEGER not null, dealloc INTEGER not null);
create table queries_statement (
  id INTEGER primary key, server INTEGER not null, userid INTEGER not null, dbid INTEGER not null,
  queryid INTEGER not null, toplevel INTEGER not null, role_name TEXT not null, database_name TEXT not null,
  fingerprint TEXT not null, sql_text TEXT not null, unique (server, userid, dbid, queryid, toplevel));
create index queries_statement_fingerprint on queries_statement (server, fingerprint);
create table queries_last (statement INTEGER primary key, {0});
create table queries_window (
  id INTEGER primary key, server INTEGER not null, began_ms INTEGER not null, ended_ms INTEGER not null,
  kind TEXT not null, dealloc INTEGER not null, unique (server, ended_ms));
create table queries_delta (
  window_id INTEGER not null, statement INTEGER not null, partial INTEGER not null, {0},
  primary key (window_id, statement)) WITHOUT ROWID;
create index queries_delta_statement on queries_delta (statement, window_id))",
                     kCounters);
}

constexpr std::string_view kSessions = R"(
create table queries_bucket (
  id INTEGER primary key, server INTEGER not null, began_ms INTEGER not null, ended_ms INTEGER not null,
  ticks INTEGER not null, missed INTEGER not null, connections INTEGER not null, active INTEGER not null,
  idle_in_transaction INTEGER not null, max_connections INTEGER not null, locks INTEGER not null,
  waiting INTEGER not null, commits REAL not null, rollbacks REAL not null, longest_transaction_s REAL not null);
create index queries_bucket_ended on queries_bucket (server, ended_ms);
create table queries_active (
  bucket INTEGER not null, wait_type TEXT not null, wait_event TEXT not null, database_name TEXT not null,
  role_name TEXT not null, application TEXT not null, host TEXT not null, query_id INTEGER not null,
  samples INTEGER not null);
create index queries_active_bucket on queries_active (bucket);
create table queries_blocked (
  server INTEGER not null, at_ms INTEGER not null, pid INTEGER not null, blockers TEXT not null,
  database_name TEXT not null, role_name TEXT not null, application TEXT not null, state TEXT not null,
  wait_type TEXT not null, wait_event TEXT not null, lock_text TEXT not null, query_id INTEGER not null,
  transaction_s REAL not null, query_s REAL not null, sql_text TEXT not null);
create index queries_blocked_at on queries_blocked (server, at_ms))";

constexpr std::string_view kIncidents = R"(
create table queries_incident (
  id INTEGER primary key, server INTEGER not null, name TEXT not null, began_ms INTEGER not null,
  ended_ms INTEGER not null, ticket_text TEXT not null, bundle_text TEXT not null))";

constexpr std::string_view kRunQueues = R"(
alter table queries_server add column cores INTEGER not null default 0;
alter table queries_bucket add column not_told TEXT not null default 'it was not looked at';
alter table queries_active add column told INTEGER not null default 0;
alter table queries_active add column queued REAL not null default 0)";

constexpr std::string_view kAdvice = R"(
create table queries_advice (
  id INTEGER primary key, server INTEGER not null, database_name TEXT not null, at_ms INTEGER not null,
  data_text TEXT not null))";

constexpr std::string_view kLockEvents = R"(
create table queries_lock_event (
  server INTEGER not null, at_ms INTEGER not null, kind TEXT not null, pid INTEGER not null,
  event_text TEXT not null);
create index queries_lock_event_at on queries_lock_event (server, at_ms))";

constexpr std::string_view kPlans = R"(
create table queries_plan (
  id INTEGER primary key, server INTEGER not null, query_id INTEGER not null, fingerprint TEXT not null,
  shape TEXT not null, at_ms INTEGER not null, duration_ms REAL not null, source TEXT not null,
  plan_text TEXT not null);
create index queries_plan_query on queries_plan (server, query_id, at_ms);
create index queries_plan_fingerprint on queries_plan (server, fingerprint, at_ms))";

}  // namespace

std::vector<store::Migration> kept_migrations() {
  return {{"queries", 1, "statements", statements_sql()},
          {"queries", 2, "sessions", std::string(kSessions)},
          {"queries", 3, "plans", std::string(kPlans)},
          {"queries", 4, "own", "alter table queries_statement add column own INTEGER not null default 0"},
          {"queries", 5, "incidents", std::string(kIncidents)},
          {"queries", 6, "run queues", std::string(kRunQueues)},
          {"queries", 7, "advice", std::string(kAdvice)},
          {"queries", 8, "lock events", std::string(kLockEvents)}};
}

Result<std::unique_ptr<store::Database>> open_kept_store(const Workspace& workspace,
                                                         const std::string& store) {
  if (store.starts_with("http://") || store.starts_with("https://")) {
    return fail(ErrorKind::bad_input, "--store: queries are kept in a store itself, not through a server",
                "--store sqlite:PATH or postgresql://USER@HOST/DATABASE");
  }
  SIGNALBOX_TRY(auto database,
                store::open_database(store.empty() ? "sqlite:" + workspace.database().string() : store));
  SIGNALBOX_CHECK(store::migrate(*database, kept_migrations()));
  return database;
}

std::string counter_columns() {
  std::string out;
  for (const CountColumn& column : kCountColumns)
    out += fmt::format("{}{}", out.empty() ? "" : ", ", column.name);
  for (const TimeColumn& column : kTimeColumns) out += fmt::format(", {}", column.name);
  return out;
}

std::string summed_counters(std::string_view table) {
  std::string out;
  for (const CountColumn& column : kCountColumns)
    out += fmt::format("{}sum({}.{})", out.empty() ? "" : ", ", table, column.name);
  for (const TimeColumn& column : kTimeColumns) out += fmt::format(", sum({}.{})", table, column.name);
  return out;
}

}  // namespace signalbox::queries
