#include "instruments/queries/analysis/statement_report.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/analysis/top.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kChartPoints = 120;
constexpr std::size_t kManyIds = 20;  // of one fingerprint: lists of changing length, or a table a tenant
constexpr double kP95 = 0.95, kP99 = 0.99;

Chart chart_of(std::string title, std::string unit, const std::vector<HistoryPoint>& points,
               double (*value)(const HistoryPoint&)) {
  Chart out;
  out.title = std::move(title);
  out.x_label = "minutes before the last reading";
  out.y_label = std::move(unit);
  Series series;
  series.name = out.y_label;
  for (const HistoryPoint& point : points) {
    series.x.push_back(
        -std::chrono::duration<double, std::ratio<60>>(points.back().ended - point.ended).count());
    series.y.push_back(value(point));
  }
  out.series.push_back(std::move(series));
  return out;
}

double calls_a_second(const HistoryPoint& point) {
  const double seconds = std::chrono::duration<double>(point.ended - point.began).count();
  return seconds > 0 ? static_cast<double>(point.counters.calls) / seconds : 0;
}

Json json_of(const HistoryPoint& point) {
  return Json::object({{"began", to_rfc3339(point.began)},
                       {"ended", to_rfc3339(point.ended)},
                       {"calls", point.counters.calls},
                       {"rows", point.counters.rows},
                       {"total_exec_ms", point.counters.total_exec_ms},
                       {"mean_exec_ms", mean_exec_ms(point.counters)},
                       {"stddev_exec_ms", stddev_exec_ms(point.counters)},
                       {"shared_blks_read", point.counters.shared_blks_read},
                       {"shared_blks_hit", point.counters.shared_blks_hit},
                       {"blk_read_ms", point.counters.blk_read_ms}});
}

Table figures_of(const Counters& sum) {
  Table out;
  out.title = "What it cost";
  out.columns = {{"of"}, {"in all", Column::Align::right}, {"a call", Column::Align::right}};
  const auto calls = static_cast<double>(std::max<std::int64_t>(1, sum.calls));
  const auto add = [&](const char* name, std::string all, std::string each) {
    out.rows.push_back({name, std::move(all), std::move(each)});
  };
  add("execution", text_of_ms(sum.total_exec_ms), text_of_ms(mean_exec_ms(sum)));
  if (sum.plans > 0) add("planning", text_of_ms(sum.total_plan_ms), text_of_ms(sum.total_plan_ms / calls));
  add("rows", text_of_count(sum.rows), fmt::format("{:.1f}", static_cast<double>(sum.rows) / calls));
  const auto blocks = [&](const char* name, std::int64_t count) {
    add(name, text_of_blocks(count), fmt::format("{:.1f} blocks", static_cast<double>(count) / calls));
  };
  blocks("found in shared buffers", sum.shared_blks_hit);
  blocks("read into them", sum.shared_blks_read);
  if (sum.blk_read_ms > 0)
    add("waited for reads", text_of_ms(sum.blk_read_ms), text_of_ms(sum.blk_read_ms / calls));
  if (sum.shared_blks_dirtied > 0) blocks("dirtied", sum.shared_blks_dirtied);
  if (sum.temp_blks_written > 0) blocks("written to temporary files", sum.temp_blks_written);
  if (sum.wal_bytes > 0)
    add("WAL", text_of_bytes(sum.wal_bytes),
        text_of_bytes(static_cast<std::int64_t>(static_cast<double>(sum.wal_bytes) / calls)));
  return out;
}

Table versions_table(const std::vector<PlanSample>& plans) {
  Table out;
  out.title = "Plans";
  const auto right = Column::Align::right;
  out.columns = {{"shape"},       {"first seen"},     {"last seen"},    {"samples", right},
                 {"mean", right}, {"slowest", right}, {"number", right}};
  for (const PlanVersion& each : versions_of(plans))
    out.rows.push_back({each.shape, to_rfc3339(each.first), to_rfc3339(each.last),
                        text_of_count(each.samples), text_of_ms(each.mean_ms), text_of_ms(each.slowest_ms),
                        std::to_string(each.example)});
  return out;
}

Json plans_json(const std::vector<PlanSample>& plans) {
  Json versions = Json::array(), flips = Json::array();
  for (const PlanVersion& each : versions_of(plans))
    versions.push_back(Json::object({{"shape", each.shape},
                                     {"first", to_rfc3339(each.first)},
                                     {"last", to_rfc3339(each.last)},
                                     {"samples", each.samples},
                                     {"mean_ms", each.mean_ms},
                                     {"slowest_ms", each.slowest_ms},
                                     {"example", each.example}}));
  for (const PlanFlip& each : flips_of(plans))
    flips.push_back(Json::object({{"at", to_rfc3339(each.at)},
                                  {"before", each.before},
                                  {"after", each.after},
                                  {"before_id", each.before_id},
                                  {"after_id", each.after_id},
                                  {"before_ms", each.before_ms},
                                  {"after_ms", each.after_ms}}));
  return Json::object({{"versions", std::move(versions)}, {"flips", std::move(flips)}});
}

Json waits_json(const std::vector<ActiveShare>& waits) {
  Json out = Json::array();
  for (const ActiveShare& each : waits)
    out.push_back(Json::object({{"name", each.name}, {"active", each.active}}));
  return out;
}

template <class Field>
std::string distinct(const std::vector<KeptStatement>& statements, Field field) {
  std::set<std::string> out;
  for (const KeptStatement& each : statements) out.insert(printable(each.*field));
  return join({out.begin(), out.end()}, ", ");
}

}  // namespace

std::vector<HistoryPoint> thinned(std::vector<HistoryPoint> points, std::size_t most) {
  if (points.size() <= most) return points;
  const std::size_t together = (points.size() + most - 1) / most;
  std::vector<HistoryPoint> out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i % together == 0) {
      out.push_back(points[i]);
      continue;
    }
    out.back().ended = points[i].ended;
    out.back().counters += points[i].counters;
  }
  return out;
}

Report statement_report(const StatementStory& story, const KeptServer& server) {
  const KeptStatement& first = story.statements.front();
  Report report;
  report.instrument = "queries";
  report.title = fmt::format("Statement {} of {}",
                             first.fingerprint.empty() ? "that is hidden" : first.fingerprint, server.name);
  report.summary = words_of(story.span);
  std::set<std::int64_t> ids;
  for (const KeptStatement& each : story.statements) ids.insert(each.key.queryid);
  report.facts = {
      {"queryid", ids.size() == 1 ? std::to_string(*ids.begin()) : counted(ids.size(), "id"), ""},
      {"database", distinct(story.statements, &KeptStatement::database), ""},
      {"user", distinct(story.statements, &KeptStatement::role), ""},
      {"calls", text_of_count(story.sum.calls), ""},
      {"mean", text_of_ms(mean_exec_ms(story.sum)), ""},
      {"deviation", text_of_ms(stddev_exec_ms(story.sum)), ""},
      {"p95 at most", text_of_ms(quantile_bound_ms(story.sum, kP95)), ""},
      {"p99 at most", text_of_ms(quantile_bound_ms(story.sum, kP99)), ""},
      {"share of all execution time",
       text_of_share(
           story.everything.total_exec_ms > 0 ? story.sum.total_exec_ms / story.everything.total_exec_ms : 0),
       ""}};
  if (ids.size() >= kManyIds) {
    report.findings.push_back(
        {"queries/many-ids", Severity::warning,
         fmt::format("one statement has {} queryids: lists of changing length, or a table for each tenant",
                     ids.size()),
         std::nullopt, "pass lists as one array: = ANY($1)"});
  }
  Table text;
  text.title = "Statement";
  text.columns = {{"SQL"}};
  for (const std::string_view line : lines(first.sql))
    text.rows.push_back({printable(escape_invalid_utf8(line))});
  report.tables.push_back(std::move(text));
  report.tables.push_back(figures_of(story.sum));
  if (!story.plans.empty()) report.tables.push_back(versions_table(story.plans));
  for (const PlanFlip& each : flips_of(story.plans)) {
    report.findings.push_back(
        {"queries/plan-flip", each.after_ms > each.before_ms ? Severity::warning : Severity::note,
         fmt::format("at {} its plan became another one: {} before, {} after", to_rfc3339(each.at),
                     text_of_ms(each.before_ms), text_of_ms(each.after_ms)),
         std::nullopt, fmt::format("signalbox queries plan diff {} {}", each.before_id, each.after_id)});
  }
  const auto points = thinned(story.history, kChartPoints);
  if (points.size() > 1) {
    report.charts.push_back(chart_of("Mean execution time", "ms", points,
                                     [](const HistoryPoint& point) { return mean_exec_ms(point.counters); }));
    report.charts.push_back(chart_of("Calls a second", "1/s", points, calls_a_second));
  }
  Json history = Json::array();
  for (const HistoryPoint& point : points) history.push_back(json_of(point));
  Json id_texts = Json::array();
  for (const std::int64_t id : ids) id_texts.push_back(std::to_string(id));
  report.data = Json::object({{"server", server.name},
                              {"queryids", std::move(id_texts)},
                              {"fingerprint", first.fingerprint},
                              {"statement", first.sql},
                              {"counters", to_json(story.sum)},
                              {"all", to_json(story.everything)},
                              {"history", std::move(history)},
                              {"waits", waits_json(story.waits)},
                              {"plans", plans_json(story.plans)}});
  return report;
}

}  // namespace signalbox::queries
