// Reading what a query names to its end, page by page: neither how many entries there are nor how old one is
// decides whether it is seen.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/evidence/ledger.hpp"

namespace signalbox::evidence {

inline constexpr std::uint64_t kMaxEntriesRead = 100'000;  // for one question

enum class Reading { goes_on, is_done };
enum class Extent {
  whole,  // all that the query names, or as much of it as was wanted
  cut,    // there are more than may be read: whoever decides must not go by those that were
};

// Hands over each entry that the query names, in its order, until `take` is done; at most so many. The
// query's own limit is not looked at. Entries are as the store has them: `fault_in` judges them.
Result<Extent> read_entries(const Ledger& ledger, Query query, std::uint64_t most,
                            const std::function<Result<Reading>(Entry&)>& take);

// "the log has more than 100000 entries of …: not all of them were read"
std::string too_many_text(const Query& query, std::uint64_t most);

// All of them; unavailable where they are more than `most`.
Result<std::vector<Entry>> all_entries(const Ledger& ledger, Query query,
                                       std::uint64_t most = kMaxEntriesRead);

}  // namespace signalbox::evidence
