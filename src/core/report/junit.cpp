// JUnit XML as Jenkins and GitLab read it: a check is a test case, an error finding a failed one.
#include <fmt/format.h>

#include "core/report/escape.hpp"
#include "core/report/report.hpp"

namespace signalbox {
namespace {

// Readers tell cases apart by their names: a rule that found two places is two cases.
std::string name_of_case(const Finding& finding) {
  if (!finding.location) return finding.rule;
  const Location& place = *finding.location;
  std::string name = finding.rule + " at " + place.file;
  if (place.line > 0) name += fmt::format(":{}", place.line);
  if (place.line > 0 && place.column > 0) name += fmt::format(":{}", place.column);
  return name;
}

// GitLab and pytest's readers know these two.
std::string file_of_case(const Finding& finding) {
  if (!finding.location) return {};
  return fmt::format(" file=\"{}\" line=\"{}\"", report::escape_markup(finding.location->file),
                     finding.location->line);
}

}  // namespace

std::string render_junit(const Report& report) {
  using report::escape_markup;
  std::string cases;
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t skipped = 0;
  const std::string suite = escape_markup(report.instrument);
  for (const Check& check : report.checks) {
    ++tests;
    cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"0\"", suite,
                         escape_markup(check.name));
    if (check.verdict == Verdict::fail) {
      ++failures;
      cases += fmt::format(">\n      <failure type=\"{}\" message=\"{}\">{}\n{}</failure>\n    </testcase>\n",
                           escape_markup(check.reason), escape_markup(check.answer),
                           escape_markup(check.asked), escape_markup(check.remedy));
    } else if (check.verdict == Verdict::none) {
      ++skipped;
      cases +=
          fmt::format(">\n      <skipped message=\"{}\"/>\n    </testcase>\n", escape_markup(check.answer));
    } else {
      cases += "/>\n";
    }
  }
  for (const Finding& finding : report.findings) {
    if (finding.severity != Severity::error) continue;
    ++tests;
    ++failures;
    cases += fmt::format(
        "    <testcase classname=\"{}\" name=\"{}\"{} time=\"0\">\n      <failure type=\"{}\" "
        "message=\"{}\">{}</failure>\n    </testcase>\n",
        suite, escape_markup(name_of_case(finding)), file_of_case(finding), escape_markup(finding.rule),
        escape_markup(finding.message), escape_markup(finding.remedy));
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{2}\" tests=\"{0}\" failures=\"{1}\" "
      "errors=\"0\" skipped=\"{3}\">\n  <testsuite name=\"{2}\" tests=\"{0}\" failures=\"{1}\" errors=\"0\" "
      "skipped=\"{3}\" time=\"0\">\n{4}  </testsuite>\n</testsuites>\n",
      tests, failures, escape_markup(report.title), skipped, cases);
}

}  // namespace signalbox
