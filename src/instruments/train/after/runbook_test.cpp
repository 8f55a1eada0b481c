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

}  // namespace
}  // namespace signalbox::train::after
