// CommonMark with GitHub's tables.
#include <algorithm>

#include <fmt/format.h>

#include "core/base/clock.hpp"
#include "core/base/text.hpp"
#include "core/report/chart_data.hpp"
#include "core/report/report.hpp"

namespace signalbox {
namespace {

// Text that must not become markup, on one line: each ASCII punctuation that can mean something gets a
// backslash (CommonMark 2.4).
std::string plain(std::string_view octets) {
  std::string out;
  for (const char c : printable(octets)) {
    if (c == '\n') {
      out += ' ';
      continue;
    }
    if (std::string_view("\\`*_{}[]<>#|~!&").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

// A code span that holds any backticks (CommonMark 6.1); a pipe in a table cell is escaped even there.
std::string code(std::string_view octets) {
  std::string text = printable(octets);
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::size_t longest = 0;
  std::size_t run = 0;
  std::string escaped;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
    escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  }
  const std::string fence(longest + 1, '`');
  return fence + (longest > 0 ? " " : "") + escaped + (longest > 0 ? " " : "") + fence;
}

std::string_view sign_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "✅ pass";
    case Verdict::warn:
      return "⚠️ warn";
    case Verdict::fail:
      return "❌ fail";
    case Verdict::none:
      return "· none";
  }
  return "";
}

void table(std::string& out, const Table& table) {
  if (!table.title.empty()) out += "\n## " + plain(table.title) + "\n";
  out += "\n|";
  for (const Column& column : table.columns) out += " " + plain(column.name) + " |";
  out += "\n|";
  for (const Column& column : table.columns)
    out += column.align == Column::Align::right ? " ---: |" : " --- |";
  out += "\n";
  for (const auto& row : table.rows) {
    out += "|";
    for (const Cell& cell : row) out += " " + plain(cell.text) + " |";
    out += "\n";
  }
}

// Markdown has no drawings: a chart is the table of its numbers.
void chart(std::string& out, const Chart& chart) {
  constexpr std::size_t kRowsMax = 60;
  Table numbers = report::numbers_of(chart, kRowsMax);
  numbers.title = chart.title + (numbers.title.empty() ? "" : " (" + numbers.title + ")");
  table(out, numbers);
}

}  // namespace

std::string render_markdown(const Report& report) {
  std::string out = "# " + plain(report.title) + "\n";
  if (!report.summary.empty()) out += "\n**" + plain(report.summary) + "**\n";
  if (!report.checks.empty()) {
    out +=
        "\n| gate | | asked | answer | age | evidence | to turn it green |\n| --- | --- | --- | --- | --- | "
        "--- | --- |\n";
    for (const Check& check : report.checks) {
      out += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", plain(check.name), sign_of(check.verdict),
                         plain(check.asked), plain(check.answer),
                         check.age_s ? to_text(std::chrono::seconds(*check.age_s)) : "",
                         check.evidence ? fmt::format("log {}", *check.evidence) : "",
                         check.remedy.empty() ? "" : code(check.remedy));
    }
  }
  if (!report.findings.empty()) out += "\n## Findings\n\n";
  for (const Finding& finding : report.findings) {
    const std::string place =
        finding.location
            ? fmt::format(" at {}", code(fmt::format("{}:{}:{}", finding.location->file,
                                                     finding.location->line, finding.location->column)))
            : "";
    out += fmt::format("- **{}** {}{}: {}", name_of(finding.severity), code(finding.rule), place,
                       plain(finding.message));
    out += finding.remedy.empty() ? "\n" : " → " + plain(finding.remedy) + "\n";
  }
  if (!report.facts.empty()) {
    out += "\n| fact | value |\n| --- | --- |\n";
    for (const Fact& fact : report.facts) {
      const std::string value =
          fact.value.is_string() ? std::string(fact.value.as_string()) : fact.value.dump();
      out += fmt::format("| {} | {} |\n", plain(fact.name),
                         plain(fact.unit.empty() ? value : value + " " + fact.unit));
    }
  }
  for (const Chart& each : report.charts) chart(out, each);
  for (const Table& each : report.tables) table(out, each);
  if (!report.next.empty()) out += "\nNext:\n\n";
  for (const std::string& command : report.next) out += "- " + code(command) + "\n";
  return out;
}

}  // namespace signalbox
