// What a checklist says by itself: answers that follow from the diff, the registry of flags, the notes, the
// rules and the log.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "instruments/train/boarding/change.hpp"
#include "instruments/train/boarding/evidence_finder.hpp"
#include "instruments/train/boarding/flags.hpp"
#include "instruments/train/boarding/rules.hpp"
#include "instruments/train/plan.hpp"

namespace signalbox::train {

struct AnswerSources {
  const Change& change;
  const std::set<std::string>& holders;  // commits that hold the change
  const Manifest& manifest;              // of what departs
  const std::vector<Flag>& flags;
  const std::map<std::string, std::uint64_t>& references;  // of the flags, in the tree
  const BoardingRules& rules;
  TrainKind kind = TrainKind::regular;
};

// Adds to `record.checklist` what is known, where it outranks what is there. Flags, risk, migration and
// estimate of the record must be set. Errors are those of the store.
Status answer_from_facts(PassengerRecord& record, const AnswerSources& sources, EvidenceFinder& evidence);

// The answers of `checks` that name evidence, looked up. Each that does not prove its item is a line.
struct LookedUp {
  Checklist answers;
  std::vector<std::string> objections;  // "tests: log #12 is about another commit"
};
LookedUp look_up(const Checklist& checks, const std::set<std::string>& holders,
                 const EvidenceFinder& evidence);

}  // namespace signalbox::train
