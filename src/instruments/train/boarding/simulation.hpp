// The bump simulator: what a train would be without some of its passengers. Pure but for the reverts that it
// asks to be tried.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "instruments/train/boarding/change.hpp"
#include "instruments/train/boarding/revert_trial.hpp"
#include "instruments/train/boarding/train.hpp"
#include "instruments/train/plan_reader.hpp"

namespace signalbox::train {

// What departs, as it would be without these commits.
Plan plan_without(const Plan& plan, const std::set<std::string>& commits);

// Mean readiness of the passengers on the train, `without` left out; 0 where there is none.
double train_score(const Train& train, const std::set<std::string>& without);

// What the history says of a passenger: its change, and who came after it.
struct Rider {
  std::string id;
  std::vector<std::string> commits;  // all that it brings
  std::vector<std::string> applied;  // what a revert takes back, the newest first
  std::set<std::string> paths;
};

// Riders and unboarded changes in the order of the line, the newest first.
std::vector<Rider> riders_of(const std::vector<Change>& changes);
// Ids of later changes that touch the same files, the newest first.
std::vector<std::string> dependents_of(const std::vector<Rider>& riders, const std::string& id);

using TryRevert = std::function<Result<RevertOutcome>(const std::vector<std::string>& commits)>;

// The largest set of passengers that can leave where those of `failing` cannot: what has to stay behind is
// what makes the reverts of `failing` clean, and as few as possible.
struct SafeSubset {
  std::vector<std::string> stays;  // to be dropped, `failing` first
  std::vector<std::string> leaves;
  std::string stuck_at;  // a commit whose revert conflicts with what no passenger brings; empty: none
  std::vector<std::string> paths;  // where
  bool is_smallest = true;         // false: the search was cut short, fewer may do
  int trials = 0;
};
inline constexpr int kMaxTrials = 100;

// `passengers`: ids that may be dropped.
Result<SafeSubset> largest_safe_subset(const std::vector<Rider>& riders,
                                       const std::set<std::string>& passengers,
                                       const std::vector<std::string>& failing, const TryRevert& try_revert);

}  // namespace signalbox::train
