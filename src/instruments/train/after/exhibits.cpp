#include "instruments/train/after/exhibits.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/evidence/checkpoint_memory.hpp"
#include "core/evidence/merkle.hpp"
#include "core/gates/testimony.hpp"

namespace signalbox::train::after {
namespace {

constexpr std::string_view kTrainPrefix = "train:";

Exhibit open_entry(const evidence::BundleEntry& held, const evidence::Trust& trust) {
  Exhibit out;
  if (auto record = parse_json(held.record)) out.record = std::move(*record);
  out.entry.index = held.index;
  out.entry.time = Time(Duration(out.record["time"].as_integer()));
  out.entry.leaf = evidence::leaf_hash(held.record);
  out.entry.record = held.record;
  out.entry.salt = held.salt;
  out.entry.envelope = held.envelope;
  if (held.envelope.empty()) return out;
  const auto envelope = evidence::parse_envelope(held.envelope);
  auto statement = envelope ? evidence::parse_statement(envelope->payload) : fail(envelope.error());
  if (!statement) return out;
  out.signers = gates::signers_of(*envelope, trust, out.entry.time, *statement);
  out.statement = std::move(*statement);
  return out;
}

// The train that left or was taken back, by the statements of it in the file.
Result<std::string> train_in(const Exhibits& exhibits) {
  std::set<std::string> trains;
  for (const auto& [index, exhibit] : exhibits.entries) {
    if (!exhibit.is_of("departure") && !exhibit.is_of("rollback")) continue;
    for (const evidence::Subject& subject : exhibit.statement->subjects) {
      if (!subject.name.starts_with(kTrainPrefix)) continue;
      const std::string id = subject.name.substr(kTrainPrefix.size());
      if (check_train_id(id) && evidence::matches(subject, train_subject(id))) trains.insert(id);
    }
  }
  if (trains.size() == 1) return *trains.begin();
  return fail(ErrorKind::bad_input,
              trains.empty() ? std::string("the bundle is about no train that left or was taken back")
                             : fmt::format("the bundle is about {} trains", trains.size()),
              "signalbox train audit TRAIN --bundle FILE writes one of one train");
}

// "sha256:…" of the train, as records name it.
std::string subject_text(const std::string& train) {
  return evidence::digests_of(train_subject(train)).front();
}

// Records of more than 64 subjects name none of them.
bool is_about(const Exhibit& exhibit, const std::string& train) {
  if (exhibit.record["prev"].find(subject_text(train)) != nullptr) return true;
  if (!exhibit.statement) return false;
  const evidence::Subject wanted = train_subject(train);
  const std::vector<evidence::Subject>& subjects = exhibit.statement->subjects;
  return std::any_of(subjects.begin(), subjects.end(),
                     [&](const evidence::Subject& one) { return evidence::matches(one, wanted); });
}

}  // namespace

std::string Exhibit::envelope_digest() const {
  return entry.envelope.empty() ? std::string() : "sha256:" + to_hex(sha256(entry.envelope));
}

std::optional<std::int64_t> Exhibit::entry_before(const std::string& train) const {
  const Json* before = record["prev"].find(subject_text(train));
  if (before == nullptr && statement) before = statement->predicate.find("after");
  if (before == nullptr || !before->is_integer()) return std::nullopt;
  return before->as_integer();
}

bool Exhibit::is_of(std::string_view kind) const {
  return statement && statement->predicate_type == event_type(kind);
}

const Exhibit* Exhibits::find(std::uint64_t index) const {
  const auto found = entries.find(index);
  return found == entries.end() ? nullptr : &found->second;
}

namespace {

// Why the key that signed the checkpoint did not count when it did: by the time of its newest entry, as
// `evidence verify` has it. Empty where it did.
std::string objection_to_log(const evidence::Bundle& bundle, const Exhibits& exhibits,
                             const AuditorTrust& auditor) {
  if (exhibits.entries.empty()) return {};
  Time newest = exhibits.entries.begin()->second.entry.time;
  for (const auto& [index, exhibit] : exhibits.entries) newest = std::max(newest, exhibit.entry.time);
  std::string why;
  for (const evidence::PublicKey& log : auditor.log_keys) {
    if (!evidence::open_checkpoint(bundle.checkpoint, log)) continue;
    why = evidence::objection_to_log(auditor.trust, log, newest);
    if (why.empty()) return {};
  }
  return why.empty() ? std::string()
                     : fmt::format("checkpoint: the log's key was {}; the newest entry is of {}", why,
                                   to_rfc3339(newest));
}

}  // namespace

Result<Exhibits> open_exhibits(const evidence::Bundle& bundle, const AuditorTrust& auditor) {
  Exhibits out;
  out.log_faults = evidence::check_bundle(bundle, auditor.log_keys);
  if (const auto note = evidence::parse_note(bundle.checkpoint)) {
    if (const auto checkpoint = evidence::parse_checkpoint(note->text)) {
      out.origin = checkpoint->origin;
      out.size = checkpoint->size;
    }
  }
  for (const evidence::BundleEntry& entry : bundle.entries)
    out.entries.insert_or_assign(entry.index, open_entry(entry, auditor.trust));
  if (out.log_faults.empty()) {
    if (std::string why = objection_to_log(bundle, out, auditor); !why.empty())
      out.log_faults.push_back(std::move(why));
  }
  auto train = train_in(out);
  if (!out.log_faults.empty()) {
    if (train) out.train = std::move(*train);
    return out;
  }
  if (!train) return fail(std::move(train).error());
  out.train = std::move(*train);
  std::vector<evidence::Entry> story;
  for (const auto& [index, exhibit] : out.entries) {
    if (!is_about(exhibit, out.train)) continue;
    out.story.push_back(index);
    story.push_back(exhibit.entry);
  }
  SIGNALBOX_TRY(out.events, events_in(story, auditor.trust, out.train));
  out.policy = bundle.policy;
  if (bundle.complete) {
    SIGNALBOX_TRY(out.complete, evidence::check_complete(bundle));
  }
  return out;
}

}  // namespace signalbox::train::after
