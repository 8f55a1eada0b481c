#include "instruments/queries/analysis/triage.hpp"

#include <gtest/gtest.h>

namespace signalbox::queries {
namespace {

Counters counted(std::int64_t calls, double ms_a_call, std::int64_t blocks_a_call) {
  Counters out;
  out.calls = calls;
  out.total_exec_ms = static_cast<double>(calls) * ms_a_call;
  out.shared_blks_hit = calls * blocks_a_call;
  return out;
}

TriageInput slower(std::int64_t blocks_before, std::int64_t blocks_after) {
  TriageInput out;
  out.seconds_before = out.seconds_after = 10;
  TriagedStatement statement;
  statement.statement.key.queryid = 1;
  statement.statement.sql = "SELECT 1";
  statement.before = counted(600, 1, blocks_before);
  statement.after = counted(600, 8, blocks_after);
  out.statements.push_back(std::move(statement));
  return out;
}

PlanFlip flip(double before_ms, double after_ms) {
  PlanFlip out;
  out.before_id = 1;
  out.after_id = 2;
  out.before_ms = before_ms;
  out.after_ms = after_ms;
  return out;
}

TEST(Triage, AnotherPlanIsTheCauseWhereItIsSlowerOrAllExecutionsReadMore) {
  TriageInput input = slower(20, 20);
  input.flips = {flip(1, 8)};
  EXPECT_EQ(triage(input).cause, Cause::plan);
  // The one execution that was kept of the plan before had waited for a core.
  input = slower(20, 900);
  input.flips = {flip(12.8, 9.3)};
  EXPECT_EQ(triage(input).cause, Cause::plan);
}

TEST(Triage, AFasterPlanIsNoCauseAndMoreWorkNeedsNoOtherPlan) {
  TriageInput input = slower(20, 20);
  input.flips = {flip(12.8, 9.3)};
  EXPECT_EQ(triage(input).cause, Cause::processor);
  input = slower(20, 900);
  EXPECT_EQ(triage(input).cause, Cause::more_work);
}

}  // namespace
}  // namespace signalbox::queries
