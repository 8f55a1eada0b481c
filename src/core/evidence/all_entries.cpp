#include "core/evidence/all_entries.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace signalbox::evidence {
namespace {

// Most often one of the first answers; who reads on wants many.
constexpr std::size_t kFirstPage = 8;
constexpr std::size_t kLargestPage = 512;
constexpr std::size_t kGrowth = 8;

}  // namespace

Result<Extent> read_entries(const Ledger& ledger, Query query, std::uint64_t most,
                            const std::function<Result<Reading>(Entry&)>& take) {
  query.limit = kFirstPage;
  std::uint64_t handed_over = 0;
  for (;;) {
    SIGNALBOX_TRY(std::vector<Entry> page, ledger.query(query));
    for (Entry& entry : page) {
      if (handed_over++ == most) return Extent::cut;
      if (query.newest_first) {
        query.before = entry.index;
      } else {
        query.from = entry.index + 1;
      }
      SIGNALBOX_TRY(const Reading reading, take(entry));
      if (reading == Reading::is_done) return Extent::whole;
    }
    if (page.size() < query.limit) return Extent::whole;
    query.limit = std::min(query.limit * kGrowth, kLargestPage);
  }
}

std::string too_many_text(const Query& query, std::uint64_t most) {
  std::string of;
  if (query.type) of = " of " + *query.type;
  if (query.subject && !query.subject->digest.empty()) {
    const auto& [algorithm, hex] = *query.subject->digest.begin();
    of += " about " + algorithm + ":" + hex;
  }
  return fmt::format("the log has more than {} entries{}: not all of them were read", most, of);
}

Result<std::vector<Entry>> all_entries(const Ledger& ledger, Query query, std::uint64_t most) {
  std::vector<Entry> out;
  SIGNALBOX_TRY(const Extent extent, read_entries(ledger, query, most, [&](Entry& entry) -> Result<Reading> {
                  out.push_back(std::move(entry));
                  return Reading::goes_on;
                }));
  if (extent == Extent::cut)
    return fail(ErrorKind::unavailable, too_many_text(query, most), "signalbox evidence query shows them");
  return out;
}

}  // namespace signalbox::evidence
