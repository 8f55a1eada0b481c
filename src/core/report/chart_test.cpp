#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/report/chart_axis.hpp"
#include "core/report/chart_data.hpp"
#include "core/report/chart_svg.hpp"
#include "core/report/chart_text.hpp"
#include "core/report/report.hpp"

namespace signalbox::report {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Chart line(std::vector<double> x, std::vector<double> y) {
  return {"latency", Chart::Kind::line, "build", "ms", {}, {{"p50", std::move(x), std::move(y)}}};
}

Chart bars(std::vector<std::string> names, std::vector<double> values) {
  Chart chart{"sizes", Chart::Kind::bar, "part", "MB", std::move(names), {{"now", {}, std::move(values)}}};
  for (std::size_t i = 0; i < chart.series[0].y.size(); ++i)
    chart.series[0].x.push_back(static_cast<double>(i));
  return chart;
}

Report with(Chart chart) {
  Report report;
  report.instrument = "demo";
  report.title = "Demo";
  report.charts = {std::move(chart)};
  return report;
}

// What Python's XML parser finds at each element of a figure: "circle 27.8 206.0".
std::string elements(const std::string& figure, const std::string& tag, const std::string& attributes) {
  ProcessOptions options;
  options.input = figure;
  const std::string program =
      "import sys,xml.etree.ElementTree as E\n"
      "for e in E.fromstring(sys.stdin.buffer.read()).iter(sys.argv[1]):\n"
      "  print(*[e.get(a) or '' for a in sys.argv[2].split()], (e.text or '').strip())\n";
  const auto ran = run_process({"python3", "-c", program, tag, attributes}, options);
  return ran ? ran->output + ran->errors : ran.error().message;
}

TEST(Axis, TicksAreThoseWorkedOutByHand) {
  const auto cases = parse_json(*read_file(testing::source_directory() / "src/core/report/axis_cases.json"),
                                {.exact_integers = false});
  ASSERT_TRUE(cases) << cases.error().message;
  ASSERT_GT(cases->size(), 15U);
  for (const Json& each : cases->items()) {
    const Axis axis = nice_axis(each["low"].as_number(), each["high"].as_number(),
                                static_cast<int>(each["ticks_max"].as_integer()),
                                each["ends"].as_string() == "exact" ? Ends::exact : Ends::rounded);
    Json ticks = Json::array();
    for (const double tick : axis.ticks) ticks.push_back(tick_text(tick, axis));
    EXPECT_EQ(ticks.dump(), each["ticks"].dump()) << each.dump();
    EXPECT_LT(axis.low, axis.high);
  }
}

TEST(Axis, ValuesHaveFourDigits) {
  const std::pair<double, std::string_view> cases[] = {{0, "0"},
                                                       {-0.0, "0"},
                                                       {12, "12"},
                                                       {1.5, "1.5"},
                                                       {0.45714, "0.4571"},
                                                       {99.996, "100"},
                                                       {12345.6, "12346"},
                                                       {-1234567, "-1234567"},
                                                       {1.2344e-7, "1.234e-07"},
                                                       {1e21, "1e+21"}};
  for (const auto& [value, text] : cases) EXPECT_EQ(number_text(value), text);
}

TEST(ChartData, ASpikeSurvivesThinning) {
  Stretch stretch;
  for (int i = 0; i < 100'000; ++i) stretch.push_back({static_cast<double>(i), i == 54'321 ? 9.0 : 1.0});
  const Stretch kept = thin(stretch, 100);
  EXPECT_LE(kept.size(), 4U * 101);
  EXPECT_EQ(std::count_if(kept.begin(), kept.end(), [](const Point& p) { return p.y == 9 && p.x == 54'321; }),
            1);
  EXPECT_EQ(kept.front().x, 0);
  EXPECT_EQ(kept.back().x, 99'999);
  EXPECT_EQ(thin(Stretch(1'000, {1, 2}), 10).size(), 2U);
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(ChartText, ALineIsDrawnInDots) {
  // Up along the left edge, then along the top: dots 1 2 3 7 of each cell on the left, dots 1 4 of each at
  // the top.
  const std::vector<std::string> lines = chart_lines(line({0, 0, 10}, {0, 100, 100}), 40);
  ASSERT_EQ(lines.size(), 11U);
  EXPECT_EQ(lines[0], "  ms");
  EXPECT_EQ(lines[1], "  100 │⡏" + repeated("⠉", 32));
  for (int i = 2; i < 8; ++i) EXPECT_EQ(lines[i], "      │⡇");
  EXPECT_EQ(lines[8], "    0 │⡇");
  EXPECT_EQ(lines[9], "      └" + repeated("─", 33));
  EXPECT_EQ(lines[10], "       0            build             10");
}

TEST(ChartText, BarsAreAsLongAsTheirValues) {
  // 40 columns leave 28 for a bar: 28 is all of them, 14 half, 1.5 one and a half.
  const std::vector<std::string> lines = chart_lines(bars({"core", "web", "a b"}, {28, 14, 1.5}), 40);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0], "  MB by part");
  EXPECT_EQ(lines[1], "  core  " + repeated("█", 28) + " 28");
  EXPECT_EQ(lines[2], "  web   " + repeated("█", 14) + " 14");
  EXPECT_EQ(lines[3], "  a b   █▌ 1.5");
  // 32 columns, zero in the middle of them.
  const std::vector<std::string> both = chart_lines(bars({"a", "b"}, {-2, 2}), 40);
  EXPECT_EQ(both[1], "  a  " + repeated("█", 16) + " -2");
  EXPECT_EQ(both[2], "  b  " + std::string(16, ' ') + repeated("█", 16) + " 2");
}

TEST(ChartText, FitsItsWidthAndObeysNothingFromOutside) {
  for (const std::size_t width : {40, 47, 80, 200}) {
    Chart chart = bars({std::string(100, 'n'), "\x1b[2J", "日本語日本語日本語"}, {1e9, -0.5, 12345.678});
    chart.series.push_back({std::string(90, 's'), {0, 1, 2}, {1, kNone, 3}});
    chart.x_label = chart.y_label = std::string(300, 'l');
    for (const auto kind : {Chart::Kind::bar, Chart::Kind::line}) {
      chart.kind = kind;
      for (const std::string& each : chart_lines(chart, width)) {
        EXPECT_LE(display_width(each), width) << each;
        EXPECT_EQ(each.find('\x1b'), std::string::npos);
      }
    }
  }
}

TEST(ChartSvg, PointsLieWhereTheAxesSay) {
  // The plot reaches from 8 right of the three digits of "100" (6.6 each) to 386, and from 206 up to 26.
  const std::string figure = chart_figure(line({0, 5, 10}, {0, 25, 100}), "c");
  EXPECT_EQ(elements(figure, "circle", "cx cy"), "27.8 206.0 \n206.9 161.0 \n386.0 26.0 \n");
  EXPECT_EQ(elements(figure, "path", "class d").find("l s0 M27.8 206.0L206.9 161.0L386.0 26.0"),
            elements(figure, "path", "class d").find("l s0"));
  EXPECT_EQ(elements(figure, "desc", "id"),
            "c-d Line chart of 1 series, build from 0 to 10. p50: 0 to 100, last 100.\n");
}

TEST(ChartSvg, AGapIsNotDrawnOver) {
  const std::string paths =
      elements(chart_figure(line({0, 1, 2, 3, 4}, {1, 2, kNone, 4, 5}), "c"), "path", "class d");
  const std::string drawn = paths.substr(paths.find("l s0"), paths.find("axis") - paths.find("l s0"));
  EXPECT_EQ(std::count(drawn.begin(), drawn.end(), 'M'), 2) << drawn;
}

TEST(ChartSvg, BarsStandOrLieOnZero) {
  Chart standing{"h", Chart::Kind::bar, "", "", {}, {{"n", {1, 2, 3}, {10, -10, 5}}}};
  // -10 to 10 over 180 units: zero at 116.
  EXPECT_EQ(elements(chart_figure(standing, "c"), "rect", "y height"),
            "26.0 90.0 \n116.0 90.0 \n71.0 45.0 \n");
  // 0 to 10 from 8 right of the one letter (14.6) to 356.
  EXPECT_EQ(elements(chart_figure(bars({"a", "b"}, {10, 5}), "c"), "rect", "x width"),
            "14.6 341.4 \n14.6 170.7 \n");
}

TEST(ChartSvg, WhatCameFromOutsideIsText) {
  Chart chart = bars({"<b>&\"'", "\xff\x01"}, {1, 2});
  chart.title = chart.x_label = chart.y_label = "</svg><script>alert(1)</script>";
  chart.series.push_back({"]]><i>", {0, 1}, {kNone, 1e308}});
  for (const auto kind : {Chart::Kind::bar, Chart::Kind::line}) {
    chart.kind = kind;
    EXPECT_EQ(elements(chart_figure(chart, "c"), "script", "x"), "");
    EXPECT_EQ(elements(chart_figure(chart, "c"), "figcaption", "x"), " </svg><script>alert(1)</script>\n");
  }
}

TEST(ChartSvg, NoValuesAndTooManyAreSaid) {
  EXPECT_NE(chart_figure({"empty", Chart::Kind::line, "", "", {}, {}}, "c").find("no values"),
            std::string::npos);
  EXPECT_EQ(chart_lines(line({kNone}, {1}), 80), std::vector<std::string>{"  no values"});
  Chart many = line({0, 1}, {0, 1});
  many.series.resize(9, many.series[0]);
  EXPECT_NE(chart_figure(many, "c").find("the first 6 of 9 series are drawn"), std::string::npos);
  EXPECT_EQ(chart_lines(bars(std::vector<std::string>(50, "n"), std::vector<double>(50, 1)), 80).back(),
            "  the first 40 of 50 bars are drawn");
}

TEST(Charts, MarkdownHasThemAsTables) {
  Chart chart = line({1, 2}, {0.5, kNone});
  chart.series.push_back({"p|99", {2, 3}, {7, 8}});
  EXPECT_NE(render_markdown(with(chart))
                .find("\n## latency\n\n| build | p50 | p\\|99 |\n| ---: | ---: | ---: |\n"
                      "| 1 | 0.5 |  |\n| 2 |  | 7 |\n| 3 |  | 8 |\n"),
            std::string::npos)
      << render_markdown(with(chart));
  Chart longer = line({}, {});
  for (int i = 0; i < 600; ++i) {
    longer.series[0].x.push_back(i);
    longer.series[0].y.push_back(i);
  }
  const std::string text = render_markdown(with(longer));
  EXPECT_NE(text.find("latency (1 in 10 of 600 points)"), std::string::npos);
  EXPECT_EQ(lines(text).size(), 66U);
}

TEST(Charts, TextAndHtmlHaveThemAndConsumersOfFindingsDoNot) {
  const Report report = with(line({0, 1}, {1, 2}));
  EXPECT_NE(render_text(report, {}).find("latency\n  ms\n"), std::string::npos);
  EXPECT_EQ(render_text(report, {false, 0, true}).find("latency"), std::string::npos) << "--quiet";
  EXPECT_NE(render_html(report).find("<figure><figcaption>latency"), std::string::npos);
  EXPECT_EQ(render_html(Report{}).find("figure"), std::string::npos);
  Report bare = report;
  bare.charts.clear();
  EXPECT_EQ(render_sarif(report), render_sarif(bare));
  EXPECT_EQ(render_junit(report), render_junit(bare));
}

}  // namespace
}  // namespace signalbox::report
