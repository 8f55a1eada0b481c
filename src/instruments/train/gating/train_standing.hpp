// What the log holds of the train that a candidate would leave with, and the rows of a decision about it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/evidence/ledger.hpp"
#include "core/report/report.hpp"
#include "instruments/train/boarding/train.hpp"
#include "instruments/train/policy.hpp"

namespace signalbox::train {

inline constexpr const char* kTrainCheck = "train";
inline constexpr const char* kManifestCheck = "manifest";

struct TrainStanding {
  std::string id;
  Phase phase = Phase::open;
  Time departs;
  std::string base;                  // the tag that a hotfix repairs; empty: the last release
  std::optional<Lock> lock;          // absent: its scope was never locked
  std::set<std::string> requesters;  // keys that scheduled it, moved it, or locked its scope
};

// not_found where nobody whom the policy trusts has made the train. `ledger`: nullptr where nothing was ever
// recorded.
Result<TrainStanding> read_standing(const evidence::Ledger* ledger, const Policy& policy,
                                    const std::string& train, Time now);

// Two rows that no exception covers: the train waits to depart, and the commit is the one that its signed
// manifest names.
std::vector<Check> checks_of(const TrainStanding& train, const std::string& commit);

}  // namespace signalbox::train
