// The page for the day of a release, and what is said of it afterwards.
#include "instruments/train/after/runbook.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "instruments/train/after/fixture.hpp"
#include "instruments/train/after/health.hpp"

namespace signalbox::train::after {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

config::Node yaml(const std::string& text) {
  auto node = config::parse_yaml(text, "signalbox.yaml");
  EXPECT_TRUE(node) << (node ? "" : node.error().message);
  return node ? *node : config::Node();
}

Policy policy() {
  const auto read = parse_policy(yaml(R"yaml(
changelog: false
canary: {initial: 5, hold: 10m, steps: [50]}
hooks: {smoke: [[curl, -fsS, "http://127.0.0.1/a b"]]}
gates: [{name: tests, type: evidence/tests/v1, owner: engineering, require: "gt(.predicate.tests; 0)"}]
)yaml"),
                                 [](const std::string&) -> Result<std::string> { return std::string(); });
  EXPECT_TRUE(read) << (read ? "" : read.error().message);
  return read ? *read : Policy();
}

Runbook runbook_of(const TestLog& log) {
  const Policy judging = policy();
  const Train train = log.fold();
  const ramp::Ramp ramp = ramp::fold(log.events_);
  const Aftermath aftermath = fold_aftermath(log.events_);
  const ramp::Ramp attempt = newest_attempt(log.events_);
  return make_runbook({train, ramp, attempt, aftermath, judging, 7, "v1.0.0", {"pull the lever"}});
}

const RunbookStep& step_of(const Runbook& runbook, const std::string& what) {
  const auto found = std::find_if(runbook.steps.begin(), runbook.steps.end(), [&](const RunbookStep& step) {
    return step.what.find(what) != std::string::npos;
  });
  if (found != runbook.steps.end()) return *found;
  static const RunbookStep none;
  ADD_FAILURE() << "no step " << what;
  return none;
}

// Departs 2025-12-02T08:00:00Z: the baseline is measured for an hour before, the ramp has two weights of ten
// minutes.
TEST(Runbook, StepsStandAtTheirTimes) {
  TestLog log;
  log.schedule(hours(24));
  const Runbook runbook = runbook_of(log);
  const Time departs = TestLog::start() + hours(24);
  EXPECT_EQ(step_of(runbook, "Last checks").at, departs - hours(1));
  EXPECT_EQ(step_of(runbook, "Last checks").owner, "engineering");
  EXPECT_EQ(step_of(runbook, "Last checks").state, RunbookStep::State::done);
  EXPECT_EQ(step_of(runbook, "Readout").at, departs - minutes(30));
  EXPECT_EQ(step_of(runbook, "5 %").at, departs);
  EXPECT_EQ(step_of(runbook, "50 %").at, departs + minutes(10));
  EXPECT_EQ(step_of(runbook, "All traffic").at, departs + minutes(20));
  EXPECT_EQ(step_of(runbook, "Smoke check").command, "curl -fsS 'http://127.0.0.1/a b'");
  EXPECT_EQ(step_of(runbook, "Lock the scope").state, RunbookStep::State::open);
}

TEST(Runbook, TellsHowToGoBack) {
  TestLog log;
  log.schedule(hours(24));
  const Report report = runbook_report(runbook_of(log));
  const std::string page = render_markdown(report);
  for (const char* wanted : {"signalbox train rollback 2026-12 --reason TEXT", "pull the lever", "v1.0.0"})
    EXPECT_NE(page.find(wanted), std::string::npos) << wanted << "\n" << page;
}

Ending ending() {
  return {Ending::How::departed, TestLog::start(), "v1.1.0", "v1.0.0", commit_id('a')};
}

HealthSettings health_settings() {
  const auto read = parse_health(yaml(R"(
after: 2h
measures:
  - {name: crash-free, query: 'ok{version="$version"} / $baseline', at_least: 0.99}
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

}  // namespace
}  // namespace signalbox::train::after
