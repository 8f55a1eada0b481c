#include "instruments/queries/server/session_reading.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/sql/fingerprint.hpp"

namespace signalbox::queries {
namespace {

constexpr int kFirstWithQueryId = 140'000;

// Texts come of those that can have somebody wait for them: who is in the way for less than a second is not
// worth the octets of all that are at work.
std::string sessions_sql(int version) {
  return fmt::format(
      "select (extract(epoch from clock_timestamp()) * 1000)::bigint, a.pid, coalesce(a.leader_pid, 0), "
      "coalesce(a.datname::text, ''), coalesce(a.usename::text, ''), coalesce(a.application_name, ''), "
      "coalesce(host(a.client_addr), ''), coalesce(a.backend_type, ''), coalesce(a.state, ''), "
      "coalesce(a.wait_event_type, "
      "'CPU'), coalesce(a.wait_event, ''), {}, coalesce(extract(epoch from clock_timestamp() - "
      "a.xact_start), 0)::float8, "
      "coalesce(extract(epoch from clock_timestamp() - a.query_start), 0)::float8, case when "
      "a.wait_event_type = 'Lock' then "
      "array_to_string(pg_blocking_pids(a.pid), ',') else '' end, case when a.wait_event_type = 'Lock' or "
      "a.query_start < clock_timestamp() - interval '1 second' or a.state like 'idle "
      "in transaction%' then coalesce(a.query, '') else '' end, coalesce(extract(epoch from "
      "clock_timestamp() - a.backend_start), 0)::float8 from pg_stat_activity a "
      "where a.pid <> pg_backend_pid() and "
      "a.backend_type in ('client backend', 'parallel worker', 'autovacuum worker') and a.state in "
      "('active', 'fastpath "
      "function call', 'idle in transaction', 'idle in transaction (aborted)')",
      version >= kFirstWithQueryId ? "coalesce(a.query_id, 0)" : "0::bigint");
}

// What sessions wait for, in words.
constexpr std::string_view kLocks =
    "select l.pid, l.mode || case when l.locktype = 'transactionid' then ' on transaction ' || "
    "l.transactionid::text when "
    "l.relation is not null and l.database = (select oid from pg_database where datname = "
    "current_database()) then ' on ' || "
    "l.relation::regclass::text when l.relation is not null then ' on relation ' || l.relation::text else ' "
    "on ' || l.locktype "
    "end from pg_locks l where not l.granted";

SessionSample sample_of(const store::Row& row) {
  SessionSample out;
  out.pid = row.integer(1);
  out.leader_pid = row.integer(2);
  out.database = row.text(3);
  out.role = row.text(4);
  out.application = row.text(5);
  out.host = row.text(6);
  out.backend = row.text(7);
  out.state = row.text(8);
  out.wait_type = row.text(9);
  out.wait_event = row.text(10);
  out.query_id = row.integer(11);
  out.transaction_s = row.real(12);
  out.query_s = row.real(13);
  for (const std::string_view pid : split(row.text(14), ',')) {
    if (const auto number = parse_integer(pid)) out.blockers.push_back(*number);
  }
  std::sort(out.blockers.begin(), out.blockers.end());
  out.blockers.erase(std::unique(out.blockers.begin(), out.blockers.end()), out.blockers.end());
  out.sql = row.text(15);
  out.connected_s = row.real(16);
  return out;
}

}  // namespace

Result<SessionReading> read_sessions(ServerLink& link) {
  SessionReading out;
  SIGNALBOX_TRY(const auto rows, link.query(sessions_sql(link.identity().version)));
  bool anybody_waits = false;
  for (const store::Row& row : rows) {
    out.at = Time(Duration(row.integer(0)));
    out.sessions.push_back(sample_of(row));
    anybody_waits = anybody_waits || !out.sessions.back().blockers.empty();
  }
  if (rows.empty()) {
    SIGNALBOX_TRY(const auto clock,
                  link.query("select (extract(epoch from clock_timestamp()) * 1000)::bigint"));
    out.at = Time(Duration(clock.at(0).integer(0)));
  }
  // Texts are of those who wait and who are in the way, without constants; a parse costs more than the
  // sample.
  for (SessionSample& each : out.sessions) {
    const bool involved =
        !each.blockers.empty() ||
        std::any_of(out.sessions.begin(), out.sessions.end(), [&](const SessionSample& other) {
          return std::find(other.blockers.begin(), other.blockers.end(), each.pid) != other.blockers.end();
        });
    each.sql = involved && !each.sql.empty() ? read_statement(each.sql).text : std::string();
  }
  if (!anybody_waits) return out;
  SIGNALBOX_TRY(const auto locks, link.query(kLocks));
  for (const store::Row& row : locks) {
    for (SessionSample& each : out.sessions) {
      if (each.pid == row.integer(0)) each.lock = row.text(1);
    }
  }
  return out;
}

Result<InstanceReading> read_instance(ServerLink& link) {
  InstanceReading out;
  std::string columns;
  for (const char* each : kDatabaseCounters) columns += fmt::format(", coalesce({}, 0)::float8", each);
  SIGNALBOX_TRY(
      const auto databases,
      link.query(fmt::format(
          "select datname::text{} from pg_stat_database where datname is not null order by 1", columns)));
  for (const store::Row& row : databases) {
    InstanceReading::Database database{row.text(0), {}};
    for (std::size_t i = 0; i < std::size(kDatabaseCounters); ++i)
      database.counters.push_back(row.real(i + 1));
    out.databases.push_back(std::move(database));
  }
  SIGNALBOX_TRY(const auto connections,
                link.query("select coalesce(datname::text, ''), coalesce(state, 'unknown'), count(*) from "
                           "pg_stat_activity where "
                           "backend_type = 'client backend' group by 1, 2 order by 1, 2"));
  for (const store::Row& row : connections)
    out.connections.push_back({row.text(0), row.text(1), row.integer(2)});
  SIGNALBOX_TRY(const auto locks, link.query("select coalesce(d.datname::text, ''), l.mode, count(*) from "
                                             "pg_locks l left join pg_database d on d.oid = "
                                             "l.database group by 1, 2 order by 1, 2"));
  for (const store::Row& row : locks) out.locks.push_back({row.text(0), row.text(1), row.integer(2)});
  SIGNALBOX_TRY(const auto rest, link.query("select (extract(epoch from clock_timestamp()) * 1000)::bigint, "
                                            "current_setting('max_connections')::int, "
                                            "coalesce((select max(extract(epoch from clock_timestamp() - "
                                            "xact_start)) from pg_stat_activity where pid <> "
                                            "pg_backend_pid()), 0)::float8"));
  out.at = Time(Duration(rest.at(0).integer(0)));
  out.max_connections = rest.at(0).integer(1);
  out.longest_transaction_s = rest.at(0).real(2);
  return out;
}

}  // namespace signalbox::queries
