// Evidence that answers a checklist: signed by a trusted key, and about a commit that holds the change.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/trust.hpp"
#include "instruments/train/boarding/checklist.hpp"

namespace signalbox::train {

struct FoundEvidence {
  std::uint64_t index = 0;
  std::string type;      // predicate type, whole
  std::string envelope;  // sha256 hex of its octets
  Json predicate;
  std::set<std::string> commits;  // ids of subjects that are commits
};

class EvidenceFinder {
 public:
  // `ledger`: nullptr where nothing was ever recorded. Both must outlive it.
  EvidenceFinder(const evidence::Ledger* ledger, const evidence::Trust& trust)
      : ledger_(ledger), trust_(trust) {}

  // The entry, where a trusted key signed it; not_found or denied, saying why, elsewhere.
  Result<FoundEvidence> at(std::uint64_t index) const;
  // The newest of a type ("evidence/tests/v1") about one of these commits that a trusted key signed, however
  // many entries came after it. unavailable where more are about them than may be read; conflict where the
  // store was changed from outside.
  Result<std::optional<FoundEvidence>> newest(std::string_view type,
                                              const std::set<std::string>& commits) const;

 private:
  Result<FoundEvidence> judged(const evidence::Entry& entry) const;

  const evidence::Ledger* ledger_;
  const evidence::Trust& trust_;
};

// Why evidence does not prove what it is about; empty where it does. Tests must have run and passed, scans
// must have found no error, anything else must say `result`: pass. Events of trains prove nothing.
std::string failing(const FoundEvidence& evidence);
// Why it does not prove this item: it is of another type than the item asks for, or failing.
std::string objection_to(const FoundEvidence& evidence, CheckItem item);
// What it says in a few words: "1,204 tests, none failed".
std::string words_of(const FoundEvidence& evidence);

}  // namespace signalbox::train
