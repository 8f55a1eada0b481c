#include "instruments/train/boarding/evidence_finder.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/evidence/all_entries.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/ledger_entry.hpp"
#include "core/evidence/statement.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kAskedAtOnce = 200;  // commits in one question to the store

std::string whole_type(std::string_view type) {
  return std::string(evidence::kPredicatePrefix) + std::string(type);
}

bool is_of(const FoundEvidence& evidence, std::string_view type) {
  return evidence.type == whole_type(type);
}

// The one type that proves an item; empty: any that says it passed.
std::string_view type_for(CheckItem item) {
  switch (item) {
    case CheckItem::tests:
    case CheckItem::merged_ci:
    case CheckItem::integration_tests:
      return "evidence/tests/v1";
    case CheckItem::security_scan:
      return "evidence/findings/v1";
    case CheckItem::migration_plan:
    case CheckItem::migration_reversible:
    case CheckItem::data_rollback:
    case CheckItem::feature_toggle:
    case CheckItem::toggle_exists:
    case CheckItem::observability:
    case CheckItem::business_impact:
    case CheckItem::notes_entry:
      return {};
  }
  return {};
}

bool is_about(const FoundEvidence& evidence, const std::set<std::string>& commits) {
  return std::any_of(evidence.commits.begin(), evidence.commits.end(),
                     [&](const std::string& id) { return commits.contains(id); });
}

Error changed_outside(std::string fault) {
  return {ErrorKind::conflict, std::move(fault),
          "the store was changed from outside: signalbox evidence log audit"};
}

std::string short_type(const FoundEvidence& evidence) {
  std::string_view type = evidence.type;
  if (type.starts_with(evidence::kPredicatePrefix)) type.remove_prefix(evidence::kPredicatePrefix.size());
  return printable(type);
}

}  // namespace

Result<FoundEvidence> EvidenceFinder::judged(const evidence::Entry& entry) const {
  if (entry.envelope.empty())
    return fail(ErrorKind::not_found, fmt::format("the envelope of log #{} was erased", entry.index));
  SIGNALBOX_TRY(const evidence::Envelope envelope, evidence::parse_envelope(entry.envelope));
  SIGNALBOX_TRY(evidence::Statement statement, evidence::parse_statement(envelope.payload));
  std::vector<std::string> names;
  FoundEvidence out{entry.index,
                    statement.predicate_type,
                    to_hex(sha256(entry.envelope)),
                    std::move(statement.predicate),
                    {}};
  for (const evidence::Subject& subject : statement.subjects) {
    names.push_back(subject.name);
    if (const auto id = subject.digest.find("gitCommit"); id != subject.digest.end())
      out.commits.insert(id->second);
  }
  const std::vector<evidence::Signer> signers =
      evidence::judge_signers(envelope, trust_, entry.time, out.type, names);
  if (evidence::valid_signer(signers) != nullptr) return out;
  const std::string why = signers.empty()
                              ? "nobody signed it"
                              : fmt::format("{}: {}", printable(signers.back().key.name), signers.back().why);
  return fail(ErrorKind::denied, fmt::format("log #{} is not signed by a trusted key: {}", entry.index, why));
}

Result<FoundEvidence> EvidenceFinder::at(std::uint64_t index) const {
  if (ledger_ == nullptr) return fail(ErrorKind::not_found, "nothing was ever recorded here");
  SIGNALBOX_TRY(const evidence::Entry entry, ledger_->entry(index));
  return judged(entry);
}

// The commits some at a time; of those behind, only what is newer than what was found is of interest.
Result<std::optional<FoundEvidence>> EvidenceFinder::newest(std::string_view type,
                                                            const std::set<std::string>& commits) const {
  std::optional<FoundEvidence> out;
  if (ledger_ == nullptr) return out;
  evidence::Query query;
  query.type = whole_type(type);
  for (auto next = commits.begin(); next != commits.end();) {
    query.about_any.clear();
    query.before.reset();
    for (; next != commits.end() && query.about_any.size() < kAskedAtOnce; ++next)
      query.about_any.push_back({{}, {{"gitCommit", *next}}});
    if (out) query.from = out->index + 1;
    SIGNALBOX_TRY(const evidence::Extent extent,
                  evidence::read_entries(*ledger_, query, evidence::kMaxEntriesRead,
                                         [&](const evidence::Entry& entry) -> Result<evidence::Reading> {
                                           if (std::string fault = evidence::fault_in(entry); !fault.empty())
                                             return fail(changed_outside(std::move(fault)));
                                           auto found = judged(entry);
                                           if (!found || !is_about(*found, commits))
                                             return evidence::Reading::goes_on;
                                           out = std::move(*found);
                                           return evidence::Reading::is_done;
                                         }));
    if (extent == evidence::Extent::cut) {
      return fail(ErrorKind::unavailable, evidence::too_many_text(query, evidence::kMaxEntriesRead),
                  "signalbox evidence query shows them");
    }
  }
  return out;
}

std::string failing(const FoundEvidence& evidence) {
  const Json& predicate = evidence.predicate;
  if (is_of(evidence, "evidence/tests/v1")) {
    const std::int64_t bad = predicate["failures"].as_integer(1) + predicate["errors"].as_integer(1);
    if (predicate["tests"].as_integer() <= 0) return "no test ran";
    return bad > 0 ? fmt::format("{} of {} tests failed", bad, predicate["tests"].as_integer()) : "";
  }
  if (is_of(evidence, "evidence/findings/v1")) {
    const std::int64_t errors = predicate["counts"]["error"].as_integer(1);
    return errors > 0 ? fmt::format("{} findings are errors", errors) : "";
  }
  if (short_type(evidence).starts_with("train/"))
    return fmt::format("{} is an event of a train: it proves nothing of a passenger", short_type(evidence));
  const Json& result = predicate["result"];
  if (!result.is_string()) return "it says no `result`: nobody can tell whether it passed";
  if (result.as_string() != "pass")
    return fmt::format("its result is '{}', not pass", printable(result.as_string()));
  return {};
}

std::string objection_to(const FoundEvidence& evidence, CheckItem item) {
  const std::string_view wanted = type_for(item);
  if (!wanted.empty() && !is_of(evidence, wanted))
    return fmt::format("it is {}, and {} is proved by {}", short_type(evidence), name_of(item), wanted);
  return failing(evidence);
}

std::string words_of(const FoundEvidence& evidence) {
  if (std::string why = failing(evidence); !why.empty()) return why;
  if (is_of(evidence, "evidence/tests/v1"))
    return fmt::format("{} tests, none failed", evidence.predicate["tests"].as_integer());
  if (is_of(evidence, "evidence/findings/v1")) return "a scan without errors";
  return short_type(evidence);
}

}  // namespace signalbox::train
