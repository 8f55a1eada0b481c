// The events of a train: signed Statements in the ledger. What a train is at any moment is the fold of its
// events in the order of the log; nothing else is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/recorder.hpp"
#include "core/evidence/trust.hpp"
#include "instruments/train/history.hpp"

namespace signalbox::train {

// One thing that happened to a train.
struct Event {
  std::uint64_t index = 0;  // in the log
  Time time;                // of integration into the log
  std::string kind;         // "schedule", "passenger": of the predicate type train/<kind>/v1
  Json predicate;           // an object; "train" is the id, "after" the entry about the train before this one
  std::vector<evidence::Subject> subjects;
  std::string signer;              // name of the trusted key that signed
  std::vector<std::string> roles;  // of that key
};

struct TrainEvents {
  std::string train;
  std::vector<Event> events;     // oldest first; signed by a key that `trust` holds valid
  std::int64_t last_index = -1;  // newest entry about the train, trusted or not; -1: none
  std::vector<Remark> ignored;   // entries that do not count, and why
};

// "2026-12", "v1.4.0": [a-z0-9][a-z0-9._-]{0,63}
Status check_train_id(std::string_view id);
// Name "train:<id>", sha256 of "signalbox/train/v1\n" + id.
evidence::Subject train_subject(std::string_view id);
std::string event_type(std::string_view kind);  // "https://signalbox.dev/train/<kind>/v1"

// An entry counts where its signer is trusted, it names this train, and it was written to follow the entry
// that it follows: an old event that somebody appends again, or one appended without `append_event`, does
// not. conflict where an envelope is not the one that the log committed to.
Result<TrainEvents> read_events(const evidence::Ledger& ledger, const evidence::Trust& trust,
                                std::string_view train);
// The same of entries at hand: those about the train, oldest first.
Result<TrainEvents> events_in(const std::vector<evidence::Entry>& entries, const evidence::Trust& trust,
                              std::string_view train);
// Trains that a trusted key has scheduled, the newest first.
Result<std::vector<std::string>> list_trains(const evidence::Ledger& ledger, const evidence::Trust& trust);

struct NewEvent {
  std::string train, kind;
  Json predicate;                             // an object; "train" and "after" are added
  std::vector<evidence::Subject> also_about;  // commits, artifacts
  std::optional<std::string> key;  // sign with this named key of the key store; absent: this machine's
};
// The event as a signed envelope, for a log that compares and appends itself: it must follow `expected_last`.
Result<std::string> sign_event(const NewEvent& event, const evidence::SigningKey& key,
                               std::int64_t expected_last);
// A signed envelope as the event that it would be in the log from that time on; its index is the greatest
// that there is. denied where the signature would not count: it says whose, and why.
Result<Event> read_signed_event(const std::string& envelope, const evidence::Trust& trust, Time time);
// conflict, naming who and when, where another entry about the train came after `expected_last`.
Result<evidence::Receipt> append_signed_event(evidence::EvidenceBook& book, const std::string& train,
                                              const std::string& envelope, std::int64_t expected_last);
// Both at once. conflict, naming who and when, where another entry about the train came after
// `expected_last`.
Result<evidence::Receipt> append_event(evidence::EvidenceBook& book, const NewEvent& event,
                                       std::int64_t expected_last);

}  // namespace signalbox::train
