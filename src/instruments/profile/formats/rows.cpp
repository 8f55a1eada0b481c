#include "instruments/profile/formats/rows.hpp"

#include <algorithm>
#include <unordered_map>

#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {
namespace {

std::uint64_t pair_of(std::uint32_t a, std::uint32_t b) {
  return (std::uint64_t{a} << 32) | b;
}

}  // namespace

Rows merged_rows(const Profile& profile) {
  Rows rows{{}, {}, profile.value_types.size()};
  std::unordered_map<std::uint64_t, std::uint32_t> owners;  // by thread and labels
  std::unordered_map<std::uint64_t, std::uint32_t> places;  // by stack and owner
  places.reserve(profile.samples.size());
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    const Sample& sample = profile.samples[i];
    const auto values = profile.values_of(i);
    const std::uint32_t owner =
        owners.try_emplace(pair_of(sample.thread, sample.labels), static_cast<std::uint32_t>(owners.size()))
            .first->second;
    const auto [place, is_new] =
        places.try_emplace(pair_of(sample.stack, owner), static_cast<std::uint32_t>(rows.samples.size()));
    if (is_new) {
      rows.samples.push_back({sample.stack, sample.thread, sample.labels, -1});
      rows.values.insert(rows.values.end(), values.begin(), values.end());
      continue;
    }
    std::int64_t* const sums = rows.values.data() + place->second * rows.columns;
    for (std::size_t c = 0; c < rows.columns; ++c) sums[c] = saturating_sum(sums[c], values[c]);
  }
  return rows;
}

Rows kept_rows(const Profile& profile) {
  return {profile.samples, profile.values, profile.value_types.size()};
}

void frames_of(const Profile& profile, StackId stack, std::vector<FrameId>& out) {
  out.clear();
  for (; stack != 0; stack = profile.stacks[stack].parent) out.push_back(profile.stacks[stack].frame);
  std::reverse(out.begin(), out.end());
}

}  // namespace signalbox::profile
