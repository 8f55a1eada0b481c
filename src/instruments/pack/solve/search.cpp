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
      keep(end_of(first));
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

  // How a packing ended; what was put down only where it is better than the best before.
  struct End {
    double volume = 0;
    double weight = 0;
    std::int32_t pieces_left = 0;
    std::vector<PutDown> put;
  };

  End end_of(const Filling& filling) const {
    End out{filling.volume, filling.weight, filling.pieces_left, {}};
    if (tries_ == 0 || filling.volume > best_.volume) out.put = filling.put;
    return out;
  }

  void keep(End end) {
    ++tries_;
    if (tries_ > 1 && end.volume <= best_.volume) return;
    best_.put = std::move(end.put);
    best_.volume = end.volume;
    best_.weight = end.weight;
    best_.pieces_left = end.pieces_left;
  }

  struct Branch {
    std::size_t parent = 0;
    PutDown what;
    End end;
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
        for (const Candidate& step : steps) branches.push_back({i, step.what, {}, false});
        chose = chose || steps.size() > 1;
      }
      const auto follow = [&](std::size_t i) {
        Branch& branch = branches[i];
        if (effort_.until && std::chrono::steady_clock::now() >= *effort_.until) return;
        thread_local Filling filling;  // keeps its room from one branch to the next
        filling = level[branch.parent].filling;
        stacking_.put_down(filling, branch.what);
        complete(filling, reaches[branch.parent]);
        branch.end = end_of(filling);
        branch.done = true;
      };
      if (effort_.parallel && branches.size() > 1) {
        for_each_in_parallel(branches.size(), follow);
      } else {
        for (std::size_t i = 0; i < branches.size(); ++i) follow(i);
      }
      const auto order = best_first(branches);
      for (Branch& branch : branches)
        if (branch.done) keep(std::move(branch.end));
      if (is_over()) return true;
      level = best_of(level, branches, order, width);
    }
    return chose;
  }

  static std::vector<std::size_t> best_first(const std::vector<Branch>& branches) {
    std::vector<std::size_t> out(branches.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = i;
    std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
      return branches[a].end.volume > branches[b].end.volume;
    });
    return out;
  }

  // The best, of those that end alike one.
  std::vector<Node> best_of(const std::vector<Node>& level, const std::vector<Branch>& branches,
                            const std::vector<std::size_t>& order, std::size_t width) const {
    std::vector<Node> out;
    for (const std::size_t i : order) {
      const Branch& branch = branches[i];
      if (!out.empty() && out.back().value == branch.end.volume) continue;
      Filling child = level[branch.parent].filling;
      stacking_.put_down(child, branch.what);
      if (child.spaces.empty()) continue;
      out.push_back({std::move(child), branch.end.volume});
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
