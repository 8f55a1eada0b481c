#include "instruments/train/events/event.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/config/workspace.hpp"
#include "core/evidence/all_entries.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/ledger_entry.hpp"
#include "instruments/train/events/events_of_kinds.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kMaxIdBytes = 64;
constexpr std::string_view kTypeEnd = "/v1";

std::string type_prefix() {
  return std::string(evidence::kPredicatePrefix) + "train/";
}

// "passenger" of train/passenger/v1; empty where the type is no event of a train.
std::string kind_of(std::string_view type) {
  const std::string prefix = type_prefix();
  if (!type.starts_with(prefix) || !type.ends_with(kTypeEnd)) return {};
  type.remove_prefix(prefix.size());
  if (type.size() <= kTypeEnd.size()) return {};
  type.remove_suffix(kTypeEnd.size());
  return type.find('/') == std::string_view::npos ? std::string(type) : std::string();
}

// Makes events of entries, or says why one is none.
class EventReader {
 public:
  explicit EventReader(const evidence::Trust& trust) : trust_(trust) {}

  // Nothing and an empty `why`: it is evidence of another kind, and no event at all.
  Result<std::optional<Event>> read(const evidence::Entry& entry, std::string& why) const {
    if (std::string fault = evidence::fault_in(entry); !fault.empty()) {
      return fail(ErrorKind::conflict, std::move(fault),
                  "the store was changed from outside: signalbox evidence log audit");
    }
    why.clear();
    if (entry.envelope.empty()) {
      why = "its envelope was erased";
      return std::optional<Event>();
    }
    return read(entry.envelope, entry.index, entry.time, why);
  }

  Result<std::optional<Event>> read(const std::string& octets, std::uint64_t index, Time time,
                                    std::string& why) const {
    SIGNALBOX_TRY(const evidence::Envelope envelope, evidence::parse_envelope(octets));
    SIGNALBOX_TRY(evidence::Statement statement, evidence::parse_statement(envelope.payload));
    Event event{index,
                time,
                kind_of(statement.predicate_type),
                std::move(statement.predicate),
                std::move(statement.subjects),
                {},
                {}};
    if (event.kind.empty()) return std::optional<Event>();
    why = sign(event, envelope, statement.predicate_type);
    return why.empty() ? std::optional<Event>(std::move(event)) : std::nullopt;
  }

 private:
  // Names the signer; what hinders it from counting otherwise.
  std::string sign(Event& event, const evidence::Envelope& envelope, const std::string& type) const {
    std::vector<std::string> names;
    for (const evidence::Subject& subject : event.subjects) names.push_back(subject.name);
    const std::vector<evidence::Signer> signers =
        evidence::judge_signers(envelope, trust_, event.time, type, names);
    if (const evidence::Signer* const signer = evidence::valid_signer(signers)) {
      event.signer = signer->key.name;
      event.roles = signer->roles;
      return {};
    }
    if (signers.empty()) return "nobody signed it";
    return fmt::format("signed by {}: {}", printable(signers.back().key.name), signers.back().why);
  }

  const evidence::Trust& trust_;
};

// Why an event that a trusted key signed does not count for this train; empty where it does.
std::string misplaced(const Event& event, std::string_view train, std::int64_t previous) {
  const std::string_view named = event.predicate["train"].as_string();
  if (named != train) return fmt::format("it is about the train '{}'", printable(named));
  const Json* const after = event.predicate.find("after");
  if (after == nullptr || !after->is_integer()) return "it does not say which entry it follows";
  if (after->as_integer() != previous) {
    return fmt::format("it was written to follow entry {}, and follows {}: somebody appended it again",
                       after->as_integer(), previous);
  }
  return {};
}

bool is_about(const Event& event, std::string_view train) {
  const evidence::Subject wanted = train_subject(train);
  return std::any_of(event.subjects.begin(), event.subjects.end(),
                     [&](const evidence::Subject& subject) { return evidence::matches(subject, wanted); });
}

Remark ignored(const evidence::Entry& entry, const std::string& why) {
  return {"train/event-ignored", fmt::format("log #{} does not count: {}", entry.index, why),
          fmt::format("signalbox evidence show {}", entry.index)};
}

// Of the entry about the train that comes before `index`; -1: none does.
Result<std::int64_t> index_before(const evidence::Ledger& ledger, const std::string& train,
                                  std::uint64_t index) {
  evidence::Query query;
  query.subject = train_subject(train);
  query.before = index;
  query.limit = 1;
  SIGNALBOX_TRY(const std::vector<evidence::Entry> entries, ledger.query(query));
  return entries.empty() ? std::int64_t{-1} : static_cast<std::int64_t>(entries.front().index);
}

// Of the entry about the train that comes before `entry`, as the entry's own record says it; -1: none does. A
// record of many subjects does not: then the log is asked.
Result<std::int64_t> index_before(const evidence::Ledger& ledger, const std::string& train,
                                  const evidence::Entry& entry) {
  SIGNALBOX_TRY(const Json record, parse_json(entry.record));
  const std::vector<std::string> digests = evidence::digests_of(train_subject(train));
  const Json* const previous = record["prev"].find(digests.front());
  if (previous != nullptr && previous->is_integer()) return previous->as_integer();
  return index_before(ledger, train, entry.index);
}

// The conflict of the ledger, with the name of the key where this machine knows it.
Error named_conflict(Error error, const evidence::KeyStore& keys) {
  const auto stored = keys.stored();
  if (error.kind != ErrorKind::conflict || !stored) return error;
  for (const evidence::StoredKey& key : *stored) {
    if (error.message.ends_with(" " + key.key.id())) {
      error.message += fmt::format(" ({})", printable(key.key.name));
      break;
    }
  }
  return error;
}

}  // namespace

Status check_train_id(std::string_view id) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const bool fits =
      !id.empty() && id.size() <= kMaxIdBytes && plain(id.front()) &&
      std::all_of(id.begin(), id.end(), [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
  if (fits) return {};
  return fail(ErrorKind::bad_input,
              fmt::format("'{}' is no name of a train", printable(id.substr(0, kMaxIdBytes + 1))),
              "1 to 64 of a-z 0-9 . _ -, the first a letter or digit: 2026-12, v1.4.0");
}

evidence::Subject train_subject(std::string_view id) {
  const std::string name(id);
  return {"train:" + name, {{"sha256", to_hex(sha256("signalbox/train/v1\n" + name))}}};
}

std::string event_type(std::string_view kind) {
  return type_prefix() + std::string(kind) + std::string(kTypeEnd);
}

Result<TrainEvents> events_in(const std::vector<evidence::Entry>& entries, const evidence::Trust& trust,
                              std::string_view train) {
  TrainEvents out;
  out.train = std::string(train);
  const EventReader reader(trust);
  for (const evidence::Entry& entry : entries) {
    const std::int64_t previous = std::exchange(out.last_index, static_cast<std::int64_t>(entry.index));
    std::string why;
    SIGNALBOX_TRY(std::optional<Event> event, reader.read(entry, why));
    if (event) why = misplaced(*event, train, previous);
    if (!why.empty()) {
      out.ignored.push_back(ignored(entry, why));
    } else if (event) {
      out.events.push_back(std::move(*event));
    }
  }
  return out;
}

Result<TrainEvents> read_events(const evidence::Ledger& ledger, const evidence::Trust& trust,
                                std::string_view train) {
  SIGNALBOX_CHECK(check_train_id(train));
  evidence::Query query;
  query.subject = train_subject(train);
  query.newest_first = false;
  SIGNALBOX_TRY(const std::vector<evidence::Entry> entries, evidence::all_entries(ledger, std::move(query)));
  return events_in(entries, trust, train);
}

Result<std::vector<TrainEvents>> read_events_of_kinds(const evidence::Ledger& ledger,
                                                      const evidence::Trust& trust,
                                                      const std::vector<std::string>& kinds) {
  const EventReader reader(trust);
  std::map<std::string, TrainEvents> by_train;
  for (const std::string& kind : kinds) {
    evidence::Query query;
    query.type = event_type(kind);
    SIGNALBOX_TRY(const std::vector<evidence::Entry> entries,
                  evidence::all_entries(ledger, std::move(query)));
    for (const evidence::Entry& entry : entries) {
      std::string why;
      SIGNALBOX_TRY(std::optional<Event> event, reader.read(entry, why));
      if (!event) continue;
      const std::string train(event->predicate["train"].as_string());
      if (!check_train_id(train) || !is_about(*event, train)) continue;
      SIGNALBOX_TRY(const std::int64_t previous, index_before(ledger, train, entry));
      TrainEvents& events = by_train[train];
      why = misplaced(*event, train, previous);
      if (why.empty()) {
        events.events.push_back(std::move(*event));
      } else {
        events.ignored.push_back(ignored(entry, why));
      }
    }
  }
  std::vector<TrainEvents> out;
  for (auto& [train, events] : by_train) {
    events.train = train;
    std::sort(events.events.begin(), events.events.end(),
              [](const Event& a, const Event& b) { return a.index < b.index; });
    if (!events.events.empty()) events.last_index = static_cast<std::int64_t>(events.events.back().index);
    out.push_back(std::move(events));
  }
  return out;
}

Result<std::vector<std::string>> list_trains(const evidence::Ledger& ledger, const evidence::Trust& trust) {
  evidence::Query query;
  query.type = event_type("schedule");
  query.newest_first = false;
  SIGNALBOX_TRY(const std::vector<evidence::Entry> entries, evidence::all_entries(ledger, std::move(query)));
  const EventReader reader(trust);
  std::set<std::string> seen;
  std::vector<std::string> out;
  for (const evidence::Entry& entry : entries) {
    std::string why;
    SIGNALBOX_TRY(const std::optional<Event> event, reader.read(entry, why));
    if (!event) continue;
    const std::string train(event->predicate["train"].as_string());
    if (!check_train_id(train) || !is_about(*event, train)) continue;
    if (seen.insert(train).second) out.push_back(train);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

Result<std::string> sign_event(const NewEvent& event, const evidence::SigningKey& key,
                               std::int64_t expected_last) {
  SIGNALBOX_CHECK(check_train_id(event.train));
  evidence::Statement statement;
  statement.subjects.push_back(train_subject(event.train));
  for (const evidence::Subject& subject : event.also_about) statement.subjects.push_back(subject);
  statement.predicate_type = event_type(event.kind);
  statement.predicate = event.predicate;
  statement.predicate.set("train", event.train);
  statement.predicate.set("after", expected_last);
  SIGNALBOX_TRY(const std::string payload, evidence::write_statement(statement));
  return evidence::write_envelope(evidence::sign_envelope(evidence::kPayloadType, payload, {&key}));
}

Result<Event> read_signed_event(const std::string& envelope, const evidence::Trust& trust, Time time) {
  std::string why;
  SIGNALBOX_TRY(std::optional<Event> event,
                EventReader(trust).read(envelope, std::numeric_limits<std::uint64_t>::max(), time, why));
  if (event) return std::move(*event);
  return fail(ErrorKind::denied, why.empty() ? "it is no event of a train" : why,
              "signalbox evidence key list; --key NAME signs with another key");
}

Result<evidence::Receipt> append_signed_event(evidence::EvidenceBook& book, const std::string& train,
                                              const std::string& envelope, std::int64_t expected_last) {
  auto receipts = book.append_if({train_subject(train), expected_last}, {envelope});
  if (!receipts)
    return fail(named_conflict(std::move(receipts).error(), evidence::KeyStore(keys_directory())));
  if (receipts->size() != 1) return fail(ErrorKind::internal, "one event was appended without one receipt");
  return receipts->front();
}

Result<evidence::Receipt> append_event(evidence::EvidenceBook& book, const NewEvent& event,
                                       std::int64_t expected_last) {
  SIGNALBOX_TRY(
      const evidence::SigningKey key,
      event.key ? evidence::unlock(evidence::KeyStore(keys_directory()), *event.key) : book.signing_key());
  SIGNALBOX_TRY(const std::string envelope, sign_event(event, key, expected_last));
  return append_signed_event(book, event.train, envelope, expected_last);
}

}  // namespace signalbox::train
