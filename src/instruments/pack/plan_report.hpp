// What is told of a plan.
#pragma once

#include "core/report/report.hpp"
#include "instruments/pack/document/plan_document.hpp"

namespace signalbox::pack {

Report plan_report(const PlanDocument& document);

}  // namespace signalbox::pack
