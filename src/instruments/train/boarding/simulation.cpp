#include "instruments/train/boarding/simulation.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include "instruments/train/boarding/readiness.hpp"

namespace signalbox::train {
namespace {

bool touches_any(const Rider& rider, const std::vector<std::string>& paths) {
  return std::any_of(paths.begin(), paths.end(),
                     [&](const std::string& path) { return rider.paths.count(path) > 0; });
}

// What is reverted where these stay behind: in the order of the line, the newest first.
std::vector<std::string> reverts_of(const std::vector<Rider>& riders, const std::set<std::string>& stays) {
  std::vector<std::string> out;
  for (const Rider& rider : riders) {
    if (stays.count(rider.id) > 0) out.insert(out.end(), rider.applied.begin(), rider.applied.end());
  }
  return out;
}

// Passengers that came after the commit and touch one of the paths: a conflict there goes only with one of
// them.
std::vector<std::string> suspects_of(const std::vector<Rider>& riders,
                                     const std::set<std::string>& passengers,
                                     const std::set<std::string>& stays, const RevertOutcome& conflict) {
  std::vector<std::string> out;
  for (const Rider& rider : riders) {
    const bool is_it =
        std::find(rider.applied.begin(), rider.applied.end(), conflict.conflict_at) != rider.applied.end();
    if (is_it) return out;
    if (passengers.count(rider.id) > 0 && stays.count(rider.id) == 0 && touches_any(rider, conflict.paths))
      out.push_back(rider.id);
  }
  return out;
}

}  // namespace

Plan plan_without(const Plan& plan, const std::set<std::string>& commits) {
  Plan out = plan;
  std::erase_if(out.history.commits, [&](const git::Commit& commit) { return commits.count(commit.id) > 0; });
  out.history.total = plan.history.total - (plan.history.commits.size() - out.history.commits.size());
  out.manifest = make_manifest(out.history.commits, out.history.total, plan.settings, plan.scope);
  out.next = next_version(out.manifest, out.history, plan.settings, {});
  return out;
}

double train_score(const Train& train, const std::set<std::string>& without) {
  double sum = 0;
  double count = 0;
  for (const Seat& seat : train.seats) {
    if (!is_on_train(seat.state) || without.count(seat.record.id) > 0) continue;
    sum += readiness_score(readiness_of(seat));
    count += 1;
  }
  return count == 0 ? 0 : sum / count;
}

std::vector<Rider> riders_of(const std::vector<Change>& changes) {
  std::vector<Rider> out;
  for (const Change& change : changes) {
    Rider rider{change.id, change.commits, change.applied, {}};
    for (const FileChange& file : change.facts.files) rider.paths.insert(file.path);
    out.push_back(std::move(rider));
  }
  return out;
}

std::vector<std::string> dependents_of(const std::vector<Rider>& riders, const std::string& id) {
  const auto own =
      std::find_if(riders.begin(), riders.end(), [&](const Rider& rider) { return rider.id == id; });
  std::vector<std::string> out;
  if (own == riders.end()) return out;
  const std::vector<std::string> paths(own->paths.begin(), own->paths.end());
  for (auto rider = riders.begin(); rider != own; ++rider) {
    if (touches_any(*rider, paths)) out.push_back(rider->id);
  }
  return out;
}

// Breadth first over sets that grow by one suspect: the first that is clean is among the smallest.
Result<SafeSubset> largest_safe_subset(const std::vector<Rider>& riders,
                                       const std::set<std::string>& passengers,
                                       const std::vector<std::string>& failing, const TryRevert& try_revert) {
  SafeSubset out;
  std::deque<std::vector<std::string>> open = {failing};
  std::set<std::set<std::string>> seen;
  const auto settle = [&](const std::vector<std::string>& stays) {
    out.stays = stays;
    for (const std::string& id : passengers) {
      if (std::find(stays.begin(), stays.end(), id) == stays.end()) out.leaves.push_back(id);
    }
    return out;
  };
  while (!open.empty()) {
    const std::vector<std::string> stays = std::move(open.front());
    open.pop_front();
    const std::set<std::string> unordered(stays.begin(), stays.end());
    if (!seen.insert(unordered).second) continue;
    ++out.trials;
    SIGNALBOX_TRY(const RevertOutcome outcome, try_revert(reverts_of(riders, unordered)));
    if (outcome.is_clean()) {
      out.stuck_at.clear();
      out.paths.clear();
      return settle(stays);
    }
    const std::vector<std::string> suspects = suspects_of(riders, passengers, unordered, outcome);
    if (out.stuck_at.empty()) {
      out.stuck_at = outcome.conflict_at;
      out.paths = outcome.paths;
    }
    if (out.trials >= kMaxTrials) {
      out.is_smallest = false;
      std::vector<std::string> all = stays;
      all.insert(all.end(), suspects.begin(), suspects.end());
      if (!suspects.empty()) open.push_front(std::move(all));
      if (suspects.empty() || out.trials >= 2 * kMaxTrials) return settle(stays);
      continue;
    }
    for (const std::string& suspect : suspects) {
      std::vector<std::string> more = stays;
      more.push_back(suspect);
      open.push_back(std::move(more));
    }
  }
  return settle(failing);
}

}  // namespace signalbox::train
