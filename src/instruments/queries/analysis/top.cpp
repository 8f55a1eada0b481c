#include "instruments/queries/analysis/top.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/analysis/sessions_report.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

struct OrderName {
  TopOrder order;
  std::string_view name;
};
constexpr OrderName kOrders[] = {
    {TopOrder::total, "total"}, {TopOrder::mean, "mean"}, {TopOrder::calls, "calls"},
    {TopOrder::p95, "p95"},     {TopOrder::rows, "rows"}, {TopOrder::read, "read"},
    {TopOrder::temp, "temp"},   {TopOrder::wal, "wal"},   {TopOrder::plan, "plan"}};
constexpr double kP95 = 0.95;
constexpr std::size_t kShownSql = 100;  // octets of a statement in a table

// Which rows are one: the fingerprint, or all that pg_stat_statements tells apart.
std::string group_of(const KeptStatement& statement, TopKey key) {
  if (key == TopKey::fingerprint && !statement.fingerprint.empty()) return statement.fingerprint;
  return std::to_string(statement.id);
}

void add(TopRow& row, const StatementSum& sum) {
  const KeptStatement& statement = sum.statement;
  if (row.statements.empty()) {
    row.fingerprint = statement.fingerprint;
    row.database = statement.database;
    row.role = statement.role;
    row.sql = statement.sql;
    row.toplevel = statement.key.toplevel;
  }
  if (row.database != statement.database) row.database.clear();
  if (row.role != statement.role) row.role.clear();
  row.partial = row.partial || sum.partial;
  row.statements.push_back(statement.id);
  const std::int64_t id = statement.key.queryid;
  if (id != 0 && std::find(row.queryids.begin(), row.queryids.end(), id) == row.queryids.end())
    row.queryids.push_back(id);
  row.counters += sum.counters;
}

std::string name_of_row(const TopRow& row) {
  if (row.queryids.empty()) return "hidden";
  if (row.queryids.size() == 1) return std::to_string(row.queryids.front());
  return counted(row.queryids.size(), "id");
}

std::string one_line(std::string_view sql) {
  std::string out;
  for (const char c : sql.substr(0, 4 * kShownSql)) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!space) out += c;
    if (space && !out.empty() && out.back() != ' ') out += ' ';
  }
  return cut_to_width(printable(escape_invalid_utf8(out)), kShownSql);
}

double share_of(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

std::vector<Cell> cells_of(const Counters& counters, const Counters& all) {
  const std::int64_t touched = counters.shared_blks_hit + counters.shared_blks_read;
  return {text_of_share(share_of(counters.total_exec_ms, all.total_exec_ms)),
          text_of_ms(counters.total_exec_ms),
          text_of_count(counters.calls),
          text_of_ms(mean_exec_ms(counters)),
          text_of_ms(quantile_bound_ms(counters, kP95)),
          text_of_count(counters.rows),
          text_of_blocks(counters.shared_blks_read),
          touched == 0 ? ""
                       : text_of_share(share_of(static_cast<double>(counters.shared_blks_hit),
                                                static_cast<double>(touched))),
          text_of_blocks(counters.temp_blks_read + counters.temp_blks_written),
          text_of_bytes(counters.wal_bytes)};
}

// "▁▃█": the height of each part of the greatest.
std::string sparkline(const std::vector<double>& parts) {
  constexpr const char* kBars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const double most = parts.empty() ? 0 : *std::max_element(parts.begin(), parts.end());
  std::string out;
  for (const double part : parts) {
    const auto height = most <= 0 || part <= 0 ? 0 : 1 + static_cast<int>(7 * part / most);
    out += kBars[std::min(height, 8)];
  }
  return out;
}

Cell change_of(const TopRow& row, std::size_t rank) {
  if (!row.rank_before) return "";
  if (*row.rank_before == 0) return {"new", Tone::caution};
  if (*row.rank_before == rank) return "";
  if (*row.rank_before > rank) return {fmt::format("↑{}", *row.rank_before - rank), Tone::caution};
  return {fmt::format("↓{}", rank - *row.rank_before), Tone::quiet};
}

Table table_of(const Top& top) {
  Table out;
  out.title = fmt::format("Statements by {}", name_of(top.options.order));
  const auto right = Column::Align::right;
  out.columns = {{"#", right},       {"Δ"},
                 {"queryid", right}, {"trend"},
                 {"share", right},   {"total", right},
                 {"calls", right},   {"mean", right},
                 {"p95 ≤", right},   {"rows", right},
                 {"read", right},    {"hit", right},
                 {"temp", right},    {"WAL", right},
                 {"database"},       {"statement"}};
  std::size_t rank = 0;
  for (const TopRow& row : top.rows) {
    ++rank;
    std::vector<Cell> cells{std::to_string(rank), change_of(row, rank), name_of_row(row),
                            sparkline(row.trend)};
    for (Cell& cell : cells_of(row.counters, top.all)) cells.push_back(std::move(cell));
    cells.emplace_back(printable(row.database), Tone::quiet);
    cells.emplace_back(
        (row.toplevel ? "" : "(in a function) ") +
        (row.sql.empty() ? std::string("hidden from the user that watches") : one_line(row.sql)));
    out.rows.push_back(std::move(cells));
  }
  if (top.others > 0) {
    std::vector<Cell> cells{"", "", "other", ""};
    for (Cell& cell : cells_of(top.other, top.all)) cells.push_back(std::move(cell));
    cells.emplace_back("");
    cells.emplace_back(counted(top.others, "other statement"), Tone::quiet);
    out.rows.push_back(std::move(cells));
  }
  return out;
}

Json json_of(const TopRow& row) {
  // As text: half the world's readers of JSON round 64 bits.
  Json ids = Json::array();
  for (const std::int64_t id : row.queryids) ids.push_back(std::to_string(id));
  Json trend = Json::array();
  for (const double part : row.trend) trend.push_back(part);
  return Json::object(
      {{"queryids", std::move(ids)},
       {"fingerprint", row.fingerprint},
       {"database", row.database},
       {"role", row.role},
       {"toplevel", row.toplevel},
       {"partial", row.partial},
       {"statement", row.sql},
       {"rank_before", row.rank_before ? Json(static_cast<std::int64_t>(*row.rank_before)) : Json()},
       {"trend_ms", std::move(trend)},
       {"counters", to_json(row.counters)}});
}

}  // namespace

std::string_view name_of(TopOrder order) {
  return std::find_if(std::begin(kOrders), std::end(kOrders),
                      [&](const auto& each) { return each.order == order; })
      ->name;
}

std::optional<TopOrder> top_order_from(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kOrders), std::end(kOrders),
                                         [&](const auto& each) { return each.name == name; });
  return found == std::end(kOrders) ? std::nullopt : std::optional(found->order);
}

std::vector<std::string> top_order_names() {
  std::vector<std::string> out;
  for (const OrderName& each : kOrders) out.emplace_back(each.name);
  return out;
}

double value_of(const Counters& counters, TopOrder order) {
  switch (order) {
    case TopOrder::total:
      return counters.total_exec_ms;
    case TopOrder::mean:
      return mean_exec_ms(counters);
    case TopOrder::calls:
      return static_cast<double>(counters.calls);
    case TopOrder::p95:
      return quantile_bound_ms(counters, kP95);
    case TopOrder::rows:
      return static_cast<double>(counters.rows);
    case TopOrder::read:
      return static_cast<double>(counters.shared_blks_read + counters.local_blks_read);
    case TopOrder::temp:
      return static_cast<double>(counters.temp_blks_read + counters.temp_blks_written);
    case TopOrder::wal:
      return static_cast<double>(counters.wal_bytes);
    case TopOrder::plan:
      return counters.total_plan_ms;
  }
  return 0;
}

Top top_of(const std::vector<StatementSum>& sums, const TopOptions& options) {
  Top out;
  out.options = options;
  std::map<std::string, TopRow> groups;
  for (const StatementSum& sum : sums) {
    if (!sum.statement.key.toplevel && !options.nested) continue;
    out.all += sum.counters;
    if (sum.statement.own) {
      out.own += sum.counters;
      out.other += sum.counters;
      ++out.others;
      continue;
    }
    add(groups[group_of(sum.statement, options.key)], sum);
  }
  for (auto& [name, row] : groups) out.rows.push_back(std::move(row));
  std::sort(out.rows.begin(), out.rows.end(), [&](const TopRow& a, const TopRow& b) {
    const double left = value_of(a.counters, options.order), right = value_of(b.counters, options.order);
    if (left != right) return left > right;
    if (a.counters.total_exec_ms != b.counters.total_exec_ms)
      return a.counters.total_exec_ms > b.counters.total_exec_ms;
    return a.statements.front() < b.statements.front();
  });
  for (std::size_t i = options.rows; i < out.rows.size(); ++i) out.other += out.rows[i].counters;
  if (out.rows.size() > options.rows) {
    out.others += out.rows.size() - options.rows;
    out.rows.resize(options.rows);
  }
  return out;
}

std::string words_of(const SpanTotals& span) {
  if (span.windows == 0) return "nothing was read in this time";
  if (span.since_reset) return "since the counters were reset at " + to_rfc3339(span.began);
  std::string out = fmt::format("from {} to {}", to_rfc3339(span.began), to_rfc3339(span.ended));
  if (span.covered < span.ended - span.began)
    out += fmt::format(", with gaps: {} of it was watched", to_text(span.covered));
  return out;
}

Report top_report(const Top& top, const KeptServer& server, const SpanTotals& span,
                  const ProcessorUse& processor) {
  Report report;
  report.instrument = "queries";
  report.title = fmt::format("Statements of {} by {}", server.name, name_of(top.options.order));
  report.summary = words_of(span);
  if (span.since_reset) report.summary += "; two readings tell what happens now";
  const double covered_s = std::chrono::duration<double>(span.covered).count();
  report.facts = {{"statements", static_cast<std::int64_t>(top.rows.size() + top.others), ""},
                  {"calls", top.all.calls, ""},
                  {"execution time", text_of_ms(top.all.total_exec_ms), ""}};
  if (!span.since_reset && covered_s > 0) {
    report.facts.push_back(
        {"calls a second", fmt::format("{:.1f}", static_cast<double>(top.all.calls) / covered_s), ""});
    report.facts.push_back(
        {"average active executions", fmt::format("{:.2f}", top.all.total_exec_ms / 1000 / covered_s), ""});
  }
  for (Fact& fact : processor_facts(processor)) report.facts.push_back(std::move(fact));
  if (top.own.calls > 0)
    report.facts.push_back({"of it for watching", text_of_ms(top.own.total_exec_ms), ""});
  if (span.dealloc > 0) {
    report.findings.push_back(
        {"queries/dropped-statements", Severity::warning,
         fmt::format("the server dropped statements {} for want of room: what those did is missing here",
                     counted(span.dealloc, "time")),
         std::nullopt, "raise pg_stat_statements.max, and restart the server"});
  }
  report.tables.push_back(table_of(top));
  if (!top.rows.empty() && !top.rows.front().queryids.empty())
    report.next = {fmt::format("signalbox queries show {}", top.rows.front().queryids.front())};
  Json rows = Json::array();
  for (const TopRow& row : top.rows) rows.push_back(json_of(row));
  report.data = Json::object({{"server", server.name},
                              {"began", to_rfc3339(span.began)},
                              {"ended", to_rfc3339(span.ended)},
                              {"covered_ms", static_cast<std::int64_t>(span.covered.count())},
                              {"since_reset", span.since_reset},
                              {"windows", span.windows},
                              {"dealloc", span.dealloc},
                              {"order", name_of(top.options.order)},
                              {"rows", std::move(rows)},
                              {"other", Json::object({{"statements", static_cast<std::int64_t>(top.others)},
                                                      {"counters", to_json(top.other)}})},
                              {"processor", processor_json(processor)},
                              {"own", to_json(top.own)},
                              {"all", to_json(top.all)}});
  return report;
}

Json to_json(const Counters& counters) {
  Json out = Json::object();
  for (const CountColumn& column : kCountColumns) out.set(std::string(column.name), counters.*column.field);
  for (const TimeColumn& column : kTimeColumns) {
    if (column.field != &Counters::exec_m2_ms2) out.set(std::string(column.name), counters.*column.field);
  }
  out.set("mean_exec_ms", mean_exec_ms(counters));
  out.set("stddev_exec_ms", stddev_exec_ms(counters));
  out.set("p95_bound_ms", quantile_bound_ms(counters, kP95));
  return out;
}

}  // namespace signalbox::queries
