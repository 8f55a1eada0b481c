#include "instruments/train/gating/decision_record.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/gates/placeholders.hpp"

namespace signalbox::train {
namespace {

Result<evidence::Receipt> append(evidence::EvidenceBook& book, const evidence::Statement& statement) {
  SIGNALBOX_TRY(const std::string payload, evidence::write_statement(statement));
  SIGNALBOX_TRY(const evidence::SigningKey key, book.signing_key());
  SIGNALBOX_TRY(const auto receipts, book.append({evidence::write_envelope(
                                         evidence::sign_envelope(evidence::kPayloadType, payload, {&key}))}));
  if (receipts.empty()) return fail(ErrorKind::internal, "an envelope was appended without a receipt");
  return receipts.front();
}

Result<std::string> resource_of(const Workspace& workspace, const Decision& decision) {
  const std::string& pattern = decision.policy.summaries.resource;
  const std::string& commit = decision.plan.history.head;
  if (!pattern.empty()) {
    return gates::filled(pattern, {{"{version}", decision.plan.next.version.text()},
                                   {"{tag}", decision.plan.next.tag},
                                   {"{commit}", commit}});
  }
  const evidence::Subject about{decision.plan.name, {{"gitCommit", commit}}};
  if (auto resource = gates::commit_resource(workspace.root, {about})) return std::move(*resource);
  return fail(ErrorKind::bad_input,
              fmt::format("{} asks for summaries, and what may depart has no URI here: git's origin has none",
                          decision.policy.source),
              "git remote add origin URL, or name train.summaries.resource: pkg:generic/shop@{version}");
}

}  // namespace

Result<std::vector<gates::SummaryRequest>> summaries_of(const Workspace& workspace,
                                                        const Decision& decision) {
  std::vector<gates::SummaryRequest> out;
  for (const gates::SummaryForm form : decision.policy.summaries.forms) {
    gates::SummaryRequest request{form, decision.policy.summaries.verifier, {}};
    if (form == gates::SummaryForm::vsa) {
      SIGNALBOX_TRY(request.resource, resource_of(workspace, decision));
    }
    out.push_back(std::move(request));
  }
  return out;
}

namespace {

Result<std::vector<RecordedSummary>> record_summaries(const Recording& to, std::uint64_t decision,
                                                      const std::vector<gates::SummaryRequest>& requests) {
  std::vector<RecordedSummary> out;
  if (requests.empty()) return out;
  SIGNALBOX_TRY(const evidence::Ledger* const ledger, to.reread());
  SIGNALBOX_TRY(const evidence::Entry entry, ledger->entry(decision));
  for (const gates::SummaryRequest& request : requests) {
    SIGNALBOX_TRY(const evidence::Statement statement, gates::summarize(*ledger, entry, request));
    SIGNALBOX_TRY(const evidence::Receipt receipt, append(to.book, statement));
    out.push_back({request.form, receipt.index});
  }
  return out;
}

}  // namespace

Recording recording_in(evidence::EvidenceBook& book) {
  return {book, [&book]() -> Result<const evidence::Ledger*> { return &book.ledger(); }};
}

void leave_summaries(const Recording& to, const std::vector<gates::SummaryRequest>& requests,
                     RecordedDecision& recorded) {
  auto summaries = record_summaries(to, recorded.receipt.index, requests);
  if (summaries)
    recorded.summaries = std::move(*summaries);
  else
    recorded.unsaid = std::move(summaries).error();
}

Result<RecordedDecision> record_decision(const Recording& to, const Workspace& workspace,
                                         const Decision& decision) {
  RecordedDecision out;
  SIGNALBOX_TRY(const auto requests, summaries_of(workspace, decision));
  SIGNALBOX_TRY(out.receipt, append(to.book, decision_statement(decision, to.book.own_key().name)));
  leave_summaries(to, requests, out);
  return out;
}

void warn_of_unsaid(const RecordedDecision& recorded, const cli::Context& context) {
  if (!recorded.unsaid || !context.say) return;
  context.say(fmt::format("warning: the decision is recorded, log #{}, and not its summaries: {}",
                          recorded.receipt.index, printable(recorded.unsaid->message)));
}

void tell_summaries(const RecordedDecision& recorded, const cli::Context& context, Report& report) {
  warn_of_unsaid(recorded, context);
  if (recorded.unsaid)
    report.findings.push_back({"train/no-summary", Severity::warning, recorded.unsaid->message, std::nullopt,
                               recorded.unsaid->hint});
  if (recorded.summaries.empty()) return;
  std::string text;
  Json indexes = Json::object();
  for (const RecordedSummary& summary : recorded.summaries) {
    const std::string_view name = gates::name_of(summary.form);
    text += fmt::format("{}{} log #{}", text.empty() ? "" : ", ", name, summary.index);
    indexes.set(std::string(name), summary.index);
  }
  report.facts.push_back({"summaries", text, ""});
  report.data.set("summaries", std::move(indexes));
}

}  // namespace signalbox::train
