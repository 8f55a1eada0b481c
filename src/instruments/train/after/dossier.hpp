// What an auditor is given of a departed train: its whole story, the decisions that it left by, and what
// these rest on, in one bundle.
#pragma once

#include "core/evidence/bundle.hpp"
#include "instruments/train/events/event.hpp"

namespace signalbox::train::after {

inline constexpr std::size_t kMaxDossierEntries = 10'000;

// Which entries of the log belong to it, and why.
struct Dossier {
  std::vector<std::uint64_t> decisions;  // that attempts to depart began with, oldest first
  std::vector<std::uint64_t> entries;    // all of them, ascending
};

// Every entry about the train and about the commits that were to depart with it; the decisions; what they
// name; the audits of the exceptions among that. conflict where the train has neither left nor been taken
// back; bad_input where they are more than kMaxDossierEntries.
Result<Dossier> gather_dossier(const evidence::Ledger& ledger, const TrainEvents& events);

}  // namespace signalbox::train::after
