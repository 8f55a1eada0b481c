#include "instruments/queries/watch/metrics_text.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::queries {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : escape_invalid_utf8(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? 'n' : c;
    if (c == '\n') out.insert(out.size() - 1, "\\");
  }
  return out;
}

class Text {
 public:
  explicit Text(std::string_view server) : server_(escaped(server)) {}
  void family(std::string_view name, std::string_view type, std::string_view help) {
    out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
    name_ = name;
  }
  void sample(std::string_view labels, double value) {
    out_ +=
        fmt::format("{}{{server=\"{}\"{}{}}} {}\n", name_, server_, labels.empty() ? "" : ",", labels, value);
  }
  std::string out() && { return std::move(out_); }

 private:
  std::string server_, out_, name_;
};

struct StatementFamily {
  const char* name;
  const char* help;
  double (*value)(const Counters&);
};
constexpr StatementFamily kStatements[] = {
    {"pg_stat_statements_calls", "Executions",
     [](const Counters& c) { return static_cast<double>(c.calls); }},
    {"pg_stat_statements_total_time_seconds", "Time of execution",
     [](const Counters& c) { return c.total_exec_ms / 1000; }},
    {"pg_stat_statements_rows_total", "Rows returned or changed",
     [](const Counters& c) { return static_cast<double>(c.rows); }},
    {"pg_stat_statements_block_read_seconds_total", "Waited for blocks",
     [](const Counters& c) { return c.blk_read_ms / 1000; }},
};

std::string labels_of(const SeriesLabels& labels) {
  return fmt::format("datname=\"{}\",user=\"{}\",queryid=\"{}\"", escaped(labels.database),
                     escaped(labels.role), labels.query_id);
}

void add_statements(Text& text, const TopSeries& series) {
  for (const StatementFamily& family : kStatements) {
    text.family(family.name, "counter", family.help);
    for (const auto& [labels, counters] : series.shown())
      text.sample(labels_of(labels), family.value(counters));
    text.sample("datname=\"\",user=\"\",queryid=\"other\"", family.value(series.other()));
  }
}

void add_instance(Text& text, const InstanceReading& instance) {
  for (std::size_t i = 0; i < std::size(kDatabaseCounters); ++i) {
    const std::string name = kDatabaseCounters[i];
    text.family("pg_stat_database_" + name, name == "numbackends" ? "gauge" : "counter",
                "pg_stat_database." + name);
    for (const auto& each : instance.databases)
      text.sample(fmt::format("datname=\"{}\"", escaped(each.name)), each.counters[i]);
  }
  text.family("pg_stat_activity_count", "gauge", "Connections by state");
  for (const auto& each : instance.connections)
    text.sample(fmt::format("datname=\"{}\",state=\"{}\"", escaped(each.database), escaped(each.what)),
                static_cast<double>(each.count));
  text.family("pg_stat_activity_max_tx_duration", "gauge", "Age of the oldest transaction, in seconds");
  text.sample("", instance.longest_transaction_s);
  text.family("pg_locks_count", "gauge", "Locks held and waited for, by mode");
  for (const auto& each : instance.locks)
    text.sample(fmt::format("datname=\"{}\",mode=\"{}\"", escaped(each.database), escaped(each.what)),
                static_cast<double>(each.count));
  text.family("pg_settings_max_connections", "gauge", "max_connections");
  text.sample("", static_cast<double>(instance.max_connections));
}

}  // namespace

std::string metrics_text(const std::string& server, const TopSeries& series, const SessionBucket& sessions,
                         const InstanceReading& instance) {
  Text text(server);
  add_statements(text, series);
  add_instance(text, instance);
  text.family("signalbox_aas", "gauge", "Average active sessions, by what they wait for");
  std::map<std::string, double> waits;
  for (const auto& [key, count] : sessions.active) {
    waits[key.wait_type] += static_cast<double>(count.samples) - count.queued;
    if (count.queued > 0) waits[std::string(kRunQueue)] += count.queued;
  }
  for (const auto& [name, count] : waits)
    text.sample(fmt::format("wait=\"{}\"", escaped(name)),
                count / static_cast<double>(std::max<std::int64_t>(1, sessions.ticks)));
  return std::move(text).out();
}

}  // namespace signalbox::queries
