#include "instruments/queries/exports/prometheus_rules.hpp"

#include <fmt/format.h>

#include "core/base/json.hpp"

namespace signalbox::queries {
namespace {

// Quoted as JSON, which YAML takes as it is.
std::string quoted(const std::string& text) {
  return Json(text).dump();
}

// A literal block, four columns deeper than its key.
std::string block(const std::string& text) {
  std::string out = "|-\n          ";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "          ";
  }
  return out;
}

}  // namespace

std::vector<RecordingRule> recording_rules() {
  return {
      {"server_queryid:pg_stat_statements_total_time_seconds:rate5m",
       "sum by (server, queryid) (rate(pg_stat_statements_total_time_seconds[5m]))"},
      {"server_queryid:pg_stat_statements_calls:rate5m",
       "sum by (server, queryid) (rate(pg_stat_statements_calls[5m]))"},
      {"server_queryid:pg_stat_statements_mean_time_seconds:rate5m",
       "sum by (server, queryid) (rate(pg_stat_statements_total_time_seconds[5m]))\n/\n"
       "sum by (server, queryid) (rate(pg_stat_statements_calls[5m]))"},
      {"server:pg_stat_database_xact_commit:rate1m",
       "sum by (server) (rate(pg_stat_database_xact_commit[1m]))"},
      {"server:pg_stat_database_xact_rollback:rate1m",
       "sum by (server) (rate(pg_stat_database_xact_rollback[1m]))"},
      {"server:pg_stat_database_blks_read:rate5m", "sum by (server) (rate(pg_stat_database_blks_read[5m]))"},
      {"server:pg_stat_database_blks_hit:ratio_rate5m",
       "sum by (server) (rate(pg_stat_database_blks_hit[5m]))\n/\n"
       "(sum by (server) (rate(pg_stat_database_blks_hit[5m])) + sum by (server) "
       "(rate(pg_stat_database_blks_read[5m])))"},
      {"server:pg_stat_activity_count:ratio",
       "sum by (server) (pg_stat_activity_count)\n/\nsum by (server) (pg_settings_max_connections)"},
      {"server:signalbox_aas:sum", "sum by (server) (signalbox_aas)"},
  };
}

std::vector<AlertingRule> alerting_rules() {
  return {
      {"PostgresHighAvgQueryLatency",
       "(sum by (queryid) (rate(pg_stat_statements_total_time_seconds[5m]))\n"
       " / sum by (queryid) (rate(pg_stat_statements_calls[5m]))\n"
       ") > 0.5",
       "10m", "page", "Postgres average query latency > 500ms for a fingerprint",
       "A query fingerprint has average latency above 500ms for 10m."},
      {"PostgresStatementSurge",
       "server_queryid:pg_stat_statements_total_time_seconds:rate5m > 0.1\nand\n"
       "server_queryid:pg_stat_statements_total_time_seconds:rate5m\n"
       "  > 4 * (server_queryid:pg_stat_statements_total_time_seconds:rate5m offset 10m)",
       "2m", "page", "A statement takes four times what it took ten minutes ago",
       "{{ $labels.queryid }} on {{ $labels.server }} takes {{ $value | humanize }} seconds a second; "
       "signalbox "
       "queries triage says why."},
      {"PostgresLoadSurge",
       "server:signalbox_aas:sum > 2\nand\nserver:signalbox_aas:sum > 4 * (server:signalbox_aas:sum offset "
       "1h)",
       "10m", "page", "Four times as many sessions are at work as an hour ago",
       "{{ $labels.server }} has {{ $value | humanize }} active sessions on average."},
      {"PostgresSessionsWaitForLocks", "sum by (server) (signalbox_aas{wait=\"Lock\"}) > 2", "5m", "page",
       "Sessions wait for locks", "{{ $labels.server }}: signalbox queries locks shows who is in the way."},
      {"PostgresSessionsWaitForBlocks",
       "sum by (server) (signalbox_aas{wait=\"IO\"}) > 1\nand\n"
       "sum by (server) (signalbox_aas{wait=\"IO\"}) > 0.5 * server:signalbox_aas:sum",
       "10m", "ticket", "Most of the sessions at work wait for disks",
       "{{ $labels.server }}: {{ $value | humanize }} sessions on average."},
      {"PostgresCacheMissStorm",
       "(server:pg_stat_database_blks_hit:ratio_rate5m offset 10m) - "
       "server:pg_stat_database_blks_hit:ratio_rate5m "
       ">= 0.1\nand\n"
       "server:pg_stat_database_blks_read:rate5m >= 2 * (server:pg_stat_database_blks_read:rate5m offset "
       "10m)",
       "2m", "ticket", "Blocks are no longer found in the cache",
       "The hit ratio of {{ $labels.server }} fell by {{ $value | humanizePercentage }} in ten minutes, and "
       "twice "
       "as many blocks are read."},
      {"PostgresConnectionsHigh", "server:pg_stat_activity_count:ratio > 0.8", "5m", "ticket",
       "Four fifths of the connections are used",
       "{{ $labels.server }} uses {{ $value | humanizePercentage }} of max_connections."},
      {"PostgresConnectionsNearlyGone", "server:pg_stat_activity_count:ratio > 0.95", "1m", "page",
       "Hardly a connection is left",
       "{{ $labels.server }} uses {{ $value | humanizePercentage }} of "
       "max_connections."},
      {"PostgresLongTransaction", "max by (server) (pg_stat_activity_max_tx_duration) > 600", "5m", "ticket",
       "A transaction is open for ten minutes",
       "The oldest one of {{ $labels.server }} is {{ $value | humanizeDuration }} old: vacuum cannot clean "
       "up "
       "behind it."},
      {"PostgresRollbacks",
       "server:pg_stat_database_xact_rollback:rate1m\n"
       "  > 0.1 * (server:pg_stat_database_xact_commit:rate1m + "
       "server:pg_stat_database_xact_rollback:rate1m)\n"
       "and\nserver:pg_stat_database_xact_rollback:rate1m > 1",
       "10m", "ticket", "A tenth of the transactions is rolled back",
       "{{ $labels.server }} rolls back {{ $value | humanize }} transactions a second."},
      {"PostgresDeadlocks", "sum by (server) (increase(pg_stat_database_deadlocks[10m])) > 0", "0m", "ticket",
       "Sessions were in each other's way for good",
       "{{ $labels.server }} ended a deadlock; its log has the statements."},
      {"PostgresTemporaryFiles", "sum by (server) (rate(pg_stat_database_temp_bytes[5m])) > 50e6", "10m",
       "ticket", "Sorts and hashes spill to disk",
       "{{ $labels.server }} writes {{ $value | humanize1024 }}B a second of temporary files."},
      {"PostgresNotWatched", "absent(pg_settings_max_connections)", "5m", "page", "Nobody watches Postgres",
       "Nothing is told of any server: signalbox queries watch --listen is not running, or not scraped."},
  };
}

std::string prometheus_rules() {
  std::string out =
      "# Rules for what `signalbox queries watch --listen` tells. Written by `signalbox queries export "
      "rules`.\n"
      "groups:\n  - name: postgres.recording\n    rules:\n";
  for (const RecordingRule& rule : recording_rules())
    out += fmt::format("      - record: {}\n        expr: {}\n", rule.record, block(rule.expression));
  out += "  - name: postgres.rules\n    rules:\n";
  for (const AlertingRule& rule : alerting_rules())
    out += fmt::format(
        "      - alert: {}\n        expr: {}\n        for: {}\n        labels:\n          severity: {}\n"
        "        annotations:\n          summary: {}\n          description: {}\n",
        rule.alert, block(rule.expression), rule.hold, rule.severity, quoted(rule.summary),
        quoted(rule.description));
  return out;
}

}  // namespace signalbox::queries
