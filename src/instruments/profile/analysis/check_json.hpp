// A check as JSON: what a report's data and the evidence of a regression have in common.
#pragma once

#include <string_view>

#include "core/base/json.hpp"
#include "instruments/profile/analysis/check.hpp"

namespace signalbox::profile {

Json to_json(const CheckResult& result);  // with every test
Json to_json(const CostTest& test);
Json to_json(const BudgetTest& test);
std::string_view verdict_name(const CheckResult& result);  // "pass" or "regressed"

}  // namespace signalbox::profile
