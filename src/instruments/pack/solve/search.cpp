#include "instruments/pack/solve/search.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/base/parallel.hpp"
#include "instruments/pack/solve/stacking.hpp"

namespace signalbox::pack {
namespace {

struct Node {
  Filling filling;
  double value = 0;  // of the box, filled greedily behind it
};

class BeamSearch {
 public:
  BeamSearch(const Cargo& cargo, const BlockSet& blocks, const Effort& effort)
      : cargo_(cargo), effort_(effort), stacking_(cargo, blocks) {
    for (const CargoType& type : cargo.types) wanted_ += type.count * volume_of(type.size);
  }

  Stowage run() {
    Filling root = stacking_.empty();
    {
      Filling first = root;
      const Reach reach(cargo_, root.left);
      complete(first, reach);
      keep(first);
    }
    std::size_t width = 2;
    while (!is_over() && width <= effort_.max_width) {
      if (!beam(root, width)) break;
      width = std::max(width + 1,
                       static_cast<std::size_t>(std::lround(static_cast<double>(width) * std::sqrt(2.0))));
    }
    Stowage out = stacking_.stowage_of(best_);
    out.tries = tries_;
    return out;
  }

 private:
  // After so many packings one that leaves that much outside is not expected to get everything in.
  bool is_hopeless() const {
    return effort_.everything && ((tries_ >= 10 && best_.volume < 0.75 * wanted_) ||
                                  (tries_ >= 30 && best_.volume < 0.85 * wanted_) ||
                                  (tries_ >= 100 && best_.volume < 0.9 * wanted_));
  }

  bool is_over() const {
    return is_hopeless() || best_.pieces_left == 0 || tries_ >= effort_.max_tries ||
           (effort_.until && std::chrono::steady_clock::now() >= *effort_.until);
  }

  void complete(Filling& filling, const Reach& reach) const {
    std::vector<Candidate> steps;
    while (filling.pieces_left > 0) {
      stacking_.next_steps(filling, reach, 1, steps);
      if (steps.empty()) return;
      stacking_.put_down(filling, steps[0].what);
    }
  }

  void keep(const Filling& filling) {
    ++tries_;
    if (tries_ > 1 && filling.volume <= best_.volume) return;
    best_.put = filling.put;
    best_.volume = filling.volume;
    best_.weight = filling.weight;
    best_.pieces_left = filling.pieces_left;
  }

  struct Branch {
    std::size_t parent = 0;
    PutDown what;
    Filling child;
    Filling filled;
    bool done = false;
  };

  // One pass of that width; false: nothing was left to choose, a wider one would find the same.
  bool beam(const Filling& root, std::size_t width) {
    std::vector<Node> level(1);
    level[0].filling = root;
    bool chose = false;
    while (!level.empty()) {
      std::vector<Reach> reaches;
      std::vector<Branch> branches;
      std::vector<Candidate> steps;
      for (std::size_t i = 0; i < level.size(); ++i) {
        reaches.emplace_back(cargo_, level[i].filling.left);
        stacking_.next_steps(level[i].filling, reaches[i], width, steps);
        for (const Candidate& step : steps) branches.push_back({i, step.what, {}, {}});
        chose = chose || steps.size() > 1;
      }
      const auto follow = [&](std::size_t i) {
        Branch& branch = branches[i];
        if (effort_.until && std::chrono::steady_clock::now() >= *effort_.until) return;
        branch.child = level[branch.parent].filling;
        stacking_.put_down(branch.child, branch.what);
        branch.filled = branch.child;
        complete(branch.filled, reaches[branch.parent]);
        branch.done = true;
      };
      if (effort_.parallel && branches.size() > 1) {
        for_each_in_parallel(branches.size(), follow);
      } else {
        for (std::size_t i = 0; i < branches.size(); ++i) follow(i);
      }
      for (const Branch& branch : branches)
        if (branch.done) keep(branch.filled);
      if (is_over()) return true;
      level = best_of(branches, width);
    }
    return chose;
  }

  // The best, of those that end alike one.
  static std::vector<Node> best_of(std::vector<Branch>& branches, std::size_t width) {
    std::vector<std::size_t> order(branches.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return branches[a].filled.volume > branches[b].filled.volume;
    });
    std::vector<Node> out;
    for (const std::size_t i : order) {
      Branch& branch = branches[i];
      if (branch.child.spaces.empty()) continue;
      if (!out.empty() && out.back().value == branch.filled.volume) continue;
      out.push_back({std::move(branch.child), branch.filled.volume});
      if (out.size() == width) break;
    }
    return out;
  }

  const Cargo& cargo_;
  const Effort& effort_;
  Stacking stacking_;
  Filling best_;
  std::uint64_t tries_ = 0;
  double wanted_ = 0;  // volume of all pieces
};

}  // namespace

Stowage fill(const Cargo& cargo, const Effort& effort) {
  const BlockSet blocks = make_blocks(cargo, effort.blocks);
  return BeamSearch(cargo, blocks, effort).run();
}

}  // namespace signalbox::pack
