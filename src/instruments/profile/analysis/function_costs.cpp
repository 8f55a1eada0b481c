#include "instruments/profile/analysis/function_costs.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "instruments/profile/model/marks.hpp"
#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {
namespace {

constexpr std::uint32_t kNoGroup = kFolded;

void add_to(std::int64_t& sum, std::int64_t value) {
  sum = saturating_sum(sum, value);
}

bool is_counted(std::uint32_t group) {
  return group != kNoGroup && group != kCut;
}

bool is_woken_by(const Profile& profile, FrameId id) {
  const Frame& frame = profile.frames[id];
  return frame.kind == FrameKind::synthetic &&
         profile.text(profile.functions[frame.function].name) == kWokenBy;
}

// Each stack's group and whether it is the group's outermost on its path.
struct StackGroups {
  std::vector<std::uint32_t> group;  // by StackId
  std::vector<char> is_outermost;
};

// Who ended a wait did not wait: the waker's frames are counted for what they stand above.
std::vector<std::uint32_t> groups_of_stacks(const Profile& profile, std::span<const std::uint32_t> groups) {
  std::vector<std::uint32_t> out(profile.stacks.size(), kNoGroup);
  std::vector<char> is_of_waker(profile.stacks.size(), 0);
  for (StackId id = 1; id < profile.stacks.size(); ++id) {
    const Stack& stack = profile.stacks[id];
    const std::uint32_t own = groups[stack.frame];
    const std::uint32_t of_parent = out[stack.parent];
    is_of_waker[id] = is_of_waker[stack.parent] != 0 || is_woken_by(profile, stack.frame);
    out[id] = own == kFolded || of_parent == kCut || is_of_waker[id] != 0 ? of_parent : own;
  }
  return out;
}

// Children of each stack as lists: a stack's first child and each child's next sibling; 0 ends a list.
struct Children {
  std::vector<StackId> first;
  std::vector<StackId> next;
};

Children children_of(const Profile& profile) {
  Children out;
  out.first.assign(profile.stacks.size(), 0);
  out.next.assign(profile.stacks.size(), 0);
  for (std::size_t i = profile.stacks.size(); i-- > 1;) {
    const StackId parent = profile.stacks[i].parent;
    out.next[i] = out.first[parent];
    out.first[parent] = static_cast<StackId>(i);
  }
  return out;
}

// Walks the tree depth first with a count of each group on the path: the first of a group is its outermost.
StackGroups stack_groups(const Profile& profile, std::span<const std::uint32_t> groups,
                         std::size_t group_count) {
  StackGroups out;
  out.group = groups_of_stacks(profile, groups);
  out.is_outermost.assign(profile.stacks.size(), 0);
  const Children children = children_of(profile);
  std::vector<std::uint32_t> on_path(group_count, 0);
  std::vector<StackId> path;
  StackId next = children.first[0];
  while (next != 0 || !path.empty()) {
    if (next == 0) {
      const StackId done = path.back();
      path.pop_back();
      if (is_counted(out.group[done])) --on_path[out.group[done]];
      next = children.next[done];
      continue;
    }
    const std::uint32_t group = out.group[next];
    if (is_counted(group)) out.is_outermost[next] = on_path[group]++ == 0;
    path.push_back(next);
    next = children.first[next];
  }
  return out;
}

// Column of how many observations a row stands for: the nearest of unit "count" at or before `value`, else
// after.
std::optional<std::size_t> count_column(const Profile& profile, std::size_t value) {
  for (std::size_t i = value + 1; i-- > 0;) {
    if (profile.value_types[i].unit == "count") return i;
  }
  for (std::size_t i = value + 1; i < profile.value_types.size(); ++i) {
    if (profile.value_types[i].unit == "count") return i;
  }
  return std::nullopt;
}

// Kish's effective number: rows weigh as they say, and a row of several observations splits evenly.
class Observations {
 public:
  Observations(const Profile& profile, std::size_t value)
      : profile_(profile), value_(value), counts_(count_column(profile, value)) {}

  void add(std::size_t sample) {
    const auto row = profile_.values_of(sample);
    const double weight = static_cast<double>(row[value_]);
    if (weight <= 0) return;
    const double observed = counts_ ? std::max(1.0, static_cast<double>(row[*counts_])) : 1;
    sum_ += weight;
    squares_ += weight * weight / observed;
  }
  double effective() const { return squares_ > 0 ? sum_ * sum_ / squares_ : 0; }

 private:
  const Profile& profile_;
  std::size_t value_;
  std::optional<std::size_t> counts_;
  double sum_ = 0;
  double squares_ = 0;
};

// Samples that have a time, in the order of their blocks.
struct Timeline {
  std::vector<std::uint32_t> samples;  // ordered by time
  std::vector<std::uint32_t> block;    // of each of `samples`
  std::vector<double> mass;            // of each block
  double observations = 0;
};

std::optional<Timeline> timeline_of(const Profile& profile, std::size_t value, const StackGroups& stacks) {
  Timeline out;
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    const Sample& sample = profile.samples[i];
    if (sample.time_ns >= 0 && profile.values_of(i)[value] > 0 && stacks.group[sample.stack] != kCut)
      out.samples.push_back(static_cast<std::uint32_t>(i));
  }
  if (out.samples.size() < 2 * kBlocksMin) return std::nullopt;
  const auto time_of = [&](std::uint32_t sample) { return profile.samples[sample].time_ns; };
  std::sort(out.samples.begin(), out.samples.end(),
            [&](std::uint32_t a, std::uint32_t b) { return time_of(a) < time_of(b); });
  const std::int64_t begin = time_of(out.samples.front());
  const double span = static_cast<double>(time_of(out.samples.back()) - begin);
  if (span <= 0) return std::nullopt;
  const auto root = static_cast<std::size_t>(std::sqrt(static_cast<double>(out.samples.size())));
  const std::size_t blocks = std::clamp(root, kBlocksMin, kBlocksMax);
  out.mass.assign(blocks, 0);
  Observations observations(profile, value);
  for (const std::uint32_t sample : out.samples) {
    const double part = static_cast<double>(time_of(sample) - begin) / span;
    const auto block = std::min(blocks - 1, static_cast<std::size_t>(part * static_cast<double>(blocks)));
    out.block.push_back(static_cast<std::uint32_t>(block));
    out.mass[block] += static_cast<double>(profile.values_of(sample)[value]);
    observations.add(sample);
  }
  out.observations = observations.effective();
  return out;
}

// Sums over blocks of one group's mass x and of the blocks' own m, while blocks come in order.
class BlockSums {
 public:
  void add(std::uint32_t block, double weight, std::span<const double> mass) {
    if (block != block_) close(mass);
    block_ = block;
    current_ += weight;
    sum_ += weight;
  }

  // The variance of the ratio Σx/Σm as blocks show it, in parts of p(1-p)/n.
  double design_effect(std::span<const double> mass, double n) {
    close(mass);
    double total = 0;
    double squared_mass = 0;
    for (const double m : mass) {
      total += m;
      squared_mass += m * m;
    }
    const double p = sum_ / total;
    if (p <= 0 || p >= 1) return 1;
    const double blocks = static_cast<double>(mass.size());
    const double spread = squares_ - 2 * p * products_ + p * p * squared_mass;
    const double variance = blocks / (blocks - 1) * spread / (total * total);
    return std::max(1.0, variance * n / (p * (1 - p)));
  }

 private:
  void close(std::span<const double> mass) {
    squares_ += current_ * current_;
    products_ += current_ * mass[block_];
    current_ = 0;
  }

  std::uint32_t block_ = 0;
  double current_ = 0;
  double sum_ = 0;
  double squares_ = 0;
  double products_ = 0;  // Σ x·m
};

// The group that a sample's own cost is counted for.
std::uint32_t group_of_leaf(const StackGroups& stacks, StackId stack) {
  const std::uint32_t group = stacks.group[stack];
  return group == kNoGroup ? 0 : group;
}

void add_design_effects(const Profile& profile, std::size_t value, const StackGroups& stacks,
                        const Timeline& timeline, Costs& costs) {
  std::vector<BlockSums> self(costs.groups.size());
  std::vector<BlockSums> cumulative(costs.groups.size());
  for (std::size_t i = 0; i < timeline.samples.size(); ++i) {
    const std::uint32_t sample = timeline.samples[i];
    const std::uint32_t block = timeline.block[i];
    const double weight = static_cast<double>(profile.values_of(sample)[value]);
    const StackId leaf = profile.samples[sample].stack;
    self[group_of_leaf(stacks, leaf)].add(block, weight, timeline.mass);
    if (stacks.group[leaf] == kNoGroup) cumulative[0].add(block, weight, timeline.mass);
    for (StackId at = leaf; at != 0; at = profile.stacks[at].parent) {
      if (stacks.is_outermost[at]) cumulative[stacks.group[at]].add(block, weight, timeline.mass);
    }
  }
  for (std::size_t group = 0; group < costs.groups.size(); ++group) {
    GroupCost& cost = costs.groups[group];
    cost.self.design_effect = self[group].design_effect(timeline.mass, timeline.observations);
    cost.cumulative.design_effect = cumulative[group].design_effect(timeline.mass, timeline.observations);
  }
}

}  // namespace

Costs measure_costs(const Profile& profile, std::size_t value, std::span<const std::uint32_t> groups,
                    std::size_t group_count) {
  const StackGroups stacks = stack_groups(profile, groups, group_count);
  Costs out;
  out.groups.resize(group_count);
  Observations observations(profile, value);
  std::vector<std::int64_t> mass(profile.stacks.size(), 0);
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    const std::int64_t own = profile.values_of(i)[value];
    const StackId stack = profile.samples[i].stack;
    if (stacks.group[stack] == kCut) continue;
    add_to(mass[stack], own);
    add_to(out.total, own);
    observations.add(i);
    add_to(out.groups[group_of_leaf(stacks, stack)].self.value, own);
    if (stacks.group[stack] == kNoGroup) add_to(out.groups[0].cumulative.value, own);
  }
  for (std::size_t i = profile.stacks.size(); i-- > 1;) {
    if (stacks.is_outermost[i]) add_to(out.groups[stacks.group[i]].cumulative.value, mass[i]);
    add_to(mass[profile.stacks[i].parent], mass[i]);
  }
  out.observations = observations.effective();
  if (const auto timeline = timeline_of(profile, value, stacks)) {
    out.blocks = timeline->mass.size();
    add_design_effects(profile, value, stacks, *timeline, out);
  }
  return out;
}

ShareEstimate estimate_share(const Costs& costs, const Cost& cost) {
  ShareEstimate out;
  if (costs.total <= 0 || costs.observations <= 0) {
    out.interval = {0, 1};
    return out;
  }
  out.share = std::clamp(static_cast<double>(cost.value) / static_cast<double>(costs.total), 0.0, 1.0);
  out.effective_n = std::max(1.0, costs.observations / cost.design_effect);
  out.interval = stats::wilson(out.share * out.effective_n, out.effective_n, kConfidence);
  return out;
}

Json share_json(const ShareEstimate& estimate) {
  return Json::object({{"share", estimate.share},
                       {"ci", Json(Json::Array{estimate.interval.lower, estimate.interval.upper})},
                       {"effective_n", estimate.effective_n}});
}

double times_longer_to_halve(const ShareEstimate& estimate) {
  const auto width = [&](double times) {
    const double n = times * estimate.effective_n;
    const stats::Interval interval = stats::wilson(estimate.share * n, n, kConfidence);
    return interval.upper - interval.lower;
  };
  if (estimate.effective_n <= 0) return 1;
  const double wanted = width(1) / 2;
  double low = 1;
  double high = 64;  // far above: by the law of the square root it is 4
  for (int step = 0; step < 40; ++step) {
    const double middle = low + (high - low) / 2;
    (width(middle) > wanted ? low : high) = middle;
  }
  return high;
}

}  // namespace signalbox::profile
