// What a flame graph shows: the stacks of a profile merged by function, with what was measured on each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/stats/intervals.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

inline constexpr double kPruneShare = 0.0002;    // of the total: less is drawn together with its neighbours
inline constexpr std::size_t kDepthDrawn = 512;  // deeper frames are one frame that says so

enum class ThreadView {
  merged,  // where there are several processes, one level on top for them, by name
  split,   // a level for processes and one for threads
};

enum class FlameDirection {
  root_first,  // callers below callees
  leaf_first,  // each function where time was spent, its callers above it; no level for processes or threads
};

enum class FlameMoments {
  none,
  kept,  // samples that have a time are told one by one, for pictures of a part of the time
};

inline constexpr std::size_t kMomentsMax = 1'000'000;  // with more no sample is told one by one

struct FlameOptions {
  std::optional<std::size_t> value;  // column that is drawn; none: the profile's own default
  ThreadView threads = ThreadView::merged;
  FlameDirection direction = FlameDirection::root_first;
  double prune_share = kPruneShare;
  std::size_t depth_max = kDepthDrawn;
  FlameMoments moments = FlameMoments::none;  // of trees with the root first
};

// A function as it is drawn: the same name, module and kind are one.
struct FlameFrame {
  std::string name;
  std::string module;     // "libc.so.6"; empty: unknown
  std::string file;       // source; empty: unknown
  std::int64_t line = 0;  // of the function, or else one of its lines; 0: unknown
  FrameKind kind = FrameKind::user;
};

// What was measured on a frame of the picture.
struct FlameAmount {
  std::int64_t self = 0;
  std::int64_t total = 0;    // with all above it
  std::int64_t samples = 0;  // behind `total`; 0 where the profile does not count
};

// One box of the picture.
struct FlameNode {
  std::uint32_t parent = 0;
  std::uint32_t frame = 0;
  std::uint32_t depth = 0;  // of the root: 0
  FlameAmount now;
  FlameAmount base;  // in a difference: of the profile that is compared with; else nothing
};

// A sample that has a time.
struct FlameMoment {
  std::int64_t time_ns = 0;  // since the start of the profile
  std::uint32_t node = 0;    // that it ended on
  std::uint32_t thread = 0;  // index into FlameTree::threads
  std::int64_t value = 0;
};

// Nodes are in preorder, so a parent is before its children; those are by name. Node 0 is the root and holds
// the total; frame 0 is its frame.
struct FlameTree {
  ValueType value;
  FlameDirection direction = FlameDirection::root_first;
  bool is_difference = false;
  double base_factor = 1;  // base amounts times this are comparable with the new ones
  std::vector<FlameFrame> frames;
  std::vector<FlameNode> nodes;
  double prune_share = 0;
  std::size_t frames_pruned = 0;     // boxes that were drawn together with their neighbours
  std::size_t negative_samples = 0;  // samples with a value below zero have no width: they are left out
  std::vector<FlameMoment> moments;  // in the order of time, where they were asked for
  std::vector<std::string> threads;  // names, for moments
  std::size_t moments_left_out = 0;  // samples, where there were more than kMomentsMax
  // What is known of the measurement: "command", "duration" and so on, then comments.
  std::vector<std::pair<std::string, std::string>> facts;

  std::int64_t total() const { return nodes.front().now.total; }
  std::int64_t samples() const { return nodes.front().now.samples; }
};

// Samples with a value below zero are left out and counted. A column that is not there draws nothing.
FlameTree make_flame_tree(const Profile& profile, const FlameOptions& options = {});

// A share of the total and its 95 % Wilson interval by the count of samples; an interval of 0 to 1 where the
// profile does not count.
struct FlameShare {
  double share = 0;
  stats::Interval interval{0, 1};
  // Too few samples to tell it from nothing: share ± 1.96 standard errors holds 0, which is so below 4.
  bool may_be_nothing = false;
};
FlameShare share_of(const FlameTree& tree, std::int64_t value);

// What a node takes more than in the base (less: below 0), in the unit of the value, and how that compares.
struct FlameChange {
  double change = 0;
  double relative = 0;  // of the larger of both: -1 is gone, 1 is new
  // 0 lies within the 95 % interval of the change, each count of samples being as uncertain as its root.
  bool may_be_nothing = false;
};
FlameChange change_of(const FlameTree& tree, const FlameNode& node);

}  // namespace signalbox::profile
