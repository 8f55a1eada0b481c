#include "core/report/report.hpp"

#include <gtest/gtest.h>

namespace signalbox {
namespace {

Report hostile() {
  Report report;
  report.instrument = "train";
  report.title = "Departure <script>alert(1)</script>";
  report.verdict = Verdict::fail;
  report.summary = "NO-GO";
  report.checks = {
      {"tests", Verdict::fail, "tests passed", "\x1b[31mnone\xff", "missing", "./test --fast", {}, {}},
      {"changelog", Verdict::pass, "an entry", "there", "", "", 90, 7}};
  report.findings = {{"train/odd", Severity::error, "a ]]> b | c", Location{"a.md", 3, 4}, "mend it"}};
  report.tables = {{"Rows", {{"name"}, {"count", Column::Align::right}}, {{"x|y", "12"}, {"日本", "3"}}}};
  return report;
}

TEST(Text, AGateShowsItsSignalItsAnswerAndWhatTurnsItGreen) {
  const std::string text = render_text(hostile(), {});
  EXPECT_NE(text.find("○ red"), std::string::npos);
  EXPECT_NE(text.find("→ ./test --fast"), std::string::npos);
  EXPECT_NE(text.find("there, 1m 30s old  [log #7]"), std::string::npos);
}

TEST(Text, ATerminalObeysNothingThatCameFromOutside) {
  for (const char c : render_text(hostile(), {})) EXPECT_NE(c, '\x1b');
}

TEST(Text, ATableFitsItsWidth) {
  Report report;
  report.tables = {{"", {{"a"}, {"b"}}, {{std::string(300, 'x'), "short"}}}};
  const std::string text = render_text(report, {false, 60, false});
  EXPECT_NE(text.find("…"), std::string::npos);
  EXPECT_EQ(text.find(std::string(60, 'x')), std::string::npos);
}

TEST(JsonReport, InvalidUtf8IsEscapedSoThatTheResultParses) {
  const auto parsed = parse_json(render_json(hostile()));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ((*parsed)["checks"].items()[1]["age_s"].as_integer(), 90);
  EXPECT_TRUE((*parsed)["checks"].items()[0]["evidence"].is_null());
}

TEST(Html, MarkupFromOutsideIsText) {
  const std::string html = render_html(hostile());
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;"), std::string::npos);
}

TEST(Junit, AFailedCheckAndAnErrorFindingAreFailedCases) {
  const std::string xml = render_junit(hostile());
  EXPECT_NE(xml.find("tests=\"3\" failures=\"2\""), std::string::npos);
  EXPECT_NE(xml.find("<failure type=\"missing\""), std::string::npos);
  EXPECT_EQ(xml.find("]]>"), std::string::npos);
}

TEST(Sarif, LevelsAndPlacesAreThoseOfTheFindings) {
  const auto sarif = parse_json(render_sarif(hostile()));
  ASSERT_TRUE(sarif) << sarif.error().message;
  const Json& results = (*sarif)["runs"].items()[0]["results"];
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(
      results.items()[1]["locations"].items()[0]["physicalLocation"]["region"]["startLine"].as_integer(), 3);
}

TEST(Markdown, APipeDoesNotMakeAColumn) {
  EXPECT_NE(render_markdown(hostile()).find("x\\|y"), std::string::npos);
}

}  // namespace
}  // namespace signalbox
