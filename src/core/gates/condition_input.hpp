// What a condition sees of a statement, as docs/conditions.md tells: the same for gates, for commands and in
// the console's lab.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/evidence/statement.hpp"
#include "core/evidence/trust.hpp"

namespace signalbox::gates {

// What a log says of one of its entries.
struct Vouched {
  std::uint64_t index = 0;
  Time logged;
  std::uint64_t log_size = 0;
  std::uint64_t witnesses = 0;  // distinct trusted ones under its checkpoint
};

// How far the log's time may be ahead of ours before the age of evidence means nothing.
inline constexpr Duration kClockTolerance = std::chrono::minutes(5);
// `.age_s` of conditions: whole seconds since an entry entered the log; null where the log's time is too far
// ahead.
Json age_in_seconds(Time logged, Time now);

// Those of the signers whose word counts.
std::vector<evidence::Signer> counting(const std::vector<evidence::Signer>& signers);

// The input of a condition. `signers` are those whose word counts; of each, `.role` is `asked_role`, else its
// first. Without a log, .index, .age_s and .log are null. `.train` is empty: whoever judges a train sets it.
Json condition_input(const evidence::Statement& statement, const std::vector<evidence::Signer>& signers,
                     const std::optional<Vouched>& vouched, Time now,
                     const std::optional<std::string>& asked_role = {});

}  // namespace signalbox::gates
