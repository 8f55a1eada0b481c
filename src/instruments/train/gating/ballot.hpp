// What a person says about a candidate: predicate train/approval/v1. Pure, but for `read_votes`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/evidence/ledger.hpp"
#include "core/evidence/trust.hpp"
#include "core/gates/gate.hpp"

namespace signalbox::train {

inline constexpr std::size_t kMaxReasonBytes = 2000;

// What words are about: exactly one commit, and one manifest once the scope is locked.
struct Candidate {
  std::string commit;                   // 40 or 64 hexadecimal digits
  std::optional<std::string> manifest;  // sha256 of the locked manifest, hexadecimal
  std::optional<std::string> train;

  evidence::Subject commit_subject(const std::string& name) const { return {name, {{"gitCommit", commit}}}; }
};

struct Ballot {
  gates::Vote::Word word = gates::Vote::Word::approve;
  Candidate candidate;
  std::string gate;       // the one gate it is for; empty: all that its signer may speak on
  std::string role;       // the one role it is given in; empty: any
  std::string condition;  // of a veto: the gate that fails
  std::string reason;     // in words; of a veto never empty
  std::string id;         // random: no two ballots are the same octets
};

std::string_view name_of(gates::Vote::Word word);  // "approve", "veto", "withdraw"
Json to_predicate(const Ballot& ballot);
// bad_input, naming the member, where the predicate is none.
Result<Ballot> parse_ballot(const Json& predicate);

struct Heard {
  std::vector<gates::Vote> votes;
  std::vector<std::string> faults;  // entries that the log does not hold
};
// Everybody's words about the candidate, each once however often its envelope was appended. A word for
// another manifest, and one whose key is no longer valid, comes with its objection.
Result<Heard> read_votes(const evidence::Ledger& ledger, const evidence::Trust& trust,
                         const Candidate& candidate, Time now);

}  // namespace signalbox::train
