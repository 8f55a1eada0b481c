// What each function costs, by itself and with all that it called, and how many observations that rests on.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/json.hpp"
#include "core/stats/intervals.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// For each frame of a profile (by FrameId) the number of the group it is counted in: its function, its line.
// kFolded: counted for its caller, as if it were not there. kCut: a sample that has it counts nowhere.
using FrameGroups = std::vector<std::uint32_t>;
inline constexpr std::uint32_t kFolded = UINT32_MAX;
inline constexpr std::uint32_t kCut = UINT32_MAX - 1;

inline constexpr double kConfidence = 0.95;  // of every interval here
inline constexpr std::size_t kBlocksMin = 20;
inline constexpr std::size_t kBlocksMax = 100;

// One kind of cost of one group in one column.
struct Cost {
  std::int64_t value = 0;
  // By how much the variance of its share is larger than that of as many independent samples: batch means
  // over blocks of time. At least 1; 1 where the samples have no times.
  double design_effect = 1;
};

struct GroupCost {
  Cost self;        // samples that end in the group
  Cost cumulative;  // samples that have it anywhere: a stack counts once, however often it recurs
};

struct Costs {
  std::int64_t total = 0;   // of the column, all samples that are not cut: what is lost and truncated too
  double observations = 0;  // independent ones that would weigh as much (Kish 1965): (Σw)²/Σw²
  std::size_t blocks = 0;   // of time; 0: the samples have none, or are too few
  std::vector<GroupCost> groups;
};

// What ended a wait, above "[woken by]", is counted for what waited. `group_count` is above every number in
// `groups`. `value` is a column of the profile.
Costs measure_costs(const Profile& profile, std::size_t value, std::span<const std::uint32_t> groups,
                    std::size_t group_count);

// A share with its 95 % interval (Wilson) at the effective number of observations.
struct ShareEstimate {
  double share = 0;
  stats::Interval interval;  // 0 to 1 where nothing was observed
  double effective_n = 0;
};
ShareEstimate estimate_share(const Costs& costs, const Cost& cost);
Json share_json(const ShareEstimate& estimate);  // as reports and the API tell it

// How many times longer to sample until the interval is half as wide.
double times_longer_to_halve(const ShareEstimate& estimate);

}  // namespace signalbox::profile
