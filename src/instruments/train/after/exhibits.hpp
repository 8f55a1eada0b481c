// What a bundle shows of a train, opened: its entries with what they say and who signed them. What of it does
// not hold is said, and nothing is believed for being in the file.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/evidence/bundle.hpp"
#include "core/evidence/trust.hpp"
#include "instruments/train/events/event.hpp"

namespace signalbox::train::after {

// Whom the auditor trusts, which no file can say.
struct AuditorTrust {
  evidence::Trust trust;
  std::vector<evidence::PublicKey> log_keys;  // that may sign checkpoints
};

struct Exhibit {
  evidence::Entry entry;
  Json record;                                   // that was hashed into the log
  std::optional<evidence::Statement> statement;  // absent: its envelope was erased, or is no statement
  std::vector<evidence::Signer> signers;         // judged at the time at which it entered the log

  const evidence::Signer* signer() const { return evidence::valid_signer(signers); }
  std::string envelope_digest() const;      // "sha256:…"; empty where it was erased
  bool is_of(std::string_view kind) const;  // train/<kind>/v1
  // Index of the entry about the train that came before this one, as the log's own record has it; -1: none
  // did; nothing where it does not tell.
  std::optional<std::int64_t> entry_before(const std::string& train) const;
};

struct Exhibits {
  std::string train;                         // empty where faults hide it
  std::string origin;                        // of the log
  std::uint64_t size = 0;                    // of the log that the checkpoint signs
  std::vector<std::string> log_faults;       // checkpoint, proofs, records, envelopes
  std::map<std::uint64_t, Exhibit> entries;  // by their index in the log
  std::vector<std::uint64_t> story;          // indexes of those about the train, ascending
  TrainEvents events;                        // those of them that count
  std::optional<evidence::BundlePolicy> policy;
  std::optional<evidence::Completeness> complete;  // where the bundle shows it

  const Exhibit* find(std::uint64_t index) const;
};

// Where the log has faults, there are no events: nothing is read from what it does not hold. bad_input where
// the bundle is about no train that left, or about several.
Result<Exhibits> open_exhibits(const evidence::Bundle& bundle, const AuditorTrust& auditor);

}  // namespace signalbox::train::after
