// Statements as the log has them: read, their signers judged, their place in the log proven.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/evidence/all_entries.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/trust.hpp"

namespace signalbox::gates {

// The log as its newest checkpoint has it. The checkpoint is checked once, an entry's place when it is asked
// about. Ledger and trust outlive it.
class CheckedLog {
 public:
  CheckedLog(const evidence::Ledger& ledger, const evidence::Trust& trust);
  // What is wrong with the log around this entry; empty where its checkpoint covers it.
  std::string fault_in(const evidence::Entry& entry) const;

 private:
  const evidence::Ledger& ledger_;
  std::string fault_;  // of the checkpoint
  evidence::Checkpoint checkpoint_;
};

// A statement of the log.
struct Testimony {
  evidence::Entry entry;
  evidence::Statement statement;
  std::vector<evidence::Signer> signers;  // judged at the time at which it entered the log
  std::string envelope_digest;            // sha256 hex
  std::string payload_digest;  // of what was signed: an envelope that is appended again has the same
};

std::vector<evidence::Signer> signers_of(const evidence::Envelope& envelope, const evidence::Trust& trust,
                                         Time at, const evidence::Statement& statement);

// Why the word of a key that was good when it signed does not count now (revoked since, expired); empty where
// it still does.
std::string fallen_since(const Testimony& testimony, const evidence::PublicKey& key,
                         const evidence::Trust& trust, Time now);

struct TestimonyQuery {
  std::string type;
  std::optional<evidence::Subject> subject;        // absent: about anything
  std::uint64_t most = evidence::kMaxEntriesRead;  // more of them are not judged
};
// An entry of the type that was asked for, without its envelope.
struct ErasedEntry {
  std::uint64_t index = 0;
  Time time;
  std::vector<std::string> key_ids;  // as its record has them: hints of who signed it
};

struct Testimonies {
  std::vector<Testimony> found;  // newest first; what cannot be read is left out
  std::vector<std::string>
      faults;  // entries that the log does not hold: whoever decides must not pass over them
  std::vector<ErasedEntry> erased;  // what these said is not known: a refusal may be among them
  // Not empty: there are more entries than are read, and the same holds of those that were not.
  std::string unread;

  // Why nobody may go by what was found: faults, what was erased, what was not read.
  std::vector<std::string> doubts(std::string_view what_was_said) const;
};
Result<Testimonies> testimonies(const evidence::Ledger& ledger, const evidence::Trust& trust,
                                const TestimonyQuery& query);

}  // namespace signalbox::gates
