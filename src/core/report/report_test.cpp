#include "core/report/report.hpp"

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"

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

// Python's jsonschema, an XML parser that is not ours, and JUnit's counts as a consumer adds them up.
std::string python(const std::string& program, const std::string& input, const std::string& argument = {}) {
  ProcessOptions options;
  options.input = input;
  const auto ran = run_process({"python3", "-W", "ignore", "-c", program, argument}, options);
  return ran ? ran->output + ran->errors : ran.error().message;
}

TEST(JsonReport, FollowsItsPublishedSchema) {
  Report full = hostile();
  full.facts = {{"commits", 12, ""}, {"share", 0.5, "%"}, {"clean", true, ""}, {"tag", "v1", ""}};
  full.charts = {{"c", Chart::Kind::bar, "x", "y", {"a"}, {{"s", {0}, {1.5}}}}};
  full.attachments = {{"n.md", "text/markdown", std::string("\0\xff", 2)}};
  full.next = {"signalbox train check"};
  full.data = Json::object({{"any", Json::array()}});
  const std::string schema = testing::source_directory() / "docs/schemas/report-v1.json";
  const std::string validate =
      "import json,sys,jsonschema\n"
      "s=json.load(open(sys.argv[1]))\n"
      "jsonschema.Draft202012Validator.check_schema(s)\n"
      "for e in jsonschema.Draft202012Validator(s).iter_errors(json.load(sys.stdin)): print(e.message)\n";
  EXPECT_EQ(python(validate, render_json(full), schema), "");
  EXPECT_EQ(python(validate, render_json(Report{}), schema), "");
  EXPECT_NE(python(validate, "{}", schema), "");
}

TEST(Junit, AnXmlParserReadsBackWhatOutsidersWrote) {
  const std::string read =
      "import sys,xml.etree.ElementTree as E\n"
      "r=E.fromstring(sys.stdin.buffer.read())\n"
      "s=r[0]\n"
      "print(r.tag,s.tag,s.get('name'),len(s.findall('testcase')),len(s.findall('.//"
      "failure')),s.get('failures'))\n"
      "print(s.findall('.//failure')[1].get('message'))\n";
  EXPECT_EQ(python(read, render_junit(hostile())),
            "testsuites testsuite Departure <script>alert(1)</script> 3 2 2\na ]]> b | c\n");
}

TEST(Junit, ARuleThatFoundTwoPlacesIsTwoCases) {
  Report report;
  report.instrument = "train";
  report.findings = {{"r/x", Severity::error, "m", Location{"a b.md", 3, 4}, ""},
                     {"r/x", Severity::error, "m", Location{"a b.md", 5, 0}, ""},
                     {"r/x", Severity::error, "m", {}, ""},
                     {"r/y", Severity::warning, "not a failure", {}, ""}};
  const std::string read =
      "import sys,xml.etree.ElementTree as E\n"
      "for c in E.fromstring(sys.stdin.buffer.read()).iter('testcase'):\n"
      "  print(c.get('name'), c.get('file'), c.get('line'), sep='|')\n";
  EXPECT_EQ(python(read, render_junit(report)),
            "r/x at a b.md:3:4|a b.md|3\nr/x at a b.md:5|a b.md|5\nr/x|None|None\n");
}

TEST(Sarif, EveryResultHasAPlaceAndALine) {
  Report report = hostile();
  report.findings.push_back({"r/z", Severity::note, "no line", Location{"b.md", 0, 0}, ""});
  const auto sarif = parse_json(render_sarif(report));
  ASSERT_TRUE(sarif) << sarif.error().message;
  std::vector<std::string> places;
  for (const Json& result : (*sarif)["runs"].items()[0]["results"].items()) {
    const Json& place = result["locations"].items().at(0)["physicalLocation"];
    places.push_back(std::string(place["artifactLocation"]["uri"].as_string()) + ":" +
                     std::to_string(place["region"]["startLine"].as_integer()));
  }
  EXPECT_EQ(places, (std::vector<std::string>{"signalbox.yaml:1", "a.md:3", "b.md:1"}));
}

TEST(Sarif, APathIsAUriReference) {
  Report report;
  report.findings = {{"r/x", Severity::note, "m", Location{"a b/ü#.md", 1, 0}, ""},
                     {"r/y", Severity::note, "m", Location{"/abs", 1, 0}, ""}};
  const std::string sarif = render_sarif(report);
  EXPECT_NE(sarif.find("\"a%20b/%C3%BC%23.md\""), std::string::npos) << sarif;
  EXPECT_NE(sarif.find("\"file:///abs\""), std::string::npos);
}

// The schema of OASIS, as the npm package @microsoft/jest-sarif ships it; fetched once a run, so there has to
// be a network.
TEST(Sarif, FollowsTheSchemaOfOasis) {
  const TemporaryDirectory folder;
  ProcessOptions options;
  options.directory = folder.path();
  options.environment = {{"npm_config_fetch_retries", "0"}, {"npm_config_fetch_timeout", "15000"}};
  options.deadline = std::chrono::seconds(40);
  const auto packed = run_process({"npm", "pack", "--silent", "@microsoft/jest-sarif@1.0.0-beta.0"}, options);
  if (!packed || packed->exit_code != 0) GTEST_SKIP() << "no npm or no network: the schema cannot be fetched";
  const std::string archive{trim(packed->output)};
  ASSERT_EQ(run_process({"tar", "xzf", archive}, options)->exit_code, 0);
  const std::string validate =
      "import json,sys,jsonschema\n"
      "s=json.load(open(sys.argv[1]))\n"
      "for e in jsonschema.Draft7Validator(s).iter_errors(json.load(sys.stdin)): print(e.message)\n";
  const std::string schema = folder.path() / "package/lib/schemas/sarif-2.1.0-rtm.5.json";
  EXPECT_EQ(python(validate, render_sarif(hostile()), schema), "");
  EXPECT_EQ(python(validate, render_sarif(Report{}), schema), "");
  EXPECT_NE(python(validate, R"({"version":"2.1.0"})", schema), "");
}

}  // namespace
}  // namespace signalbox
