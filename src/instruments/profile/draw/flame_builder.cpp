#include "instruments/profile/draw/flame_builder.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace signalbox::profile {

namespace {

constexpr std::uint32_t kLastRank = std::numeric_limits<std::uint32_t>::max();

std::int64_t saturating_sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

// How many samples a row stands for.
class Counting {
 public:
  Counting(const Profile& profile, std::size_t value) {
    const auto counts = [&](std::size_t column) { return profile.value_types[column].unit == "count"; };
    if (const std::size_t column = find_value(profile, "samples");
        column < profile.value_types.size() && counts(column))
      column_ = column;
    else if (counts(value))
      column_ = value;
    else
      rows_are_events_ =
          !profile.samples.empty() && std::all_of(profile.samples.begin(), profile.samples.end(),
                                                  [](const Sample& sample) { return sample.time_ns >= 0; });
  }
  std::int64_t of(std::span<const std::int64_t> row) const {
    if (column_) return std::max<std::int64_t>(row[*column_], 0);
    return rows_are_events_ ? 1 : 0;
  }

 private:
  std::optional<std::size_t> column_;
  bool rows_are_events_ = false;
};

FlameFrame drawn_frame(const Profile& profile, FrameId id) {
  const Frame& frame = profile.frames[id];
  const Function& function = profile.functions[frame.function];
  return {profile.name_of_frame(id), std::string(profile.module_of(frame)),
          std::string(profile.text(function.file)),
          function.start_line > 0 ? function.start_line : std::int64_t{frame.line}, frame.kind};
}

std::uint64_t pair_of(std::uint32_t high, std::uint32_t low) {
  return std::uint64_t{high} << 32 | low;
}

}  // namespace

void FlameBuilder::Amount::add(const Amount& more) {
  value = saturating_sum(value, more.value);
  samples = saturating_sum(samples, more.samples);
}

FlameBuilder::FlameBuilder(const FlameOptions& options) : options_(options) {
  options_.depth_max = std::clamp<std::size_t>(options_.depth_max, 1, kDepthDrawn);
  synthetic("all");
  pruned_frame_ = synthetic(fmt::format("[smaller than {:.2g} %]", options_.prune_share * 100));
  deeper_frame_ = synthetic(fmt::format("[deeper than {}]", options_.depth_max));
  nodes_.emplace_back();
}

std::uint32_t FlameBuilder::frame_number(const FlameFrame& frame) {
  std::string key =
      fmt::format("{}{}{}{}{}", frame.name, '\0', frame.module, '\0', static_cast<int>(frame.kind));
  const auto [at, is_new] = frame_numbers_.try_emplace(std::move(key), frames_.size());
  if (is_new) frames_.push_back(frame);
  FlameFrame& known = frames_[at->second];
  if (known.file.empty()) known.file = frame.file;
  if (known.line == 0) known.line = frame.line;
  return at->second;
}

std::uint32_t FlameBuilder::synthetic(std::string name) {
  return frame_number({std::move(name), {}, {}, 0, FrameKind::synthetic});
}

void FlameBuilder::merge_frames(const Profile& profile, Side side) {
  std::vector<std::uint32_t>& merged = merged_[static_cast<std::size_t>(side)];
  merged.assign(profile.frames.size(), 0);
  // Most frames are further addresses of a function that was met already.
  std::unordered_map<std::uint64_t, std::uint32_t> known;
  for (FrameId id = 0; id < profile.frames.size(); ++id) {
    const Frame& frame = profile.frames[id];
    if (frame.function == 0) {
      merged[id] = id == 0 ? 0 : frame_number(drawn_frame(profile, id));
      continue;
    }
    const auto mapping = frame.mapping << 3 | static_cast<std::uint32_t>(frame.kind);
    const auto [at, is_new] = known.try_emplace(pair_of(frame.function, mapping), 0);
    if (is_new) at->second = frame_number(drawn_frame(profile, id));
    merged[id] = at->second;
  }
}

std::uint32_t FlameBuilder::child(std::uint32_t parent, std::uint32_t frame) {
  const auto [at, is_new] = children_.try_emplace(pair_of(parent, frame), nodes_.size());
  if (is_new) nodes_.push_back({parent, frame, nodes_[parent].depth + 1, {}, {}});
  return at->second;
}

// As `child`, no deeper than is drawn.
std::uint32_t FlameBuilder::callee(std::uint32_t parent, std::uint32_t frame) {
  if (nodes_[parent].frame == deeper_frame_) return parent;
  return child(parent, nodes_[parent].depth + 1 > options_.depth_max ? deeper_frame_ : frame);
}

// The node that the stacks of each thread stand on.
std::vector<std::uint32_t> FlameBuilder::tops_of_threads(const Profile& profile) {
  std::vector<std::uint32_t> tops(profile.threads.size(), 0);
  const auto process_of = [&](const Thread& thread) {
    const std::string_view name = profile.text(thread.process);
    if (options_.threads == ThreadView::merged && !name.empty()) return std::string(name);
    return fmt::format("{} (process {})", name.empty() ? "[unnamed]" : name, thread.pid);
  };
  std::vector<bool> is_used(profile.threads.size(), false);
  for (const Sample& sample : profile.samples) is_used[sample.thread] = true;
  std::set<std::string> processes;
  for (ThreadId id = 0; id < tops.size(); ++id)
    if (is_used[id]) processes.insert(process_of(profile.threads[id]));
  if (options_.threads == ThreadView::merged && processes.size() < 2) return tops;
  for (ThreadId id = 0; id < tops.size(); ++id) {
    if (!is_used[id]) continue;
    const Thread& thread = profile.threads[id];
    tops[id] = child(0, synthetic(process_of(thread)));
    if (options_.threads == ThreadView::merged) continue;
    const std::string_view name = profile.text(thread.name);
    tops[id] = child(tops[id],
                     synthetic(fmt::format("{} (thread {})", name.empty() ? "[unnamed]" : name, thread.tid)));
  }
  return tops;
}

// `by_stack` has what was measured on each stack, without what is above it.
std::vector<std::uint32_t> FlameBuilder::add_below(const Profile& profile, Side side, std::uint32_t top,
                                                   const std::vector<Amount>& by_stack) {
  // Of the stacks, those that something was measured on or above. A parent's number is below its child's.
  std::vector<bool> needed(by_stack.size(), false);
  for (std::size_t id = by_stack.size(); id-- > 1;) {
    if (by_stack[id].value > 0) needed[id] = true;
    if (needed[id]) needed[profile.stacks[id].parent] = true;
  }
  std::vector<std::uint32_t> node_of(by_stack.size(), top);
  const std::vector<std::uint32_t>& merged = merged_[static_cast<std::size_t>(side)];
  for (std::size_t id = 0; id < by_stack.size(); ++id) {
    if (id > 0 && needed[id])
      node_of[id] = callee(node_of[profile.stacks[id].parent], merged[profile.stacks[id].frame]);
    if (by_stack[id].value > 0) nodes_[node_of[id]].self[static_cast<std::size_t>(side)].add(by_stack[id]);
  }
  return node_of;
}

void FlameBuilder::add_moments(const Profile& profile, std::size_t value,
                               std::span<const std::size_t> samples,
                               const std::vector<std::uint32_t>& node_of) {
  for (const std::size_t id : samples) {
    const Sample& sample = profile.samples[id];
    const std::int64_t amount = profile.values_of(id)[value];
    if (sample.time_ns >= 0 && amount > 0)
      moments_.push_back({sample.time_ns, node_of[sample.stack], sample.thread, amount});
  }
}

void FlameBuilder::name_threads(const Profile& profile) {
  for (const Thread& thread : profile.threads) {
    const std::string_view name = profile.text(thread.name.empty() ? thread.process : thread.name);
    threads_.push_back(name.empty() ? fmt::format("{}", thread.tid) : fmt::format("{} {}", name, thread.tid));
  }
}

void FlameBuilder::add(const Profile& profile, std::size_t value, Side side) {
  profiles_[static_cast<std::size_t>(side)] = &profile;
  merge_frames(profile, side);
  if (value >= profile.value_types.size()) return;
  const bool leaf_first = options_.direction == FlameDirection::leaf_first;
  const std::vector<std::uint32_t> tops =
      leaf_first ? std::vector<std::uint32_t>(profile.threads.size(), 0) : tops_of_threads(profile);
  std::vector<std::size_t> order(profile.samples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto top_of = [&](std::size_t sample) { return tops[profile.samples[sample].thread]; };
  if (std::any_of(tops.begin(), tops.end(), [](std::uint32_t top) { return top != 0; })) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return top_of(a) < top_of(b); });
  }
  const Counting counting(profile, value);
  const bool has_moments =
      options_.moments == FlameMoments::kept && side == Side::now && profile.samples.size() <= kMomentsMax;
  if (has_moments) name_threads(profile);
  if (options_.moments == FlameMoments::kept && side == Side::now && !has_moments)
    moments_left_out_ = profile.samples.size();
  for (std::size_t begin = 0; begin < order.size();) {
    const std::uint32_t top = top_of(order[begin]);
    std::vector<Amount> by_stack(profile.stacks.size());
    std::size_t end = begin;
    for (; end < order.size() && top_of(order[end]) == top; ++end) {
      const auto row = profile.values_of(order[end]);
      if (row[value] < 0) ++negative_samples_;
      if (row[value] <= 0) continue;
      const Amount amount{row[value], counting.of(row)};
      by_stack[profile.samples[order[end]].stack].add(amount);
      whole_[static_cast<std::size_t>(side)].add(amount);
    }
    const std::size_t first = std::exchange(begin, end);
    if (!leaf_first) {
      const std::vector<std::uint32_t> node_of = add_below(profile, side, top, by_stack);
      if (has_moments) add_moments(profile, value, std::span(order).subspan(first, end - first), node_of);
      continue;
    }
    for (StackId id = 0; id < by_stack.size(); ++id)
      if (by_stack[id].value > 0) hanging_.push_back({id, side, 0, by_stack[id]});
  }
}

// Hangs the stacks from `begin` to `end` below a node of the leaf-first tree. What is too small to be drawn
// is not taken apart, so that the work is bounded by what is seen.
void FlameBuilder::hang(std::uint32_t node, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    Hanging& hanging = hanging_[i];
    const auto side = static_cast<std::size_t>(hanging.side);
    if (hanging.stack == 0) nodes_[node].self[side].add(hanging.amount);
    hanging.frame = merged_[side][profiles_[side]->stacks[hanging.stack].frame];
  }
  const auto at = [&](std::size_t i) { return hanging_.begin() + static_cast<std::ptrdiff_t>(i); };
  const auto first = std::partition(at(begin), at(end), [](const Hanging& h) { return h.stack == 0; });
  std::sort(first, at(end), [](const Hanging& a, const Hanging& b) { return a.frame < b.frame; });
  for (auto from = static_cast<std::size_t>(first - hanging_.begin()); from < end;) {
    Amounts sum;
    std::size_t to = from;
    for (; to < end && hanging_[to].frame == hanging_[from].frame; ++to)
      sum[static_cast<std::size_t>(hanging_[to].side)].add(hanging_[to].amount);
    if (is_small(sum)) {
      put_pruned(node, sum);
      ++frames_pruned_;
    } else if (nodes_[node].depth >= options_.depth_max) {
      Node& deeper = nodes_[child(node, deeper_frame_)];
      for (std::size_t side = 0; side < kSides; ++side) deeper.self[side].add(sum[side]);
    } else {
      const std::uint32_t caller = child(node, hanging_[from].frame);
      for (std::size_t i = from; i < to; ++i) {
        const Profile& profile = *profiles_[static_cast<std::size_t>(hanging_[i].side)];
        hanging_[i].stack = profile.stacks[hanging_[i].stack].parent;
      }
      hang(caller, from, to);
    }
    from = to;
  }
}

bool FlameBuilder::is_small(const Amounts& amounts) const {
  for (std::size_t side = 0; side < kSides; ++side) {
    const auto value = static_cast<double>(amounts[side].value);
    if (value > 0 && value >= options_.prune_share * static_cast<double>(whole_[side].value)) return false;
  }
  return true;
}

void FlameBuilder::put_pruned(std::uint32_t node, const Amounts& amounts) {
  Node& pruned = nodes_[child(node, pruned_frame_)];
  for (std::size_t side = 0; side < kSides; ++side) {
    pruned.self[side].add(amounts[side]);
    pruned.total[side].add(amounts[side]);
  }
}

void FlameBuilder::sum_up() {
  for (Node& node : nodes_) node.total = node.self;
  for (std::size_t i = nodes_.size(); i-- > 1;)
    for (std::size_t side = 0; side < kSides; ++side)
      nodes_[nodes_[i].parent].total[side].add(nodes_[i].total[side]);
}

// Which nodes are drawn, after the small ones of each parent became one.
std::vector<bool> FlameBuilder::prune() {
  const std::size_t count = nodes_.size();
  std::vector<bool> kept(count, true);
  for (std::uint32_t i = 1; i < count; ++i) {
    const std::uint32_t parent = nodes_[i].parent;
    kept[i] = kept[parent] && (nodes_[i].frame == pruned_frame_ || !is_small(nodes_[i].total));
    if (kept[i]) continue;
    ++frames_pruned_;
    if (!kept[parent]) continue;
    const Amounts total = nodes_[i].total;
    put_pruned(parent, total);
  }
  kept.resize(nodes_.size(), true);
  return kept;
}

std::vector<std::uint32_t> FlameBuilder::ranks_of_frames() const {
  std::vector<std::uint32_t> order(frames_.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto key = [&](std::uint32_t id) {
    return std::tie(frames_[id].name, frames_[id].module, frames_[id].kind);
  };
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
  std::vector<std::uint32_t> ranks(frames_.size());
  for (std::uint32_t rank = 0; rank < order.size(); ++rank) ranks[order[rank]] = rank;
  ranks[pruned_frame_] = kLastRank;
  return ranks;
}

// A node that is not drawn is part of what stands for the small ones of its first ancestor that is.
std::vector<FlameMoment> FlameBuilder::moments_in_order(const std::vector<bool>& kept,
                                                        const std::vector<std::uint32_t>& drawn) const {
  std::vector<FlameMoment> out = moments_;
  for (FlameMoment& moment : out) {
    std::uint32_t node = moment.node;
    const bool is_drawn = kept[node];
    while (!kept[node]) node = nodes_[node].parent;
    moment.node = drawn[is_drawn ? node : children_.at(pair_of(node, pruned_frame_))];
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const FlameMoment& a, const FlameMoment& b) { return a.time_ns < b.time_ns; });
  return out;
}

FlameTree FlameBuilder::in_order(const std::vector<bool>& kept) const {
  const std::vector<std::uint32_t> ranks = ranks_of_frames();
  std::vector<std::uint32_t> children;
  for (std::uint32_t i = 1; i < nodes_.size(); ++i)
    if (kept[i]) children.push_back(i);
  // By parent; of one parent the last comes first, as they are to come from the end of `waiting`.
  std::sort(children.begin(), children.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::make_tuple(nodes_[a].parent, ranks[nodes_[b].frame]) <
           std::make_tuple(nodes_[b].parent, ranks[nodes_[a].frame]);
  });
  std::vector<std::size_t> first_child(nodes_.size() + 1, 0);
  for (const std::uint32_t id : children) ++first_child[nodes_[id].parent + 1];
  std::partial_sum(first_child.begin(), first_child.end(), first_child.begin());
  FlameTree tree;
  std::vector<std::uint32_t> number(frames_.size(), kLastRank);
  struct Waiting {
    std::uint32_t node;
    std::uint32_t parent;
  };
  std::vector<Waiting> waiting{{0, 0}};
  std::vector<std::uint32_t> drawn_number(nodes_.size(), 0);
  while (!waiting.empty()) {
    const auto [id, drawn_parent] = waiting.back();
    waiting.pop_back();
    const Node& node = nodes_[id];
    if (number[node.frame] == kLastRank) {
      number[node.frame] = static_cast<std::uint32_t>(tree.frames.size());
      tree.frames.push_back(frames_[node.frame]);
    }
    const auto drawn = static_cast<std::uint32_t>(tree.nodes.size());
    drawn_number[id] = drawn;
    tree.nodes.push_back({drawn_parent,
                          number[node.frame],
                          node.depth,
                          {node.self[0].value, node.total[0].value, node.total[0].samples},
                          {node.self[1].value, node.total[1].value, node.total[1].samples}});
    for (std::size_t i = first_child[id]; i < first_child[id + 1]; ++i)
      waiting.push_back({children[i], drawn});
  }
  tree.moments = moments_in_order(kept, drawn_number);
  tree.threads = threads_;
  tree.moments_left_out = moments_left_out_;
  return tree;
}

FlameTree FlameBuilder::finish() && {
  if (!hanging_.empty()) hang(0, 0, hanging_.size());
  sum_up();
  FlameTree tree = in_order(prune());
  tree.direction = options_.direction;
  tree.prune_share = options_.prune_share;
  tree.frames_pruned = frames_pruned_;
  tree.negative_samples = negative_samples_;
  return tree;
}

}  // namespace signalbox::profile
