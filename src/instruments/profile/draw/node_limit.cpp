#include "instruments/profile/draw/node_limit.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {

namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

// The larger of its shares: of what was measured now, and of the base.
double size_of(const FlameTree& tree, const FlameNode& node) {
  const FlameNode& root = tree.nodes.front();
  const auto share = [](std::int64_t value, std::int64_t whole) {
    return whole > 0 ? static_cast<double>(value) / static_cast<double>(whole) : 0;
  };
  return std::max(share(node.now.total, root.now.total), share(node.base.total, root.base.total));
}

bool stands_for_small_ones(const FlameFrame& frame) {
  return frame.kind == FrameKind::synthetic && frame.name.starts_with("[smaller than ");
}

void add(FlameAmount& to, const FlameAmount& more) {
  to.total = saturating_sum(to.total, more.total);
  to.self = to.total;
  to.samples = saturating_sum(to.samples, more.samples);
}

class Limiter {
 public:
  Limiter(FlameTree tree, std::size_t nodes_max) : tree_(std::move(tree)) {
    sizes_.reserve(tree_.nodes.size());
    for (const FlameNode& node : tree_.nodes) sizes_.push_back(size_of(tree_, node));
    std::vector<double> steps = sizes_;
    std::sort(steps.begin(), steps.end(), std::greater<>());
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    // With a lower limit there are never fewer nodes.
    std::size_t fits = 0;
    for (std::size_t beyond = steps.size(); beyond - fits > 1;) {
      const std::size_t middle = fits + (beyond - fits) / 2;
      (count_above(steps[middle]) <= nodes_max ? fits : beyond) = middle;
    }
    least_ = steps[fits];
  }

  FlameTree finish() && {
    choose();
    emit();
    for (FlameMoment& moment : tree_.moments) moment.node = place_of_[moment.node];
    FlameTree out = std::move(tree_);
    out.nodes = std::move(nodes_);
    out.frames = std::move(frames_);
    out.prune_share = std::max(out.prune_share, least_);
    return out;
  }

 private:
  bool stands_for_small(std::size_t i) const {
    return stands_for_small_ones(tree_.frames[tree_.nodes[i].frame]);
  }

  // Nodes that would be drawn if those no larger than `least` were not.
  std::size_t count_above(double least) const {
    std::vector<bool> has_small(tree_.nodes.size(), false);
    std::size_t count = 1;
    for (std::size_t i = 1; i < tree_.nodes.size(); ++i) {
      const bool is_kept = sizes_[i] > least && !stands_for_small(i);
      const std::uint32_t parent = tree_.nodes[i].parent;
      if (is_kept) ++count;
      if (is_kept || has_small[parent] || (parent != 0 && sizes_[parent] <= least)) continue;
      has_small[parent] = true;
      ++count;
    }
    return count;
  }

  // Which nodes stay, and what the others of each amount to. A parent is never smaller than its child.
  void choose() {
    const std::size_t count = tree_.nodes.size();
    kept_.assign(count, false);
    small_.assign(count, {});
    kept_[0] = true;
    for (std::size_t i = 1; i < count; ++i) {
      const FlameNode& node = tree_.nodes[i];
      const bool is_rest = stands_for_small(i);
      kept_[i] = kept_[node.parent] && !is_rest && sizes_[i] > least_;
      if (kept_[i]) continue;
      if (!is_rest) ++tree_.frames_pruned;
      if (!kept_[node.parent]) continue;
      add(small_[node.parent].now, node.now);
      add(small_[node.parent].base, node.base);
    }
  }

  // In preorder, the small ones of each node behind its last child.
  void emit() {
    place_of_.assign(tree_.nodes.size(), kNone);
    number_.assign(tree_.frames.size(), kNone);
    std::vector<std::uint32_t> open;
    for (std::uint32_t i = 0; i < tree_.nodes.size(); ++i) {
      if (!kept_[i]) continue;
      while (!open.empty() && tree_.nodes[open.back()].depth >= tree_.nodes[i].depth) close(open);
      FlameNode node = tree_.nodes[i];
      node.parent = i == 0 ? 0 : place_of_[node.parent];
      node.frame = frame(node.frame);
      place_of_[i] = static_cast<std::uint32_t>(nodes_.size());
      nodes_.push_back(node);
      open.push_back(i);
    }
    while (!open.empty()) close(open);
    for (std::uint32_t i = 1; i < tree_.nodes.size(); ++i) {
      if (kept_[i]) continue;
      const std::uint32_t parent = tree_.nodes[i].parent;
      place_of_[i] = kept_[parent] ? rest_of_[parent] : place_of_[parent];
    }
  }

  void close(std::vector<std::uint32_t>& open) {
    const std::uint32_t i = open.back();
    open.pop_back();
    const Small& small = small_[i];
    if (small.now.total == 0 && small.base.total == 0) return;
    if (rest_frame_ == kNone) {
      rest_frame_ = static_cast<std::uint32_t>(frames_.size());
      frames_.push_back(
          {fmt::format("[smaller than {:.2g} %]", least_ * 100), {}, {}, 0, FrameKind::synthetic});
    }
    rest_of_.resize(tree_.nodes.size(), 0);
    rest_of_[i] = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back({place_of_[i], rest_frame_, tree_.nodes[i].depth + 1, small.now, small.base});
  }

  std::uint32_t frame(std::uint32_t old) {
    if (number_[old] == kNone) {
      number_[old] = static_cast<std::uint32_t>(frames_.size());
      frames_.push_back(std::move(tree_.frames[old]));
    }
    return number_[old];
  }

  struct Small {
    FlameAmount now;
    FlameAmount base;
  };

  FlameTree tree_;
  std::vector<double> sizes_;  // of the old nodes
  double least_ = 0;           // share: as small, or smaller, and it is not kept
  std::vector<bool> kept_;
  std::vector<Small> small_;             // by the old number of their parent
  std::vector<std::uint32_t> place_of_;  // new numbers of nodes, by old ones
  std::vector<std::uint32_t> rest_of_;  // new number of the one that stands for small ones, by the old parent
  std::vector<std::uint32_t> number_;   // new numbers of frames
  std::uint32_t rest_frame_ = kNone;
  std::vector<FlameNode> nodes_;
  std::vector<FlameFrame> frames_;
};

}  // namespace

FlameTree limited(FlameTree tree, std::size_t nodes_max) {
  nodes_max = std::max<std::size_t>(nodes_max, 2);
  if (tree.nodes.size() <= nodes_max) return tree;
  return Limiter(std::move(tree), nodes_max).finish();
}

}  // namespace signalbox::profile
