// A decision in the log, with the summaries of it that the policy asks for.
#pragma once

#include <cstdint>
#include <functional>
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

// Where a decision is left: `book` takes it, and `reread` gives the log that has it then.
struct Recording {
  evidence::EvidenceBook& book;
  std::function<Result<const evidence::Ledger*>()> reread;
};
// In the log here.
Recording recording_in(evidence::EvidenceBook& book);

// Of the decision that is recorded, which stands whatever becomes of them: each signed with this machine's
// key and appended, into `recorded`, or why there are none. For the caller to know: whoever signed it is
// trusted.
void leave_summaries(const Recording& to, const std::vector<gates::SummaryRequest>& requests,
                     RecordedDecision& recorded);

// Signed with this machine's key, about the commit that was judged and nothing else; then its summaries. An
// error: the decision was not recorded.
Result<RecordedDecision> record_decision(const Recording& to, const Workspace& workspace,
                                         const Decision& decision);

// Where summaries are missing: a line on standard error.
void warn_of_unsaid(const RecordedDecision& recorded, const cli::Context& context);
// As a fact and data of the report, or that line and a finding where they are missing.
void tell_summaries(const RecordedDecision& recorded, const cli::Context& context, Report& report);

}  // namespace signalbox::train
