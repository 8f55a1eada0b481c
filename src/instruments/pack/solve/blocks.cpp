#include "instruments/pack/solve/blocks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <unordered_set>

namespace signalbox::pack {
namespace {

constexpr double kPieceExponent = -0.2;  // Araya, Guerrero, Nuñez 2017

double share_of_pieces(std::int32_t pieces) {
  static const std::array<double, 64> few = [] {
    std::array<double, 64> out{};
    for (std::size_t i = 1; i < out.size(); ++i) out[i] = std::pow(static_cast<double>(i), kPieceExponent);
    return out;
  }();
  return pieces < 64 ? few[static_cast<std::size_t>(pieces)] : std::pow(pieces, kPieceExponent);
}

constexpr std::size_t kReserved = 1000;  // blocks for which room is made at once

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  hash ^= value + 0x9E3779B97F4A7C15ULL + (hash << 6) + (hash >> 2);
  return hash * 0xFF51AFD7ED558CCDULL;
}

class BlockMaker {
 public:
  BlockMaker(const Cargo& cargo, const BlockLimits& limits) : cargo_(cargo), limits_(limits) {}

  BlockSet run() {
    if (limits_.general && limits_.blocks <= kReserved) {
      set_.blocks.reserve(limits_.blocks + 64);
      known_.reserve(limits_.blocks + 64);
    }
    for (std::size_t type = 0; type < cargo_.types.size(); ++type)
      add_simple(static_cast<std::int32_t>(type));
    if (limits_.general) add_general();
    set_.by_score.resize(set_.blocks.size());
    std::vector<std::pair<double, std::uint32_t>> falling(set_.blocks.size());
    for (std::uint32_t i = 0; i < falling.size(); ++i) falling[i] = {-set_.blocks[i].score, i};
    std::sort(falling.begin(), falling.end());
    for (std::size_t i = 0; i < falling.size(); ++i) set_.by_score[i] = falling[i].second;
    return std::move(set_);
  }

 private:
  void add_simple(std::int32_t index) {
    const CargoType& type = cargo_.types[static_cast<std::size_t>(index)];
    std::vector<Extent> seen;
    for (std::int32_t turn = 0; turn < 6; ++turn) {
      if (!((type.turns >> turn) & 1)) continue;
      Extent size;
      for (std::size_t axis = 0; axis < 3; ++axis)
        size[axis] = type.size[static_cast<std::size_t>(kTurns[static_cast<std::size_t>(turn)][axis])];
      if (std::find(seen.begin(), seen.end(), size) != seen.end()) continue;
      seen.push_back(size);
      add_grids(index, turn, size);
    }
  }

  // How many layers of a type may lie on one another.
  std::int32_t layers_of(const CargoType& type) const {
    if (type.no_stack || type.bottom_only) return 1;
    if (type.weight <= 0 || !std::isfinite(type.max_load)) return type.count;
    return static_cast<std::int32_t>(
        std::min<double>(type.count, 1 + std::floor(type.max_load / type.weight)));
  }

  void add_grids(std::int32_t index, std::int32_t turn, const Extent& size) {
    const CargoType& type = cargo_.types[static_cast<std::size_t>(index)];
    Extent most;
    for (std::size_t axis = 0; axis < 3; ++axis)
      most[axis] = std::min(type.count, cargo_.box[axis] / size[axis]);
    most[2] = std::min(most[2], layers_of(type));
    const std::size_t share = limits_.blocks / (cargo_.types.size() * 6 + 1) + 8;
    const double all = static_cast<double>(most[0]) * most[1] * most[2];
    const bool thin = all > static_cast<double>(share) * 8;
    for (std::int32_t x = 1; x <= most[0]; x = next(x, most[0], thin))
      for (std::int32_t y = 1; y <= most[1] && x * std::int64_t{y} <= type.count; y = next(y, most[1], thin))
        for (std::int32_t z = 1; z <= most[2] && x * std::int64_t{y} * z <= type.count;
             z = next(z, most[2], thin))
          add_grid(index, turn, size, {x, y, z});
  }

  // Every number, or, of many, the small ones, the doubles, and the most there can be.
  static std::int32_t next(std::int32_t n, std::int32_t most, bool thin) {
    if (!thin || n < 4) return n + 1;
    if (n >= most) return most + 1;
    return std::min(most, n + std::max(1, n / 3));
  }

  void add_grid(std::int32_t index, std::int32_t turn, const Extent& size, const Extent& grid) {
    const CargoType& type = cargo_.types[static_cast<std::size_t>(index)];
    Block block;
    for (std::size_t axis = 0; axis < 3; ++axis) block.size[axis] = size[axis] * grid[axis];
    block.pieces = grid[0] * grid[1] * grid[2];
    block.volume = volume_of(block.size);
    block.weight = type.weight * block.pieces;
    block.floor_only = type.bottom_only;
    block.covered = type.no_stack;
    block.flat_top = static_cast<double>(block.size[0]) * block.size[1];
    block.type = index;
    block.turn = turn;
    block.grid = grid;
    const std::pair<std::int32_t, std::int32_t> count{index, block.pieces};
    finish(block, {&count, 1});
  }

  void finish(Block& block, std::span<const std::pair<std::int32_t, std::int32_t>> counts) {
    std::uint64_t hash = 0;
    for (const std::int32_t side : block.size) hash = mixed(hash, static_cast<std::uint64_t>(side));
    for (const auto& [type, pieces] : counts)
      hash = mixed(hash, (static_cast<std::uint64_t>(type) << 32) | static_cast<std::uint32_t>(pieces));
    hash = mixed(hash, block.covered);
    if (limits_.general && !known_.insert(hash).second) return;
    const double worth = limits_.prefer == BlockLimits::Prefer::base
                             ? static_cast<double>(block.size[0]) * block.size[1]
                             : block.volume;
    block.score = worth * share_of_pieces(block.pieces);
    block.counts = static_cast<std::uint32_t>(set_.counts.size());
    block.type_count = static_cast<std::int32_t>(counts.size());
    set_.counts.insert(set_.counts.end(), counts.begin(), counts.end());
    set_.blocks.push_back(block);
  }

  void add_general() {
    std::size_t begin = 0;
    std::size_t pairs = 0;
    outlines_.reserve(limits_.blocks);
    while (begin < set_.blocks.size()) {
      const std::size_t end = set_.blocks.size();
      draw_outlines();
      for (std::size_t i = begin; i < end; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
          if (set_.blocks.size() >= limits_.blocks || ++pairs > limits_.pairs) return;
          join_where_full(i, j);
        }
      begin = end;
    }
  }

  // What most pairs are refused by, close together in memory.
  struct Outline {
    double x;
    double y;
    double z;
    double volume;
  };
  void draw_outlines() {
    for (std::size_t i = outlines_.size(); i < set_.blocks.size(); ++i) {
      const Block& block = set_.blocks[i];
      outlines_.push_back({static_cast<double>(block.size[0]), static_cast<double>(block.size[1]),
                           static_cast<double>(block.size[2]), block.volume});
    }
  }

  // Along the axes along which the two fill their cuboid and go into the box.
  void join_where_full(std::size_t i, std::size_t j) {
    const Outline& a = outlines_[i];
    const Outline& b = outlines_[j];
    const double x = std::max(a.x, b.x);
    const double y = std::max(a.y, b.y);
    const double z = std::max(a.z, b.z);
    const double most = (a.volume + b.volume) / limits_.fill;
    if (a.x + b.x <= cargo_.box[0] && (a.x + b.x) * y * z <= most) join(i, j, 0);
    if (a.y + b.y <= cargo_.box[1] && x * (a.y + b.y) * z <= most) join(i, j, 1);
    if (a.z + b.z <= cargo_.box[2] && x * y * (a.z + b.z) <= most) {
      join(i, j, 2);
      if (i != j) join(j, i, 2);
    }
  }

  void join(std::size_t i, std::size_t j, std::int32_t axis) {
    const Block& a = set_.blocks[i];
    const Block& b = set_.blocks[j];
    Block out;
    for (std::size_t k = 0; k < 3; ++k) out.size[k] = std::max(a.size[k], b.size[k]);
    const std::size_t along = static_cast<std::size_t>(axis);
    out.size[along] = a.size[along] + b.size[along];
    out.volume = a.volume + b.volume;
    if (axis == 2 && !may_lie_on(a, b)) return;
    counts_.clear();
    if (!sum_of_counts(a, b, counts_)) return;
    out.weight = a.weight + b.weight;
    if (out.weight > cargo_.weight_limit) return;
    out.pieces = a.pieces + b.pieces;
    out.floor_only = a.floor_only || b.floor_only;
    out.covered = a.covered || b.covered;
    out.flat_top =
        axis == 2 ? b.flat_top
                  : (a.size[2] == out.size[2] ? a.flat_top : 0) + (b.size[2] == out.size[2] ? b.flat_top : 0);
    out.first = static_cast<std::uint32_t>(i);
    out.second = static_cast<std::uint32_t>(j);
    out.axis = axis;
    finish(out, counts_);
  }

  // `upper` on `lower`.
  bool may_lie_on(const Block& lower, const Block& upper) const {
    if (lower.covered || upper.floor_only || limits_load(lower)) return false;
    if (cargo_.support_percent == 0) return true;
    return lower.flat_top >= static_cast<double>(lower.size[0]) * lower.size[1] &&
           upper.size[0] <= lower.size[0] && upper.size[1] <= lower.size[1];
  }

  bool limits_load(const Block& block) const {
    for (std::int32_t i = 0; i < block.type_count; ++i) {
      const auto& [type, pieces] = set_.counts[block.counts + static_cast<std::uint32_t>(i)];
      if (std::isfinite(cargo_.types[static_cast<std::size_t>(type)].max_load)) return true;
    }
    return false;
  }

  bool sum_of_counts(const Block& a, const Block& b,
                     std::vector<std::pair<std::int32_t, std::int32_t>>& out) const {
    auto left = set_.counts.begin() + a.counts;
    auto right = set_.counts.begin() + b.counts;
    const auto left_end = left + a.type_count;
    const auto right_end = right + b.type_count;
    while (left != left_end || right != right_end) {
      std::pair<std::int32_t, std::int32_t> next;
      if (right == right_end || (left != left_end && left->first < right->first)) {
        next = *left++;
      } else if (left == left_end || right->first < left->first) {
        next = *right++;
      } else {
        next = {left->first, left->second + right->second};
        ++left;
        ++right;
      }
      if (next.second > cargo_.types[static_cast<std::size_t>(next.first)].count) return false;
      out.push_back(next);
    }
    return true;
  }

  const Cargo& cargo_;
  const BlockLimits& limits_;
  BlockSet set_;
  std::vector<Outline> outlines_;
  std::vector<std::pair<std::int32_t, std::int32_t>> counts_;  // of the pair that is being joined
  std::unordered_set<std::uint64_t> known_;
};

}  // namespace

void BlockSet::pieces_of(std::uint32_t block, const Extent& at, Which which, std::vector<Stowed>& out) const {
  const Block& it = blocks[block];
  if (it.type < 0) {
    pieces_of(it.first, at, which, out);
    if (which == Which::floor && it.axis == 2) return;
    Extent beside = at;
    beside[static_cast<std::size_t>(it.axis)] += blocks[it.first].size[static_cast<std::size_t>(it.axis)];
    pieces_of(it.second, beside, which, out);
    return;
  }
  const Extent size{it.size[0] / it.grid[0], it.size[1] / it.grid[1], it.size[2] / it.grid[2]};
  for (std::int32_t z = 0; z < (which == Which::floor ? 1 : it.grid[2]); ++z)
    for (std::int32_t y = 0; y < it.grid[1]; ++y)
      for (std::int32_t x = 0; x < it.grid[0]; ++x)
        out.push_back(
            {it.type, it.turn, {at[0] + x * size[0], at[1] + y * size[1], at[2] + z * size[2]}, size});
}

BlockSet make_blocks(const Cargo& cargo, const BlockLimits& limits) {
  return BlockMaker(cargo, limits).run();
}

}  // namespace signalbox::pack
