#include "instruments/train/ramp/rehearsal.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/core.h>

namespace signalbox::train::ramp {
namespace {

// The driver says that so much is on the candidate.
Status expect_weight(Driver& driver, const StepOrder& order, int weight) {
  SIGNALBOX_TRY(const Observation seen, driver.observe(order));
  if (seen.weight == weight) return {};
  return fail(ErrorKind::unavailable,
              seen.weight ? fmt::format("{} % were ordered, and the driver says {} %", weight, *seen.weight)
                          : fmt::format("{} % were ordered, and the driver cannot tell", weight));
}

Status go(Driver& driver, StepOrder order) {
  order.step = order.attempt + ".set";
  SIGNALBOX_CHECK(driver.set_weight(order));
  return expect_weight(driver, order, order.weight);
}

Status come_back(Driver& driver, StepOrder order) {
  order.step = order.attempt + ".revert";
  order.weight = 0;
  SIGNALBOX_CHECK(driver.revert(order));
  return expect_weight(driver, order, 0);
}

}  // namespace

bool RehearsalResult::has_passed() const {
  return failure.empty() && back_in <= budget &&
         std::none_of(data_checks.begin(), data_checks.end(),
                      [](const DataCheck& check) { return check.failure.has_value(); });
}

RehearsalResult rehearse(Driver& driver, const StepOrder& order, const Plan& plan,
                         const std::function<std::vector<DataCheck>()>& check_data) {
  RehearsalResult out;
  out.driver = driver.name();
  out.version = order.candidate;
  out.baseline = order.baseline;
  out.commit = order.commit;
  out.budget = plan.rollback_budget;
  const Status went = go(driver, order);
  const auto began = std::chrono::steady_clock::now();
  const Status came_back = come_back(driver, order);
  out.back_in = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began);
  if (!went)
    out.failure = "on the way out: " + went.error().message;
  else if (!came_back)
    out.failure = "on the way back: " + came_back.error().message;
  out.data_checks = check_data();
  return out;
}

Json to_json(const RehearsalResult& result) {
  Json checks = Json::array();
  for (const DataCheck& check : result.data_checks) {
    Json item = Json::object({{"name", check.name}, {"passed", !check.failure}});
    if (check.failure) item.set("why", *check.failure);
    checks.push_back(std::move(item));
  }
  constexpr double kMsPerSecond = 1000;
  Json out = Json::object({{"environment", result.environment},
                           {"driver", result.driver},
                           {"version", result.version},
                           {"baseline", result.baseline},
                           {"commit", result.commit},
                           {"duration_s", static_cast<double>(result.back_in.count()) / kMsPerSecond},
                           {"budget_s", static_cast<double>(result.budget.count()) / kMsPerSecond},
                           {"data_checks", std::move(checks)},
                           {"result", result.has_passed() ? "pass" : "fail"}});
  if (!result.failure.empty()) out.set("why", result.failure);
  return out;
}

}  // namespace signalbox::train::ramp
