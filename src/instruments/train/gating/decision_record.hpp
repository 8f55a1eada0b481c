// A decision in the log, with the summaries of it that the policy asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/cli/command.hpp"
#include "core/config/workspace.hpp"
#include "core/evidence/recorder.hpp"
#include "instruments/train/decision.hpp"

namespace signalbox::train {

struct RecordedSummary {
  gates::SummaryForm form;
  std::uint64_t index;  // in the log
};
struct RecordedDecision {
  evidence::Receipt receipt;
  std::vector<RecordedSummary> summaries;
  std::optional<Error> unsaid;  // why there are no summaries though the policy asks for them
};

// What the policy asks for, with the resource by its name. To be asked before anything is recorded: bad_input
// where a summary is wanted of a commit that has no URI here.
Result<std::vector<gates::SummaryRequest>> summaries_of(const Workspace& workspace, const Decision& decision);

// Of the decision that is entry `decision` of the log: each signed with this machine's key and appended. For
// the caller to know: whoever signed that entry is trusted.
Result<std::vector<RecordedSummary>> record_summaries(evidence::EvidenceBook& book, std::uint64_t decision,
                                                      const std::vector<gates::SummaryRequest>& requests);

// The same behind a decision that stands, whatever becomes of them: into `recorded`, or why there are none.
void leave_summaries(evidence::EvidenceBook& book, const std::vector<gates::SummaryRequest>& requests,
                     RecordedDecision& recorded);

// Signed with this machine's key, about the commit that was judged and nothing else; then its summaries. An
// error: the decision was not recorded.
Result<RecordedDecision> record_decision(evidence::EvidenceBook& book, const Workspace& workspace,
                                         const Decision& decision);

// Where summaries are missing: a line on standard error.
void warn_of_unsaid(const RecordedDecision& recorded, const cli::Context& context);
// As a fact and data of the report, or that line and a finding where they are missing.
void tell_summaries(const RecordedDecision& recorded, const cli::Context& context, Report& report);

}  // namespace signalbox::train
