#include "instruments/train/after/runbook_source.hpp"

#include <fmt/core.h>

#include "instruments/train/plan_reader.hpp"
#include "instruments/train/ramp/drivers/drivers.hpp"

namespace signalbox::train::after {
namespace {

// The release before the one that leaves: of a ramp its own, else the one that the repository knows.
Result<std::string> baseline_of(const Workspace& workspace, const Policy& policy, const Train& train,
                                const ramp::Ramp& ramp) {
  if (ramp.phase != ramp::Phase::none) return ramp.begun.baseline;
  if (!train.schedule->base.empty()) return train.schedule->base;
  PlanQuery query;
  if (train.lock) query.head = train.lock->head;
  query.settings = policy.settings;
  query.shallow = HistoryQuery::Shallow::allow;
  SIGNALBOX_TRY(const Plan plan, read_plan(workspace, query));
  return plan.history.base ? plan.history.base->tag : std::string();
}

// What the driver of the policy says a person does.
std::vector<std::string> manual_steps(const Policy& policy, const Train& train, const ramp::Ramp& ramp,
                                      const std::string& baseline) {
  ramp::StepOrder order;
  order.train = train.id;
  order.attempt = ramp.attempt.empty() ? "ATTEMPT" : ramp.attempt;
  order.step = order.attempt + ".revert";
  order.token = ramp.lease ? ramp.lease->token : 0;
  order.candidate = train.lock ? train.lock->version : ramp.begun.version;
  order.commit = train.lock ? train.lock->head : ramp.begun.commit;
  order.baseline = baseline;
  return ramp::make_driver(policy.ramp.driver, policy.configuration)->manual_revert(order);
}

std::optional<std::uint64_t> newest_go(const TrainEvents& events) {
  std::optional<std::uint64_t> out;
  for (const Event& event : events.events) {
    if (event.kind == "decision" && event.predicate["decision"].as_string() == "GO") out = event.index;
    if (event.kind != "step") continue;
    const auto step = ramp::step_from_json(event.predicate);
    if (step && step->begin && step->begin->decision) out = step->begin->decision;
  }
  return out;
}

}  // namespace

Result<Runbook> read_runbook(const Workspace& workspace, const evidence::Ledger& ledger, const Policy& policy,
                             const std::string& id, Time now) {
  SIGNALBOX_TRY(const TrainEvents events, read_events(ledger, policy.trust, id));
  SIGNALBOX_TRY(const Rulebook book, read_rulebook(&ledger, policy, now));
  const Train train = fold_train(events, book);
  if (!train.schedule) {
    return fail(ErrorKind::not_found, fmt::format("there is no train {}", id),
                fmt::format("signalbox train new {} --depart TIME makes it", id));
  }
  const ramp::Ramp ramp = ramp::fold(events);
  const Aftermath aftermath = fold_aftermath(events);
  SIGNALBOX_TRY(const std::string baseline, baseline_of(workspace, policy, train, ramp));
  const ramp::Ramp attempt = newest_attempt(events);
  return make_runbook({events, train, ramp, attempt, aftermath, policy, newest_go(events), baseline,
                       manual_steps(policy, train, ramp, baseline)});
}

}  // namespace signalbox::train::after
