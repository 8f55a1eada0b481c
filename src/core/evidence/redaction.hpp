// Erasing what an entry says, while that it was said stays proven: its envelope and salt go, its record
// stays.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/statement.hpp"
#include "core/store/database.hpp"

namespace signalbox::evidence {

inline constexpr std::string_view kErasureType = "https://signalbox.dev/evidence/erasure/v1";

// Who wanted it, who agreed, and why. Two people: bad_input where requester and approver are one.
struct ErasureOrder {
  std::string reason;
  std::string requester;
  std::string approver;     // the name of the key that signs
  std::string legal_basis;  // may be empty
};

// `evidence/erasure/v1` about the commitment in the entry's record. conflict where it was erased already, or
// is itself such a statement; bad_input where a part of the order is missing.
Result<Statement> erasure_statement(const Entry& entry, const ErasureOrder& order);

// Appends the signed statement and erases the entry's envelope and salt, in one commit.
Result<Receipt> erase(Ledger& ledger, std::uint64_t index, const std::string& envelope_of_statement);

// Takes what was erased out of the store's own leftovers: free pages and, of SQLite, the journal. False:
// other programs still read the store as it was, and hold it there; to be done again later. On PostgreSQL the
// table of envelopes is written anew, which locks it meanwhile.
Result<bool> scrub(store::Database& database);

// What the log says of an entry's erasure.
struct Erased {
  ErasureOrder order;
  std::uint64_t statement = 0;  // index of the entry that says so
  Time time;
};
// Nothing where no statement about the commitment says so. Its signers are not judged here.
Result<std::optional<Erased>> erasure_of(const Ledger& ledger, const Entry& entry);
// The same from a statement about to be believed: nothing where it is about another entry, or no erasure.
std::optional<ErasureOrder> erasure_in(const Statement& statement, std::string_view record);

// "erased on … by … at the request of …: … (entry 7)"
std::string to_text(const Erased& erased);

}  // namespace signalbox::evidence
