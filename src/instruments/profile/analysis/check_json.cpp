#include "instruments/profile/analysis/check_json.hpp"

namespace signalbox::profile {
namespace {

Json interval_json(const stats::Interval& interval) {
  return Json(Json::Array{interval.lower, interval.upper});
}

}  // namespace

std::string_view verdict_name(const CheckResult& result) {
  return result.has_regressed() ? "regressed" : "pass";
}

Json to_json(const CostTest& test) {
  Json out = Json::object({{"function", test.function.name},
                           {"module", test.function.module},
                           {"cost", name_of(test.kind)},
                           {"base", test.base},
                           {"new", test.fresh},
                           {"rel", test.relative()},
                           {"ci", interval_json(test.difference)},
                           {"base_share", test.base_share},
                           {"new_share", test.fresh_share},
                           {"p_value", test.p_value},
                           {"q_value", test.q_value},
                           {"verdict", name_of(test.verdict)}});
  if (test.base <= 0) out.set("is_new", true);
  if (!test.owner.empty()) out.set("owner", test.owner);
  return out;
}

Json to_json(const BudgetTest& test) {
  return Json::object({{"functions", test.functions},
                       {"limit", test.limit},
                       {"unit", test.is_share ? "share" : "nanoseconds per unit of work"},
                       {"measured", test.measured},
                       {"ci", interval_json(test.interval)},
                       {"verdict", name_of(test.verdict)},
                       {"owner", test.owner}});
}

Json to_json(const CheckResult& result) {
  Json tests = Json::array();
  for (const CostTest& test : result.tests) tests.push_back(to_json(test));
  Json budgets = Json::array();
  for (const BudgetTest& test : result.budgets) budgets.push_back(to_json(test));
  return Json::object(
      {{"verdict", verdict_name(result)},
       {"value", result.type.type},
       {"unit", result.type.unit},
       {"basis", result.basis == CheckBasis::work ? "work" : "composition"},
       {"method", result.method == CheckMethod::welch ? "welch" : "pooled"},
       {"base_runs", result.base_runs},
       {"new_runs", result.fresh_runs},
       {"q", result.q},
       {"floor", Json::object({{"relative", result.floor.relative}, {"of_total", result.floor.of_total}})},
       {"total", result.total ? to_json(*result.total) : Json()},
       {"detectable", result.detectable ? Json(*result.detectable) : Json()},
       {"tests", std::move(tests)},
       {"budgets", std::move(budgets)}});
}

}  // namespace signalbox::profile
