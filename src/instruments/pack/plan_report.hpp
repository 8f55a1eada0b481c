// What is told of a plan.
#pragma once

#include "core/report/report.hpp"
#include "instruments/pack/document/plan_document.hpp"
#include "instruments/pack/options.hpp"

namespace signalbox::pack {

Report plan_report(const PlanDocument& document, const Asked& asked);

// A bill as a sentence: "12 x 9 x 5 in, 540 cu in / 139 = 4 lb; weighs 3 lb; billed 4 lb by ups-2026-01-26".
std::string told(const Bill& bill);
Json to_json(const Bill& bill);
// The bill of a package, with `trims`, what an inch less of each side saves, and `distances` to surcharges.
Json bill_json(const PlanDocument& document, const Package& package, const RulePack& rules, Account account);
Table surcharge_table(const std::vector<Distance>& distances, const Bill& bill);

}  // namespace signalbox::pack
