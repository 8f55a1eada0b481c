// Who changed whom a workspace trusts, as its log tells: each trust file follows the one before it by the
// word of enough of that one's root keys, `evidence/trust-change/v1`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/statement.hpp"
#include "core/evidence/trust.hpp"
#include "core/report/report.hpp"

namespace signalbox::evidence {

inline constexpr std::string_view kTrustChangeType = "https://signalbox.dev/evidence/trust-change/v1";

// That `after` follows `before`; null: it is the first. bad_input where `after` does not say how many of its
// root keys its changes take, or where nothing changes.
Result<Statement> trust_change_statement(const Trust* before, const Trust& after);

// The trust file that is in force by the word of root keys.
struct TrustInForce {
  std::string digest;       // as Trust has it; empty where nobody ever said
  std::uint64_t entry = 0;  // that completed the number of root keys
  Time time;
  std::vector<std::string> by;           // names of these keys
  std::vector<std::string> passed_over;  // what was said and did not count, a line each
};
// From the log's first word on: the root keys of the first file say so themselves, those of each later one
// are the file's before it. Several of them may say the same in entries of their own. What follows another
// file than the one in force does not count.
Result<TrustInForce> trust_in_force(const Ledger& ledger);

// The row that says whether `trust` is that file; absent where neither it nor the log asks for the word of
// root keys. Where the log does, no trust file at all is another one than that.
std::optional<Check> judge_trust(const Trust& trust, const TrustInForce& said);

}  // namespace signalbox::evidence
