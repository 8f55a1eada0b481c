// How a release is after it has left: figures by hand, and of a real Prometheus.
#include "instruments/train/after/health.hpp"

#include <cmath>
#include <cstdlib>

#include <gtest/gtest.h>

#include "core/base/testing.hpp"
#include "instruments/train/after/fixture.hpp"
#include "instruments/train/after/health_reader.hpp"
#include "instruments/train/judges/prometheus_fixture.hpp"

namespace signalbox::train::after {
namespace {

using std::chrono::hours;

config::Node yaml(const std::string& text) {
  auto node = config::parse_yaml(text, "signalbox.yaml");
  EXPECT_TRUE(node) << (node ? "" : node.error().message);
  return node ? *node : config::Node();
}

Ending ending() {
  return {Ending::How::departed, TestLog::start(), "v1.1.0", "v1.0.0", commit_id('a')};
}

HealthSettings health_settings() {
  const auto read = parse_health(yaml(R"(
after: 2h
measures:
  - {name: crash-free, query: 'ok{version="$candidate"} / $baseline', at_least: 0.99}
  - {name: errors, query: errors, at_most: 0.01}
  - {name: adoption, query: adoption}
)"));
  EXPECT_TRUE(read) << (read ? "" : read.error().message);
  return read ? *read : HealthSettings();
}

TEST(Health, FiguresAreJudgedAndNoDataIsNoSuccess) {
  Time asked_at;
  const auto figures = take_figures(health_settings(), ending(), TestLog::start() + hours(1),
                                    [&](const std::string& query, Time time) -> Result<double> {
                                      asked_at = time;
                                      if (query == "errors") return fail(ErrorKind::unavailable, "nothing");
                                      return query == "adoption" ? 0.4 : 0.995;
                                    });
  ASSERT_EQ(figures.size(), 3U);
  EXPECT_EQ(asked_at, TestLog::start() + hours(1));
  EXPECT_EQ(figures[0].asked, "ok{version=\"v1.1.0\"} / v1.0.0");
  EXPECT_EQ(figures[0].verdict, HealthFigure::Verdict::pass);
  EXPECT_EQ(figures[1].verdict, HealthFigure::Verdict::no_data);
  EXPECT_EQ(figures[2].verdict, HealthFigure::Verdict::told);
  TestLog log;
  log.schedule();
  log.add("departure", departed("v1.1.0", TestLog::start(), commit_id('a')));
  const Health health = make_health(log.events_, health_settings(), figures, TestLog::start() + hours(1));
  EXPECT_FALSE(health.is_well());
  EXPECT_EQ(health.stage, Health::Stage::early);
  EXPECT_EQ(health_report(health).verdict, signalbox::Verdict::fail);
}

TEST(Health, ABoundIsPartOfWhatIsWanted) {
  for (const auto& [value, wanted] :
       {std::pair{0.99, HealthFigure::Verdict::pass}, {0.9899, HealthFigure::Verdict::fail}}) {
    const auto figures = take_figures(health_settings(), ending(), TestLog::start(),
                                      [&](const std::string&, Time) -> Result<double> { return value; });
    EXPECT_EQ(figures[0].verdict, wanted) << value;
  }
}

TEST(Health, FiguresAreOfOneTimeAndLaterOfNow) {
  const HealthSettings settings = health_settings();
  EXPECT_EQ(time_of_figures(settings, ending(), TestLog::start() + hours(1)), TestLog::start() + hours(1));
  EXPECT_EQ(time_of_figures(settings, ending(), TestLog::start() + hours(9)), TestLog::start() + hours(2));
}

TEST(Health, WhatUsersSufferAndWhatIsPromisedIsPartOfIt) {
  TestLog log;
  log.schedule();
  log.add("canary", Json::object({{"result", "pass"}}));
  log.add("departure", departed("v1.1.0", TestLog::start(), commit_id('a')));
  const auto well = [&] { return make_health(log.events_, {}, {}, TestLog::start() + hours(30)); };
  EXPECT_TRUE(well().is_well());
  EXPECT_EQ(well().canary, "pass");
  IncidentEvent incident{IncidentEvent::What::opened, "i1", "carts are empty", TestLog::start(), ""};
  log.add("incident", to_json(incident));
  EXPECT_FALSE(well().is_well());
  incident.what = IncidentEvent::What::restored;
  log.add("incident", to_json(incident));
  EXPECT_TRUE(well().is_well());
  ActionEvent action;
  action.item = {"a1", ActionClass::detect, "alarm", "ada", TestLog::start() + hours(1)};
  log.add("action", to_json(action));
  const Json predicate = health_predicate(well());
  EXPECT_EQ(predicate["actions"]["overdue"].as_integer(), 1);
  EXPECT_EQ(predicate["result"].as_string(), "pass");
  log.add("rollback",
          taken_back("v1.1.0", TestLog::start() + hours(2), TestLog::start() + hours(3), commit_id('a')));
  EXPECT_FALSE(well().is_well());
}

TEST(HealthSettings, WhatIsWrongIsRefused) {
  for (const char* bad : {"{measures: {name: a}}", "{measures: [{name: a}]}",
                          "{measures: [{name: a, query: x, at_least: 2, at_most: 1}]}",
                          "{measures: [{name: a, query: x, at_least: .nan}]}",
                          "{measures: [{name: a, query: x}, {name: a, query: y}]}", "{window: 1h}"})
    EXPECT_FALSE(parse_health(yaml(bad))) << bad;
}

TEST(Health, AVersionIsWrittenIntoALabelAsItIs) {
  Ending odd = ending();
  odd.version = "v1\"$baseline\\";
  const auto figures = take_figures(health_settings(), odd, TestLog::start(),
                                    [](const std::string&, Time) -> Result<double> { return 1; });
  EXPECT_EQ(figures[0].asked, "ok{version=\"v1\\\"$baseline\\\\\"} / v1.0.0");
}

TEST(Health, AValueThatIsNoNumberIsNoSuccess) {
  for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    const auto figures = take_figures(health_settings(), ending(), TestLog::start(),
                                      [&](const std::string&, Time) -> Result<double> { return value; });
    for (const HealthFigure& figure : figures) EXPECT_EQ(figure.verdict, HealthFigure::Verdict::no_data);
  }
}

// A configuration that this machine has allowed, in a home of its own.
class HealthOfPrometheus : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!judges::has_prometheus()) GTEST_SKIP() << "no prometheus: apt-get install prometheus";
    ::setenv("XDG_DATA_HOME", home_.path().c_str(), 1);
    std::string samples = "# TYPE sessions gauge\n";
    // Every 15 s around two hours after the departure: 1,000 sessions of v1.1.0, 3 of which crash, 250 of
    // v1.0.0.
    for (int second = 7'200 - 600; second <= 7'200 + 60; second += 15) {
      const auto at = TestLog::start().time_since_epoch().count() / 1000 + second;
      samples += fmt::format("sessions{{version=\"v1.1.0\",end=\"well\"}} 997 {}\n", at);
      samples += fmt::format("sessions{{version=\"v1.1.0\",end=\"crash\"}} 3 {}\n", at);
      samples += fmt::format("sessions{{version=\"v1.0.0\",end=\"well\"}} 250 {}\n", at);
    }
    ASSERT_NO_FATAL_FAILURE(judges::make_blocks(folder_.path(), samples + "# EOF\n"));
    server_ = std::make_unique<judges::PrometheusServer>(folder_.path());
    ASSERT_FALSE(server_->url().empty());
    log_.schedule();
    log_.add("departure", departed("v1.1.0", TestLog::start(), commit_id('a')));
  }

  Policy policy(const std::string& measures) const {
    const std::string text = fmt::format(
        "metrics: {{prometheus: \"{}\", baseline: 'version=\"$baseline\"', canary: "
        "'version=\"$candidate\"'}}\n"
        "health:\n  after: 2h\n  measures:\n{}",
        server_->url(), measures);
    auto read =
        parse_policy(yaml(text), [](const std::string&) -> Result<std::string> { return std::string(); });
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    read->configuration =
        gates::Configuration{text, (folder_.path() / "signalbox.yaml").string(), folder_.path()};
    return *read;
  }
  static void allow(const Policy& policy) {
    ASSERT_TRUE(gates::allow(policy.configuration->octets, policy.configuration->path, TestLog::start()));
  }

  TemporaryDirectory home_, folder_;
  std::unique_ptr<judges::PrometheusServer> server_;
  TestLog log_;
};

TEST_F(HealthOfPrometheus, FiguresAreThoseOfTheServerAtTheTimeThatWasNamed) {
  const Policy judging = policy(R"(
    - {name: crash-free, query: 'sum(sessions{version="$candidate",end="well"}) / sum(sessions{version="$candidate"})', at_least: 0.996}
    - {name: crashes, query: 'sum(sessions{version="$candidate",end="crash"})', at_most: 2}
    - {name: adoption, query: 'sum(sessions{version="$candidate"}) / sum(sessions)', unit: of 1}
    - {name: many, query: sessions}
    - {name: none, query: orders}
    - {name: no number, query: '0 / (sum(sessions) * 0)'}
    - {name: wrong, query: 'sum(sessions'}
)");
  const Time now = TestLog::start() + hours(9);
  EXPECT_EQ(read_health(log_.events_, judging, now).error().kind, ErrorKind::denied);
  allow(judging);
  const Health health = read_health(log_.events_, judging, now).value();
  EXPECT_EQ(health.measured, TestLog::start() + hours(2));
  ASSERT_EQ(health.figures.size(), 7U);
  using Verdict = HealthFigure::Verdict;
  EXPECT_DOUBLE_EQ(health.figures[0].value.value(), 0.997);
  EXPECT_EQ(health.figures[0].verdict, Verdict::pass);
  EXPECT_DOUBLE_EQ(health.figures[1].value.value(), 3);
  EXPECT_EQ(health.figures[1].verdict, Verdict::fail);
  EXPECT_DOUBLE_EQ(health.figures[2].value.value(), 0.8);
  EXPECT_EQ(health.figures[2].verdict, Verdict::told);
  for (std::size_t i = 3; i < 7; ++i) {
    EXPECT_EQ(health.figures[i].verdict, Verdict::no_data) << health.figures[i].measure.name;
    EXPECT_FALSE(health.figures[i].why.empty());
  }
  EXPECT_EQ(health.figures[3].why, "3 series where one is wanted");
  EXPECT_FALSE(health.is_well());
}

// Before the two hours are over the figures are those of now, of which the server has none yet.
TEST_F(HealthOfPrometheus, WhatWasNotMeasuredYetIsNoSuccess) {
  const Policy judging = policy("    - {name: crashes, query: 'sum(sessions)', at_most: 2000}\n");
  allow(judging);
  const Health early = read_health(log_.events_, judging, TestLog::start() + hours(1)).value();
  EXPECT_EQ(early.stage, Health::Stage::early);
  EXPECT_EQ(early.figures[0].verdict, HealthFigure::Verdict::no_data);
  EXPECT_FALSE(early.is_well());
  server_.reset();
  const Health away = read_health(log_.events_, judging, TestLog::start() + hours(3)).value();
  EXPECT_EQ(away.figures[0].verdict, HealthFigure::Verdict::no_data);
}

TEST(Health, OfATrainThatHasNotLeftThereIsNone) {
  TestLog log;
  log.schedule();
  EXPECT_EQ(read_health(log.events_, {}, TestLog::start()).error().kind, ErrorKind::conflict);
}

}  // namespace
}  // namespace signalbox::train::after
