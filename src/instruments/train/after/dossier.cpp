#include "instruments/train/after/dossier.hpp"

#include <set>

#include <fmt/core.h>

#include "core/evidence/all_entries.hpp"
#include "core/gates/decision_entries.hpp"
#include "instruments/train/after/attempt.hpp"
#include "instruments/train/after/passage.hpp"
#include "instruments/train/gating/exception_book.hpp"

namespace signalbox::train::after {
namespace {

using Indexes = std::set<std::uint64_t>;

Status add_entries(const evidence::Ledger& ledger, evidence::Query query, Indexes& out) {
  SIGNALBOX_TRY(const std::vector<evidence::Entry> entries,
                evidence::all_entries(ledger, std::move(query), kMaxDossierEntries));
  for (const evidence::Entry& entry : entries) out.insert(entry.index);
  return {};
}

// Null where it was erased or is no statement.
Json predicate_of(const evidence::Entry& entry) {
  const auto envelope = evidence::parse_envelope(entry.envelope);
  const auto statement = envelope ? evidence::parse_statement(envelope->payload) : fail(envelope.error());
  return statement ? statement->predicate : Json();
}

void add_index(const Json& value, Indexes& out) {
  if (value.is_integer() && value.as_integer() >= 0)
    out.insert(static_cast<std::uint64_t>(value.as_integer()));
}

// Requests of exceptions that a decision rests on, or that an event opened the locked scope with.
Indexes exceptions_in(const std::vector<Json>& decisions, const TrainEvents& events) {
  Indexes out;
  for (const Json& decision : decisions) {
    for (const Json& exception : decision["exceptions"].items()) add_index(exception["request"], out);
  }
  for (const Event& event : events.events) add_index(event.predicate["exception"], out);
  return out;
}

// The exception that an approval or an audit speaks of; nothing where it is neither.
std::optional<std::uint64_t> exception_of(const std::string& kind, const Json& predicate) {
  if (kind == "exception-audit") {
    const auto claim = parse_exception_audit(predicate);
    return claim ? std::optional(claim->exception) : std::nullopt;
  }
  const auto claim = parse_exception_approval(predicate);
  return claim ? std::optional(claim->request) : std::nullopt;
}

// Their approvals and audits.
Status add_words_on(const Indexes& exceptions, const evidence::Ledger& ledger, Indexes& out) {
  if (exceptions.empty()) return {};
  for (const char* kind : {"exception", "freeze-exception", "exception-audit"}) {
    evidence::Query query;
    query.type = event_type(kind);
    SIGNALBOX_TRY(const std::vector<evidence::Entry> words, evidence::all_entries(ledger, std::move(query)));
    for (const evidence::Entry& word : words) {
      const auto about = exception_of(kind, predicate_of(word));
      if (about && exceptions.contains(*about)) out.insert(word.index);
    }
  }
  return {};
}

}  // namespace

Result<Dossier> gather_dossier(const evidence::Ledger& ledger, const TrainEvents& events) {
  if (!ending_of(read_passages(events))) {
    return fail(ErrorKind::conflict,
                fmt::format("train {} has neither left nor been taken back: there is nothing to audit yet",
                            events.train),
                "signalbox train check " + events.train);
  }
  Indexes entries, decisions;
  std::set<std::string> commits;
  evidence::Query story;
  story.subject = train_subject(events.train);
  SIGNALBOX_CHECK(add_entries(ledger, std::move(story), entries));
  for (const Attempt& attempt : attempts_in(events)) {
    commits.insert(attempt.begin.commit);
    if (attempt.begin.decision) decisions.insert(*attempt.begin.decision);
  }
  for (const std::string& commit : commits) {
    evidence::Query query;
    query.subject = evidence::Subject{"", {{"gitCommit", commit}}};
    SIGNALBOX_CHECK(add_entries(ledger, std::move(query), entries));
  }
  std::erase_if(decisions, [&](std::uint64_t index) { return index >= ledger.size(); });
  std::vector<Json> predicates;
  for (const std::uint64_t index : decisions) {
    SIGNALBOX_TRY(const evidence::Entry entry, ledger.entry(index));
    predicates.push_back(predicate_of(entry));
    entries.insert(index);
    for (const std::uint64_t behind : gates::entries_behind(predicates.back())) entries.insert(behind);
  }
  const Indexes exceptions = exceptions_in(predicates, events);
  entries.insert(exceptions.begin(), exceptions.end());
  SIGNALBOX_CHECK(add_words_on(exceptions, ledger, entries));
  std::erase_if(entries, [&](std::uint64_t index) { return index >= ledger.size(); });
  if (entries.size() > kMaxDossierEntries) {
    return fail(ErrorKind::bad_input,
                fmt::format("{} entries belong to train {}; a bundle for an auditor holds at most {}",
                            entries.size(), events.train, kMaxDossierEntries),
                "hand over the whole log: signalbox evidence log export DIR");
  }
  return Dossier{{decisions.begin(), decisions.end()}, {entries.begin(), entries.end()}};
}

}  // namespace signalbox::train::after
