#include "instruments/queries/exports/grafana_dashboard.hpp"

#include <initializer_list>

#include "core/base/json.hpp"

namespace signalbox::queries {
namespace {

constexpr int kColumns = 24;  // of Grafana's grid

struct Query {
  const char* expression;
  const char* legend;
};

Json source() {
  return Json::object({{"type", "prometheus"}, {"uid", "${source}"}});
}

// Panels from the left to the right and downwards, with a heading over each part.
class Board {
 public:
  void part(const char* title) {
    next_row();
    panels_.push_back(Json::object({{"id", ++id_},
                                    {"type", "row"},
                                    {"title", title},
                                    {"collapsed", false},
                                    {"gridPos", place(kColumns, 1)},
                                    {"panels", Json::array()}}));
  }

  Json& panel(const char* type, const char* title, const char* unit, int width, int height,
              std::initializer_list<Query> queries) {
    Json targets = Json::array();
    char letter = 'A';
    for (const Query& each : queries) {
      Json target = Json::object({{"refId", std::string(1, letter++)},
                                  {"datasource", source()},
                                  {"expr", each.expression},
                                  {"legendFormat", each.legend}});
      if (std::string_view(type) != "timeseries") target.set("instant", true);
      if (std::string_view(type) == "table") target.set("format", "table");
      targets.push_back(std::move(target));
    }
    panels_.push_back(Json::object(
        {{"id", ++id_},
         {"type", type},
         {"title", title},
         {"datasource", source()},
         {"gridPos", place(width, height)},
         {"fieldConfig",
          Json::object({{"defaults", Json::object({{"unit", unit}})}, {"overrides", Json::array()}})},
         {"targets", std::move(targets)}}));
    return panels_.items().back();
  }
  Json panels() && { return std::move(panels_); }

 private:
  Json place(int width, int height) {
    if (x_ + width > kColumns) next_row();
    Json out = Json::object({{"h", height}, {"w", width}, {"x", x_}, {"y", y_}});
    x_ += width;
    tallest_ = std::max(tallest_, height);
    return out;
  }
  void next_row() {
    y_ += tallest_;
    x_ = tallest_ = 0;
  }

  Json panels_ = Json::array();
  int id_ = 0, x_ = 0, y_ = 0, tallest_ = 0;
};

void top_line(Board& board) {
  board.part("Top line");
  board.panel(
      "timeseries", "Average time of a statement", "s", 8, 7,
      {{"sum by (server) (rate(pg_stat_statements_total_time_seconds{server=~\"$server\"}[5m])) / sum by "
        "(server) (rate(pg_stat_statements_calls{server=~\"$server\"}[5m]))",
        "{{server}}"}});
  board.panel(
      "timeseries", "Statements and transactions", "ops", 8, 7,
      {{"sum by (server) (rate(pg_stat_statements_calls{server=~\"$server\"}[1m]))", "statements {{server}}"},
       {"server:pg_stat_database_xact_commit:rate1m{server=~\"$server\"}", "commits {{server}}"},
       {"server:pg_stat_database_xact_rollback:rate1m{server=~\"$server\"}", "rollbacks {{server}}"}});
  board.panel(
      "timeseries", "Connections", "short", 8, 7,
      {{"sum by (server, state) (pg_stat_activity_count{server=~\"$server\"})", "{{state}} {{server}}"},
       {"pg_settings_max_connections{server=~\"$server\"}", "max_connections {{server}}"}});
}

void offenders(Board& board, const std::string& console) {
  board.part("Offenders");
  Json& table = board.panel(
      "table", "Statements by the time they take", "s", kColumns, 9,
      {{"topk(20, server_queryid:pg_stat_statements_total_time_seconds:rate5m{server=~\"$server\"})", ""},
       {"server_queryid:pg_stat_statements_calls:rate5m{server=~\"$server\"} and topk(20, "
        "server_queryid:pg_stat_statements_total_time_seconds:rate5m{server=~\"$server\"})",
        ""},
       {"server_queryid:pg_stat_statements_mean_time_seconds:rate5m{server=~\"$server\"} and topk(20, "
        "server_queryid:pg_stat_statements_total_time_seconds:rate5m{server=~\"$server\"})",
        ""}});
  table.set("transformations",
            Json(Json::Array{
                Json::object({{"id", "merge"}, {"options", Json::object()}}),
                Json::object(
                    {{"id", "organize"},
                     {"options", Json::object({{"excludeByName", Json::object({{"Time", true}})},
                                               {"renameByName", Json::object({{"Value #A", "time a second"},
                                                                              {"Value #B", "calls a second"},
                                                                              {"Value #C", "mean"}})}})}})}));
  if (console.empty()) return;
  const Json link = Json::object({{"title", "its text and plan"},
                                  {"url", console + "/#/queries/q/${__value.text}"},
                                  {"targetBlank", true}});
  Json over = Json::object(
      {{"matcher", Json::object({{"id", "byName"}, {"options", "queryid"}})},
       {"properties", Json(Json::Array{Json::object({{"id", "links"}, {"value", Json(Json::Array{link})}}),
                                       Json::object({{"id", "unit"}, {"value", "string"}})})}});
  table.set("fieldConfig", Json::object({{"defaults", Json::object({{"unit", "s"}})},
                                         {"overrides", Json(Json::Array{std::move(over)})}}));
}

void one_statement(Board& board) {
  board.part("Statement $queryid");
  board.panel("timeseries", "Mean", "s", 8, 7,
              {{"server_queryid:pg_stat_statements_mean_time_seconds:rate5m{server=~\"$server\",queryid=~\"$"
                "queryid\"}",
                "{{queryid}}"}});
  board.panel("timeseries", "Calls", "ops", 8, 7,
              {{"server_queryid:pg_stat_statements_calls:rate5m{server=~\"$server\",queryid=~\"$queryid\"}",
                "{{queryid}}"}});
  board.panel(
      "timeseries", "Waiting for blocks", "s", 8, 7,
      {{"sum by (server, queryid) "
        "(rate(pg_stat_statements_block_read_seconds_total{server=~\"$server\",queryid=~\"$queryid\"}[5m]))",
        "{{queryid}}"}});
}

void contention(Board& board) {
  board.part("Contention");
  Json& waits = board.panel("timeseries", "Active sessions by what they wait for", "short", 12, 8,
                            {{"sum by (wait) (signalbox_aas{server=~\"$server\"})", "{{wait}}"}});
  waits.set(
      "fieldConfig",
      Json::object(
          {{"defaults",
            Json::object({{"unit", "short"},
                          {"custom", Json::object({{"fillOpacity", 60},
                                                   {"stacking", Json::object({{"mode", "normal"}})}})}})},
           {"overrides", Json::array()}}));
  board.panel("timeseries", "Locks", "short", 6, 8,
              {{"sum by (mode) (pg_locks_count{server=~\"$server\"})", "{{mode}}"}});
  board.panel(
      "timeseries", "Deadlocks and the oldest transaction", "s", 6, 8,
      {{"sum by (server) (increase(pg_stat_database_deadlocks{server=~\"$server\"}[5m]))",
        "deadlocks {{server}}"},
       {"max by (server) (pg_stat_activity_max_tx_duration{server=~\"$server\"})", "oldest {{server}}"}});
}

void system_strip(Board& board) {
  board.part("System");
  board.panel(
      "timeseries", "Processor (node_exporter)", "percentunit", 8, 7,
      {{"sum by (instance, mode) (rate(node_cpu_seconds_total{mode=~\"user|system|iowait\"}[1m])) / on "
        "(instance) group_left count by (instance) (node_cpu_seconds_total{mode=\"idle\"})",
        "{{mode}} {{instance}}"}});
  board.panel("timeseries", "Disks (node_exporter)", "Bps", 8, 7,
              {{"sum by (instance) (rate(node_disk_read_bytes_total[1m]))", "read {{instance}}"},
               {"sum by (instance) (rate(node_disk_written_bytes_total[1m]))", "written {{instance}}"}});
  board.panel("timeseries", "Cache hits and blocks read", "percentunit", 8, 7,
              {{"server:pg_stat_database_blks_hit:ratio_rate5m{server=~\"$server\"}", "hits {{server}}"}});
}

Json variable(const char* name, const char* query) {
  return Json::object({{"name", name},
                       {"type", "query"},
                       {"datasource", source()},
                       {"query", Json::object({{"query", query}, {"refId", name}})},
                       {"refresh", 2},
                       {"multi", true},
                       {"includeAll", true}});
}

}  // namespace

std::string grafana_dashboard(const std::string& console) {
  Board board;
  top_line(board);
  offenders(board, console);
  one_statement(board);
  contention(board);
  system_strip(board);
  const Json pick = Json::object(
      {{"name", "source"}, {"label", "Data source"}, {"type", "datasource"}, {"query", "prometheus"}});
  return Json::object(
             {{"title", "Query Performance"},
              {"uid", "signalbox-queries"},
              {"tags", Json(Json::Array{"postgres", "signalbox"})},
              {"schemaVersion", 37},
              {"editable", true},
              {"refresh", "30s"},
              {"time", Json::object({{"from", "now-1h"}, {"to", "now"}})},
              {"templating",
               Json::object(
                   {{"list",
                     Json(Json::Array{
                         pick, variable("server", "label_values(pg_settings_max_connections, server)"),
                         variable("queryid", "label_values(pg_stat_statements_calls, queryid)")})}})},
              {"panels", std::move(board).panels()}})
             .pretty() +
         "\n";
}

}  // namespace signalbox::queries
