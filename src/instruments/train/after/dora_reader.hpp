// The releases of all trains, their troubles and their commits, read from the log and from git.
#pragma once

#include "core/evidence/ledger.hpp"
#include "core/evidence/trust.hpp"
#include "core/git/repository.hpp"
#include "instruments/train/after/dora.hpp"
#include "instruments/train/events/event.hpp"

namespace signalbox::train::after {

inline constexpr std::size_t kMaxLeadCommits = 100'000;  // of all releases together

// A release before its commits are read.
struct Shipment {
  Delivered release;
  std::string commit, baseline;
};
// Of one train: what its events tell, in the order of the log. Pure.
struct Shipments {
  std::vector<Shipment> releases;
  std::vector<Trouble> troubles;
};
Shipments shipments_of(const TrainEvents& events);

struct DoraQuery {
  Time since, until;
  std::optional<std::string> service;  // absent: all
};
// The window as people ask for it: RFC 3339, or how long before: `until` before now, `since` before `until`
// (by default 90d).
Result<DoraQuery> dora_query(const std::optional<std::string>& since, const std::optional<std::string>& until,
                             const std::optional<std::string>& service, Time now);

struct DoraSource {
  Deliveries deliveries;
  std::vector<Remark> remarks;  // releases whose commits are not known, and why
};
// A commit counts with the first release of the window that gave it all traffic; merges, which carry nothing
// themselves, do not. Of a first release, which has none before it, no commits are counted.
Result<DoraSource> read_dora(const evidence::Ledger& ledger, const evidence::Trust& trust,
                             const git::Repository& repository, const DoraQuery& query);

}  // namespace signalbox::train::after
