#include "instruments/profile/capture/target_time.hpp"

#include <algorithm>

namespace signalbox::profile {

using std::chrono::nanoseconds;

TargetTime::TargetTime(std::vector<std::int32_t> pids, Look look)
    : pids_(std::move(pids)), look_(std::move(look)) {}

// Whether the time of one that ended is in what its parent, or a parent of that, says of its ended children.
bool TargetTime::is_in_another(std::int32_t pid) const {
  auto child = seen_.find(pid);
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const auto parent = seen_.find(child->second.last.parent);
    if (parent == seen_.end()) return false;
    const nanoseconds came = parent->second.last.of_ended_children - parent->second.first.of_ended_children;
    if (came >= child->second.time()) return true;
    if (parent->second.is_there) return false;
    child = parent;  // it ended, too, before it was seen to have waited
  }
  return false;
}

nanoseconds TargetTime::so_far() {
  for (const std::int32_t pid : pids_) {
    const auto times = look_(pid);
    const auto known = seen_.find(pid);
    if (!times && known != seen_.end()) known->second.is_there = false;
    if (!times) continue;
    if (known == seen_.end())
      seen_.emplace(pid, Seen{*times, *times, true});
    else
      known->second = Seen{known->second.first, *times, true};
  }
  nanoseconds sum{};
  for (const auto& [pid, seen] : seen_) {
    if (seen.is_there || !is_in_another(pid)) sum += seen.time();
  }
  // A parent may be looked at after it waited for a child that was looked at before.
  most_ = std::max(most_, sum);
  return most_;
}

}  // namespace signalbox::profile
