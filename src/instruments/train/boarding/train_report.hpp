// Trains as reports.
#pragma once

#include <vector>

#include "core/report/report.hpp"
#include "instruments/train/boarding/admission.hpp"
#include "instruments/train/boarding/train.hpp"

namespace signalbox::train {

// Who reads: everybody is not told what a manifest hides (notes, rollback plans, estimates, checklists).
enum class Audience { crew, everybody };

Report trains_report(const std::vector<Train>& trains, const BoardingRules& rules, Time now);
// One train: when it leaves, when its scope is locked, who is aboard and what each still lacks.
Report train_report(const Train& train, const BoardingRules& rules, Time now,
                    Audience audience = Audience::crew);

// For programs; `seats_json` is what GET trains/{id}/passengers answers with.
Json train_json(const Train& train, const BoardingRules& rules, Time now);
Json seats_json(const Train& train, const BoardingRules& rules, Audience audience);

// What the passenger lacks, or waits for, in words, and the command that brings it on. Both empty where it is
// aboard.
struct NextStep {
  std::string lacks;
  std::string command;
};
NextStep next_step(const Train& train, const Seat& seat, const BoardingRules& rules);

}  // namespace signalbox::train
