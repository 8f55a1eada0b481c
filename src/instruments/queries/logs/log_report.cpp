#include "instruments/queries/logs/log_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kLeastShareOfRecords = 0.9;
constexpr double kQuantiles[] = {0.5, 0.95, 0.99};
constexpr std::size_t kShownSql = 100;

double value_of(const LoggedStatement& statement, LogOrder order) {
  switch (order) {
    case LogOrder::total:
      return statement.counters.total_exec_ms;
    case LogOrder::calls:
      return static_cast<double>(statement.counters.calls);
    case LogOrder::mean:
      return mean_exec_ms(statement.counters);
    case LogOrder::p95:
      return statement.durations.quantile(0.95);
    case LogOrder::max:
      return statement.max_ms;
  }
  return 0;
}

std::vector<const LoggedStatement*> sorted(const LogProfile& profile, LogOrder order) {
  std::vector<const LoggedStatement*> out;
  for (const LoggedStatement& each : profile.statements()) out.push_back(&each);
  std::stable_sort(out.begin(), out.end(), [&](const LoggedStatement* a, const LoggedStatement* b) {
    return value_of(*a, order) > value_of(*b, order);
  });
  return out;
}

Json json_of(const LoggedStatement& statement, std::uint64_t plans) {
  Json out =
      Json::object({{"queryid", statement.query_id == 0 ? Json() : Json(std::to_string(statement.query_id))},
                    {"fingerprint", statement.fingerprint},
                    {"database", escape_invalid_utf8(statement.database)},
                    {"user", escape_invalid_utf8(statement.user)},
                    {"statement", statement.sql},
                    {"calls", statement.counters.calls},
                    {"total_ms", statement.counters.total_exec_ms},
                    {"mean_ms", mean_exec_ms(statement.counters)},
                    {"stddev_ms", stddev_exec_ms(statement.counters)},
                    {"min_ms", statement.min_ms},
                    {"max_ms", statement.max_ms},
                    {"plans", static_cast<std::int64_t>(plans)}});
  for (const double q : kQuantiles)
    out.set(fmt::format("p{:.0f}_ms", q * 100), statement.durations.quantile(q));
  return out;
}

Table table_of(const LogProfile& profile, const std::vector<const LoggedStatement*>& statements,
               const Counters& all, std::size_t rows) {
  Table out;
  out.title = "Statements of the log";
  const auto right = Column::Align::right;
  out.columns = {{"#", right},     {"queryid", right}, {"share", right}, {"total", right},
                 {"calls", right}, {"mean", right},    {"p50", right},   {"p95", right},
                 {"p99", right},   {"max", right},     {"plans", right}, {"statement"}};
  Counters other;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const LoggedStatement& each = *statements[i];
    if (i >= rows) {
      other += each.counters;
      continue;
    }
    const double share = all.total_exec_ms > 0 ? each.counters.total_exec_ms / all.total_exec_ms : 0;
    std::string text;
    for (const char c : each.sql.substr(0, 4 * kShownSql)) text += c == '\n' || c == '\t' ? ' ' : c;
    out.rows.push_back(
        {std::to_string(i + 1), each.query_id == 0 ? each.fingerprint : std::to_string(each.query_id),
         text_of_share(share), text_of_ms(each.counters.total_exec_ms), text_of_count(each.counters.calls),
         text_of_ms(mean_exec_ms(each.counters)), text_of_ms(each.durations.quantile(0.5)),
         text_of_ms(each.durations.quantile(0.95)), text_of_ms(each.durations.quantile(0.99)),
         text_of_ms(each.max_ms), text_of_count(static_cast<std::int64_t>(profile.plans_of(each))),
         cut_to_width(printable(escape_invalid_utf8(text)), kShownSql)});
  }
  if (statements.size() > rows) {
    out.rows.push_back(
        {"", "other", text_of_share(all.total_exec_ms > 0 ? other.total_exec_ms / all.total_exec_ms : 0),
         text_of_ms(other.total_exec_ms), text_of_count(other.calls), text_of_ms(mean_exec_ms(other)), "", "",
         "", "", "", Cell(counted(statements.size() - rows, "other statement"), Tone::quiet)});
  }
  return out;
}

Json json_of(const LogFileResult& file) {
  Json offsets = Json::array();
  for (const std::uint64_t each : file.read.counts.rejected_at)
    offsets.push_back(static_cast<std::int64_t>(each));
  return Json::object({{"file", file.name},
                       {"format", name_of(file.read.detected.format)},
                       {"prefix", file.read.detected.prefix},
                       {"bytes", static_cast<std::int64_t>(file.read.bytes)},
                       {"records", static_cast<std::int64_t>(file.read.counts.records)},
                       {"rejected", static_cast<std::int64_t>(file.read.counts.rejected)},
                       {"rejected_at", std::move(offsets)}});
}

std::string format_of(const LogFileRead& read) {
  std::string out(name_of(read.detected.format));
  if (!read.detected.prefix.empty())
    out += fmt::format(" with the prefix '{}'", printable(read.detected.prefix));
  return out;
}

double share_of_records(const LogCounts& counts) {
  const std::uint64_t all = counts.records + counts.rejected;
  return all == 0 ? 0 : static_cast<double>(counts.records) / static_cast<double>(all);
}

}  // namespace

Report log_profile_report(const std::vector<LogFileResult>& files, const LogProfile& profile,
                          const ExecutionCounts& counts, const LogReportOptions& options) {
  Report report;
  report.instrument = "queries";
  report.title = files.size() == 1 ? "Statements of " + files.front().name
                                   : "Statements of " + counted(files.size(), "log");
  Counters all;
  for (const LoggedStatement& each : profile.statements()) all += each.counters;
  report.summary = all.calls == 0
                       ? "no execution is told of; log_min_duration_statement = 0 has all of them logged"
                       : fmt::format("{} executions from {} to {}", text_of_count(all.calls),
                                     to_rfc3339(profile.first()), to_rfc3339(profile.last()));
  std::uint64_t records = 0, rejected = 0;
  Json file_list = Json::array();
  for (const LogFileResult& each : files) {
    records += each.read.counts.records;
    rejected += each.read.counts.rejected;
    file_list.push_back(json_of(each));
  }
  report.facts = {{"format", format_of(files.front().read), ""},
                  {"records", static_cast<std::int64_t>(records), ""},
                  {"statements", static_cast<std::int64_t>(profile.statements().size()), ""},
                  {"time in them", text_of_ms(all.total_exec_ms), ""},
                  {"plans", static_cast<std::int64_t>(counts.plans), ""}};
  if (all.calls > 0)
    report.facts.push_back(
        {"with a queryid",
         text_of_share(static_cast<double>(profile.with_id()) / static_cast<double>(all.calls)), ""});
  if (counts.errors > 0) report.facts.push_back({"errors", static_cast<std::int64_t>(counts.errors), ""});
  if (counts.deadlocks > 0)
    report.facts.push_back({"deadlocks", static_cast<std::int64_t>(counts.deadlocks), ""});
  const auto warn = [&](const char* rule, std::string message, const char* remedy) {
    report.findings.push_back({rule, Severity::warning, std::move(message), std::nullopt, remedy});
  };
  if (rejected > 0)
    warn("queries/log-rejected", fmt::format("{} of the log are no records", counted(rejected, "line")),
         "signalbox queries log check FILE says where");
  if (counts.without_text > 0)
    warn("queries/log-without-text",
         fmt::format("{} without their statement: log_duration is on, log_min_duration_statement is not",
                     counted(counts.without_text, "duration is", "durations are")),
         "log_min_duration_statement = 0, or more");
  const auto statements = sorted(profile, options.order);
  report.tables.push_back(table_of(profile, statements, all, options.rows));
  Json rows = Json::array();
  for (std::size_t i = 0; i < std::min(options.rows, statements.size()); ++i)
    rows.push_back(json_of(*statements[i], profile.plans_of(*statements[i])));
  report.data = Json::object({{"files", std::move(file_list)},
                              {"executions", static_cast<std::int64_t>(counts.executions)},
                              {"plans", static_cast<std::int64_t>(counts.plans)},
                              {"errors", static_cast<std::int64_t>(counts.errors)},
                              {"deadlocks", static_cast<std::int64_t>(counts.deadlocks)},
                              {"without_text", static_cast<std::int64_t>(counts.without_text)},
                              {"total_ms", all.total_exec_ms},
                              {"first", to_rfc3339(profile.first())},
                              {"last", to_rfc3339(profile.last())},
                              {"statements", static_cast<std::int64_t>(profile.statements().size())},
                              {"rows", std::move(rows)}});
  return report;
}

Report log_check_report(const std::vector<LogFileResult>& files) {
  Report report;
  report.instrument = "queries";
  report.title = "Logs as they can be read";
  report.verdict = Verdict::pass;
  Json list = Json::array();
  for (const LogFileResult& file : files) {
    const LogCounts& counts = file.read.counts;
    const double share = share_of_records(counts);
    Check check;
    check.name = file.name;
    check.verdict = counts.rejected == 0            ? Verdict::pass
                    : share >= kLeastShareOfRecords ? Verdict::warn
                                                    : Verdict::fail;
    check.asked = format_of(file.read);
    check.answer = fmt::format("{}, {}", counted(counts.records, "record"),
                               counts.rejected == 0
                                   ? "all of the file"
                                   : fmt::format("{} of what is in it; {} not read", text_of_share(share),
                                                 counted(counts.rejected, "line")));
    if (counts.rejected > 0) {
      check.reason = "rejected";
      check.remedy = fmt::format("look at the octets {}", fmt::join(counts.rejected_at, ", "));
    }
    report.verdict = std::max(report.verdict, check.verdict);
    report.checks.push_back(std::move(check));
    list.push_back(json_of(file));
  }
  report.summary = report.verdict == Verdict::pass   ? "every line is read"
                   : report.verdict == Verdict::warn ? "some lines are not read"
                                                     : "too much is not read: is this the prefix?";
  report.data = Json::object({{"files", std::move(list)}});
  return report;
}

}  // namespace signalbox::queries
