#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/advice/advice.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kWidestStatement = 100;

std::string shown(const std::string& sql) {
  return cut_to_width(printable(escape_invalid_utf8(sql)), kWidestStatement);
}

std::string times_text(double before, double after) {
  return after <= 0 ? "" : fmt::format("{:.1f}×", before / after);
}

std::string write_text(const WriteCost& write) {
  if (!write.is_known) return "not known";
  return fmt::format("{:.1f} → {:.1f} µs, {:.0f} → {:.0f} octets of WAL", write.before_us, write.after_us,
                     write.before_wal_bytes, write.after_wal_bytes);
}

Json texts(const std::vector<std::string>& all) {
  Json out = Json::array();
  for (const std::string& each : all) out.push_back(escape_invalid_utf8(each));
  return out;
}

Json index_json(const IndexCandidate& index, const Workload& workload) {
  Json statements = Json::array();
  for (const std::size_t each : index.statements) {
    if (each < workload.statements.size()) statements.push_back(workload.statements[each].fingerprint);
  }
  return Json::object({{"schema", index.schema},
                       {"table", index.table},
                       {"columns", texts(index.columns)},
                       {"include", texts(index.include)},
                       {"where", index.where},
                       {"create", index.create_sql(IndexCandidate::How::concurrently)},
                       {"drop", index.drop_sql()},
                       {"scan_ms", index.scan_ms},
                       {"asked_by", std::move(statements)}});
}

Json proven_json(const ProvenIndex& proven, const Workload& workload) {
  Json out = index_json(proven.index, workload);
  Json statements = Json::array();
  for (const MeasuredStatement& each : proven.statements) {
    statements.push_back(Json::object({{"fingerprint", workload.statements[each.statement].fingerprint},
                                       {"before_ms", each.before_ms},
                                       {"after_ms", each.after_ms},
                                       {"before_access", each.before_access},
                                       {"after_access", each.after_access}}));
  }
  out.set("statements", std::move(statements));
  out.set("size_bytes", proven.size_bytes);
  out.set("build_ms", proven.build_ms);
  out.set("saved_ms", proven.saved_ms);
  out.set("gain", proven.gain);
  out.set("write", proven.write.is_known ? Json::object({{"rows", proven.write.rows},
                                                         {"before_us", proven.write.before_us},
                                                         {"after_us", proven.write.after_us},
                                                         {"before_wal_bytes", proven.write.before_wal_bytes},
                                                         {"after_wal_bytes", proven.write.after_wal_bytes}})
                                         : Json());
  return out;
}

Json advice_json(const Advice& advice) {
  Json statements = Json::array(), indexes = Json::array(), rejected = Json::array(),
       proposed = Json::array(), skipped = Json::array();
  for (const WorkStatement& each : advice.workload.statements) {
    statements.push_back(Json::object({{"fingerprint", each.fingerprint},
                                       {"queryid", std::to_string(each.query_id)},
                                       {"statement", escape_invalid_utf8(each.sql)},
                                       {"calls", each.calls},
                                       {"total_ms", each.total_ms}}));
  }
  for (const ProvenIndex& each : advice.indexes) indexes.push_back(proven_json(each, advice.workload));
  for (const IndexCandidate& each : advice.proposed) proposed.push_back(index_json(each, advice.workload));
  for (const RejectedIndex& each : advice.rejected) {
    rejected.push_back(Json::object(
        {{"create", each.index.create_sql(IndexCandidate::How::concurrently)}, {"why", each.why}}));
  }
  for (const SkippedStatement& each : advice.skipped) {
    skipped.push_back(Json::object(
        {{"fingerprint", advice.workload.statements[each.statement].fingerprint}, {"why", each.why}}));
  }
  return Json::object({{"database", advice.workload.database},
                       {"measured", advice.is_measured},
                       {"copy", advice.copy},
                       {"before_ms", advice.before_ms},
                       {"after_ms", advice.after_ms},
                       {"guessed_values", static_cast<std::int64_t>(advice.guessed_values)},
                       {"statements", std::move(statements)},
                       {"indexes", std::move(indexes)},
                       {"proposed", std::move(proposed)},
                       {"rejected", std::move(rejected)},
                       {"skipped", std::move(skipped)}});
}

void add_proven(Report& report, const Advice& advice) {
  const auto right = Column::Align::right;
  Table indexes, statements;
  indexes.title = "Indexes, each measured beside those before it";
  indexes.columns = {{"index"},       {"saves", right},    {"of its statements", right},
                     {"size", right}, {"built in", right}, {"a row written"}};
  statements.title = "Statements that change";
  statements.columns = {{"index"},         {"before", right}, {"after", right},
                        {"faster", right}, {"how"},           {"statement"}};
  for (const ProvenIndex& each : advice.indexes) {
    const std::string name = each.index.name();
    indexes.rows.push_back({name, text_of_ms(each.saved_ms), text_of_share(each.gain),
                            text_of_bytes(each.size_bytes), text_of_ms(each.build_ms),
                            write_text(each.write)});
    for (const MeasuredStatement& one : each.statements) {
      statements.rows.push_back(
          {name, text_of_ms(one.before_ms),
           Cell(text_of_ms(one.after_ms), one.after_ms < one.before_ms ? Tone::good : Tone::bad),
           times_text(one.before_ms, one.after_ms), one.before_access + " → " + one.after_access,
           shown(advice.workload.statements[one.statement].sql)});
    }
    Finding finding;
    finding.rule = "queries/missing_index";
    finding.message = fmt::format(
        "an index on {} ({}) takes {} off the {} that its statements took on the copy; {}, a row written {}",
        each.index.table, fmt::join(each.index.columns, ", "), text_of_share(each.gain),
        text_of_ms(each.gain > 0 ? each.saved_ms / each.gain : 0), text_of_bytes(each.size_bytes),
        write_text(each.write));
    finding.remedy = each.index.create_sql(IndexCandidate::How::concurrently);
    report.findings.push_back(std::move(finding));
  }
  report.tables.push_back(std::move(indexes));
  report.tables.push_back(std::move(statements));
}

void add_proposed(Report& report, const Advice& advice) {
  Table table;
  table.title = "Ideas: nothing of them was measured";
  table.columns = {{"index"}, {"its scans took", Column::Align::right}, {"statement"}};
  for (const IndexCandidate& each : advice.proposed) {
    table.rows.push_back(
        {each.create_sql(IndexCandidate::How::concurrently), text_of_ms(each.scan_ms),
         each.statements.empty() ? "" : shown(advice.workload.statements[each.statements[0]].sql)});
  }
  report.tables.push_back(std::move(table));
  report.next = {"signalbox queries advise --prove postgresql://HOST/COPY"};
}

void add_left_out(Report& report, const Advice& advice) {
  if (!advice.rejected.empty()) {
    Table table;
    table.title = "Tried, and not worth it";
    table.columns = {{"index"}, {"why"}};
    for (const RejectedIndex& each : advice.rejected)
      table.rows.push_back({each.index.create_sql(IndexCandidate::How::concurrently), printable(each.why)});
    report.tables.push_back(std::move(table));
  }
  if (!advice.skipped.empty()) {
    Table table;
    table.title = "Statements that were not looked at";
    table.columns = {{"statement"}, {"why"}};
    for (const SkippedStatement& each : advice.skipped)
      table.rows.push_back({shown(advice.workload.statements[each.statement].sql), printable(each.why)});
    report.tables.push_back(std::move(table));
  }
}

}  // namespace

Report advice_report(const Advice& advice) {
  Report report;
  report.instrument = "queries";
  report.title = fmt::format("Indexes that database {} lacks", advice.workload.database);
  const std::size_t count = advice.is_measured ? advice.indexes.size() : advice.proposed.size();
  report.verdict = count == 0 ? Verdict::pass : Verdict::warn;
  if (advice.is_measured) {
    report.summary =
        count == 0 ? "none that pays: no gain was measured on the copy"
                   : fmt::format("{}: {} of {} are left on the copy", counted(count, "index", "indexes"),
                                 text_of_ms(advice.after_ms), text_of_ms(advice.before_ms));
  } else {
    report.summary = count == 0
                         ? "no plan asks for one"
                         : fmt::format("{} to try on a copy; no gain is claimed", counted(count, "idea"));
  }
  report.facts = {{"statements", static_cast<std::int64_t>(advice.workload.statements.size()), ""},
                  {"their time in the span", text_of_ms(advice.workload.total_ms), ""}};
  if (advice.is_measured) {
    report.facts.push_back({"copy", advice.copy, ""});
    report.facts.push_back({"size of the database", text_of_bytes(advice.database_bytes), ""});
  }
  if (advice.guessed_values > 0) {
    report.facts.push_back(
        {"values that were guessed", static_cast<std::int64_t>(advice.guessed_values), "parameters"});
  }
  advice.is_measured ? add_proven(report, advice) : add_proposed(report, advice);
  add_left_out(report, advice);
  report.data = advice_json(advice);
  return report;
}

Json kept_advice_json(const Advice& advice) {
  const auto unquoted = [](std::string& text) { text.erase(std::min(text.find('"'), text.size())); };
  Advice kept = advice;
  for (RejectedIndex& each : kept.rejected) unquoted(each.why);
  for (SkippedStatement& each : kept.skipped) unquoted(each.why);
  return advice_json(kept);
}

}  // namespace signalbox::queries
