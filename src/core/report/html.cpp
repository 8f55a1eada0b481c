// One self-contained file: no script, no request, light and dark.
#include <fmt/format.h>

#include "core/base/clock.hpp"
#include "core/report/chart_svg.hpp"
#include "core/report/escape.hpp"
#include "core/report/html_table.hpp"
#include "core/report/report.hpp"

namespace signalbox {
namespace {

using report::escape_markup;

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--ink:#1a2230;--soft:#5b6676;--line:#d8dee6;--ground:#fbfcfd;--good:#0a7a3d;--bad:#b3261e;--caution:#8a5a00}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf2;--soft:#9aa7b8;--line:#303a47;--ground:#12171e;--good:#5fd38d;--bad:#ff8a80;--caution:#f2c063}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}.summary{font-size:1.15rem;font-weight:600}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .7rem;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:500}.right{text-align:right;font-variant-numeric:tabular-nums}code{font:14px/1.4 ui-monospace,monospace}
.good,.pass{color:var(--good)}.bad,.fail,.error{color:var(--bad)}.caution,.warn,.warning{color:var(--caution)}.quiet,.none,.note{color:var(--soft)})css";

void checks(std::string& out, const std::vector<Check>& checks) {
  if (checks.empty()) return;
  out +=
      "<h2>Checks</h2><div "
      "class=\"wide\"><table><tr><th>gate</th><th>signal</th><th>asked</th><th>answer</th><th>age</"
      "th><th>evidence</th><th>to turn it green</th></tr>\n";
  for (const Check& check : checks) {
    out += fmt::format(
        "<tr><td>{}</td><td "
        "class=\"{}\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td><code>{}</code></td></tr>\n",
        escape_markup(check.name), name_of(check.verdict), name_of(check.verdict), escape_markup(check.asked),
        escape_markup(check.answer), check.age_s ? to_text(std::chrono::seconds(*check.age_s)) : "",
        check.evidence ? fmt::format("log {}", *check.evidence) : "", escape_markup(check.remedy));
  }
  out += "</table></div>\n";
}

void findings(std::string& out, const std::vector<Finding>& findings) {
  if (findings.empty()) return;
  out += "<h2>Findings</h2><ul>\n";
  for (const Finding& finding : findings) {
    const std::string place =
        finding.location ? fmt::format(" <code>{}:{}:{}</code>", escape_markup(finding.location->file),
                                       finding.location->line, finding.location->column)
                         : "";
    out += fmt::format("<li><b class=\"{0}\">{0}</b> <code>{1}</code>{2}: {3}", name_of(finding.severity),
                       escape_markup(finding.rule), place, escape_markup(finding.message));
    out += finding.remedy.empty() ? "</li>\n" : " → " + escape_markup(finding.remedy) + "</li>\n";
  }
  out += "</ul>\n";
}

void table(std::string& out, const Table& table) {
  out += "<h2>" + escape_markup(table.title) + "</h2>" + report::html_table(table);
}

void charts(std::string& out, const std::vector<Chart>& charts) {
  if (charts.empty()) return;
  out += "<div class=\"charts\">\n";
  for (std::size_t i = 0; i < charts.size(); ++i)
    out += report::chart_figure(charts[i], fmt::format("chart-{}", i + 1));
  out += "</div>\n";
}

}  // namespace

std::string render_html(const Report& report) {
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\">"
      "<title>{0}</title><style>{1}{4}</style></head><body>\n<h1>{0}</h1>\n<p class=\"summary "
      "{2}\">{3}</p>\n",
      escape_markup(report.title), kStyle, name_of(report.verdict), escape_markup(report.summary),
      report.charts.empty() ? std::string_view() : report::chart_style());
  checks(out, report.checks);
  findings(out, report.findings);
  if (!report.facts.empty()) {
    Table facts{"Facts", {{"fact"}, {"value"}}, {}};
    for (const Fact& fact : report.facts) {
      const std::string value =
          fact.value.is_string() ? std::string(fact.value.as_string()) : fact.value.dump();
      facts.rows.push_back({Cell(fact.name), Cell(fact.unit.empty() ? value : value + " " + fact.unit)});
    }
    table(out, facts);
  }
  charts(out, report.charts);
  for (const Table& each : report.tables) table(out, each);
  if (!report.next.empty()) {
    out += "<h2>Next</h2><ul>\n";
    for (const std::string& command : report.next)
      out += "<li><code>" + escape_markup(command) + "</code></li>\n";
    out += "</ul>\n";
  }
  return out + "</body></html>\n";
}

}  // namespace signalbox
