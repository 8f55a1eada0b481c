// The page for the day of a release.
#include "instruments/train/after/runbook.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "instruments/train/after/fixture.hpp"

namespace signalbox::train::after {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

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
contacts:
  - {role: on-call, name: grace, reach: "+49 30 1234"}
  - {role: release, name: bob, reach: "#shop"}
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
  return make_runbook(
      {log.events_, train, ramp, attempt, aftermath, judging, 7, "v1.0.0", {"pull the lever"}});
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
  EXPECT_EQ(step_of(runbook, "Lock the scope").owner, "bob");
  EXPECT_EQ(runbook.back.front().owner, "grace");
}

TEST(Runbook, TellsHowToGoBack) {
  TestLog log;
  log.schedule(hours(24));
  const Report report = runbook_report(runbook_of(log));
  const std::string page = render_markdown(report);
  for (const char* wanted :
       {"signalbox train rollback 2026-12 --reason TEXT", "pull the lever", "v1.0.0", "+49 30 1234"})
    EXPECT_NE(page.find(wanted), std::string::npos) << wanted << "\n" << page;
}

// The steps that people do are ticked by their signed words, the others by what happened.
TEST(Runbook, StepsOfPeopleAreTickedByTheirWords) {
  TestLog log;
  log.schedule(hours(24));
  TickEvent tick{TickEvent::What::done, "readout", "all are here"};
  EXPECT_TRUE(check_tick(runbook_of(log), tick));
  log.add("tick", to_json(tick), "grace");
  const Runbook ticked = runbook_of(log);
  EXPECT_EQ(step_of(ticked, "Readout").state, RunbookStep::State::done);
  EXPECT_EQ(step_of(ticked, "Readout").found, "2025-12-01T08:01:00Z by grace: all are here");
  EXPECT_EQ(check_tick(ticked, tick).error().kind, ErrorKind::conflict);
  TickEvent undo{TickEvent::What::undone, "readout", ""};
  EXPECT_EQ(check_tick(ticked, undo).error().kind, ErrorKind::bad_input);
  undo.note = "bob was missing";
  EXPECT_TRUE(check_tick(ticked, undo));
  log.add("tick", to_json(undo), "grace");
  EXPECT_EQ(step_of(runbook_of(log), "Readout").state, RunbookStep::State::open);
  EXPECT_EQ(check_tick(runbook_of(log), undo).error().kind, ErrorKind::conflict);
}

TEST(Runbook, NobodyTicksWhatTheLogKnowsOrThePageDoesNotHave) {
  TestLog log;
  log.schedule(hours(24));
  const Runbook page = runbook_of(log);
  for (const auto& [step, wanted] : {std::pair{"lock", ErrorKind::conflict},
                                     {"all-traffic", ErrorKind::conflict},
                                     {"coffee", ErrorKind::not_found},
                                     {"", ErrorKind::bad_input},
                                     {"Lock", ErrorKind::bad_input},
                                     {"../x", ErrorKind::bad_input}}) {
    const Status status = check_tick(page, {TickEvent::What::done, step, ""});
    ASSERT_FALSE(status) << step;
    EXPECT_EQ(status.error().kind, wanted) << step;
  }
}

TEST(Tick, WhatIsWrongIsRefused) {
  for (const char* bad : {"{}", R"({"what":"done"})", R"({"what":"perhaps","step":"readout"})",
                          R"({"what":"done","step":"A b"})", R"({"what":"done","step":7})",
                          R"({"what":"undone","step":"readout"})", R"([])", R"({"step":"readout"})"})
    EXPECT_FALSE(read_tick_event(parse_json(bad).value())) << bad;
  TestLog log;
  log.add("tick", parse_json(R"({"what":"done","step":"A b"})").value());
  EXPECT_TRUE(fold_ticks(log.events_).empty());
}

TEST(Runbook, HealthIsDoneOnceItsFiguresAreFinal) {
  TestLog log;
  log.schedule(hours(24));
  log.add("departure", departed("v1.1.0", TestLog::start() + hours(25), commit_id('a')));
  EXPECT_EQ(step_of(runbook_of(log), "Health").at, TestLog::start() + hours(49));
  log.add("health", Json::object({{"stage", "early"}, {"result", "pass"}}));
  EXPECT_EQ(step_of(runbook_of(log), "Health").state, RunbookStep::State::open);
  log.add("health", Json::object({{"stage", "final"}, {"result", "fail"}}));
  EXPECT_EQ(step_of(runbook_of(log), "Health").found, "fail, log #3");
}

}  // namespace
}  // namespace signalbox::train::after
