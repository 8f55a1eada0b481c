#include "instruments/profile/formats/perf_data_spaces.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace signalbox::profile {

void PerfDataSpaces::map(std::int32_t pid, std::uint64_t start, std::uint64_t length,
                         std::uint64_t file_offset, const PerfDataFileName& file) {
  if (length == 0 || start + length < start) return;
  const auto [number, is_new] =
      numbers_.try_emplace({file.path, file.build_id}, static_cast<std::uint32_t>(files_.size()));
  if (is_new) files_.push_back(file);
  Space& space = spaces_[pid];
  const std::uint64_t limit = start + length;
  // What lies below the new one is cut off, what reaches beyond it goes on behind it.
  auto at = space.lower_bound(start);
  if (at != space.begin() && std::prev(at)->second.limit > start) --at;
  while (at != space.end() && at->first < limit) {
    const auto [old_start, old] = *at;
    at = space.erase(at);
    if (old_start < start) space[old_start] = {start, old.file_offset, old.file};
    if (old.limit > limit) {
      space[limit] = {old.limit, old.file_offset + (limit - old_start), old.file};
      break;
    }
  }
  space[start] = {limit, file_offset, number->second};
}

void PerfDataSpaces::fork(std::int32_t parent, std::int32_t child) {
  if (parent == child) return;
  const auto found = spaces_.find(parent);
  if (found == spaces_.end()) return;
  Space copy = found->second;
  spaces_[child] = std::move(copy);
}

bool PerfDataSpaces::find(std::int32_t pid, std::uint64_t address, Found& out) const {
  const auto space = spaces_.find(pid);
  if (space == spaces_.end()) return false;
  auto after = space->second.upper_bound(address);
  if (after == space->second.begin()) return false;
  const auto& [start, region] = *std::prev(after);
  if (address >= region.limit) return false;
  out = {region.file, region.file_offset + (address - start)};
  return true;
}

}  // namespace signalbox::profile
