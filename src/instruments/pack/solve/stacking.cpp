#include "instruments/pack/solve/stacking.hpp"

#include <algorithm>
#include <cmath>

#include "instruments/pack/solve/loads.hpp"
#include "instruments/pack/solve/statics.hpp"

namespace signalbox::pack {
namespace {

constexpr double kNear = 0.04;  // of the box's side: nearer than that counts as contact

// Walls near the six faces of the space that is being looked at; faces are 2 * axis + (1 where far).
thread_local std::array<std::vector<std::array<std::int32_t, 5>>, 6> near_walls;

double overlap(std::int32_t low_a, std::int32_t high_a, std::int32_t low_b, std::int32_t high_b) {
  return std::max(0, std::min(high_a, high_b) - std::max(low_a, low_b));
}

}  // namespace

Stacking::Stacking(const Cargo& cargo, const BlockSet& blocks) : cargo_(cargo), blocks_(blocks) {
  for (std::size_t axis = 0; axis < 3; ++axis)
    tolerance_[axis] = static_cast<std::int32_t>(kNear * cargo.box[axis]);
  for (const CargoType& type : cargo.types) {
    has_loads_ = has_loads_ || std::isfinite(type.max_load);
    has_covered_ = has_covered_ || type.no_stack;
  }
  needs_pieces_ = cargo.support_percent > 0 || has_loads_;
}

Filling Stacking::empty() const {
  Filling out;
  out.spaces.push_back({{0, 0, 0}, cargo_.box});
  out.left.reserve(cargo_.types.size());
  for (const CargoType& type : cargo_.types) {
    out.left.push_back(type.count);
    out.pieces_left += type.count;
  }
  out.useable = blocks_.by_score;
  return out;
}

std::size_t Stacking::nearest_space(const Filling& filling, Corner& corner) const {
  std::size_t best = 0;
  std::array<std::int32_t, 3> best_key{};
  double best_volume = -1;
  for (std::size_t i = 0; i < filling.spaces.size(); ++i) {
    const Cuboid& space = filling.spaces[i];
    std::array<std::int32_t, 3> key;
    Corner here;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::int32_t far = cargo_.box[axis] - space.high[axis];
      here.high[axis] = far < space.low[axis] && !(axis == 2 && cargo_.support_percent > 0);
      key[axis] = here.high[axis] ? far : space.low[axis];
    }
    std::sort(key.begin(), key.end());
    if (best_volume >= 0 && key > best_key) continue;
    const double volume = static_cast<double>(space.side(0)) * space.side(1) * space.side(2);
    if (best_volume >= 0 && key == best_key && volume <= best_volume) continue;
    best = i;
    best_key = key;
    best_volume = volume;
    corner = here;
  }
  return best;
}

void Stacking::walls_of(const Filling& filling, const Cuboid& space) const {
  for (auto& walls : near_walls) walls.clear();
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t a = (axis + 1) % 3;
    const std::size_t b = (axis + 2) % 3;
    if (space.low[axis] <= tolerance_[axis])
      near_walls[2 * axis].push_back({0, cargo_.box[a], 0, cargo_.box[b], space.low[axis]});
    if (cargo_.box[axis] - space.high[axis] <= tolerance_[axis])
      near_walls[2 * axis + 1].push_back(
          {0, cargo_.box[a], 0, cargo_.box[b], cargo_.box[axis] - space.high[axis]});
  }
  for (const Cuboid& cuboid : filling.cuboids)
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::size_t a = (axis + 1) % 3;
      const std::size_t b = (axis + 2) % 3;
      const std::int32_t before = space.low[axis] - cuboid.high[axis];
      const std::int32_t behind = cuboid.low[axis] - space.high[axis];
      const bool is_before = before >= 0 && before <= tolerance_[axis];
      const bool is_behind = behind >= 0 && behind <= tolerance_[axis];
      if (!is_before && !is_behind) continue;
      if (cuboid.low[a] >= space.high[a] || cuboid.high[a] <= space.low[a] ||
          cuboid.low[b] >= space.high[b] || cuboid.high[b] <= space.low[b])
        continue;
      near_walls[2 * axis + (is_before ? 0 : 1)].push_back(
          {cuboid.low[a], cuboid.high[a], cuboid.low[b], cuboid.high[b], is_before ? before : behind});
    }
}

double Stacking::contact_share(const Block& block, const Cuboid& space, const Extent& at) const {
  double touched = 0;
  double surface = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t a = (axis + 1) % 3;
    const std::size_t b = (axis + 2) % 3;
    const double face = static_cast<double>(block.size[a]) * block.size[b];
    surface += 2 * face;
    for (std::size_t end = 0; end < 2; ++end) {
      const std::int32_t gap =
          end == 0 ? at[axis] - space.low[axis] : space.high[axis] - at[axis] - block.size[axis];
      if (gap > tolerance_[axis]) continue;
      double here = 0;
      for (const auto& wall : near_walls[2 * axis + end]) {
        if (gap + wall[4] > tolerance_[axis]) continue;
        here += overlap(at[a], at[a] + block.size[a], wall[0], wall[1]) *
                overlap(at[b], at[b] + block.size[b], wall[2], wall[3]);
      }
      touched += std::min(here, face);
    }
  }
  return touched / surface;
}

bool Stacking::is_held(const Filling& filling, std::uint32_t block, const Extent& at) const {
  if (at[2] == 0) return true;
  thread_local std::vector<Stowed> floor;
  floor.clear();
  blocks_.pieces_of(block, at, BlockSet::Which::floor, floor);
  for (const Stowed& piece : floor) {
    double area = 0;
    for (const Stowed& below : filling.pieces) {
      if (below.at[2] + below.size[2] != at[2]) continue;
      area += overlap(piece.at[0], piece.at[0] + piece.size[0], below.at[0], below.at[0] + below.size[0]) *
              overlap(piece.at[1], piece.at[1] + piece.size[1], below.at[1], below.at[1] + below.size[1]);
    }
    if (area * 100 < static_cast<double>(piece.size[0]) * piece.size[1] * cargo_.support_percent)
      return false;
    if (cargo_.support_rule == Support::Rule::corners && !stands_on_corners(piece, filling)) return false;
  }
  return true;
}

// Each corner of the underside lies on a top, that and what is next to it inside.
bool Stacking::stands_on_corners(const Stowed& piece, const Filling& filling) const {
  for (int corner = 0; corner < 4; ++corner) {
    bool rests = false;
    for (const Stowed& below : filling.pieces) {
      if (below.at[2] + below.size[2] != piece.at[2]) continue;
      bool here = true;
      for (std::size_t axis = 0; axis < 2; ++axis) {
        const bool far = ((corner >> axis) & 1) != 0;
        const std::int32_t at = far ? piece.at[axis] + piece.size[axis] - 1 : piece.at[axis];
        here = here && below.at[axis] <= at && at < below.at[axis] + below.size[axis];
      }
      rests = rests || here;
    }
    if (!rests) return false;
  }
  return true;
}

bool Stacking::balances(const Filling& filling, std::uint32_t block, const Extent& at) const {
  thread_local std::vector<Stowed> pieces;
  pieces = filling.pieces;
  blocks_.pieces_of(block, at, BlockSet::Which::all, pieces);
  return nothing_tips(cargo_, pieces);
}

bool Stacking::bears(const Filling& filling, std::uint32_t block, const Extent& at) const {
  thread_local std::vector<Stowed> pieces;
  pieces = filling.pieces;
  blocks_.pieces_of(block, at, BlockSet::Which::all, pieces);
  return loads_are_borne(cargo_, pieces);
}

bool Stacking::fits_there(const Filling& filling, std::uint32_t block, const Extent& at) const {
  const Block& it = blocks_.blocks[block];
  if (it.floor_only && at[2] != 0) return false;
  if (has_covered_ && it.covered)
    for (const Cuboid& other : filling.cuboids)
      if (other.low[2] >= at[2] + it.size[2] && other.low[0] < at[0] + it.size[0] && other.high[0] > at[0] &&
          other.low[1] < at[1] + it.size[1] && other.high[1] > at[1])
        return false;
  if (cargo_.support_percent > 0 && !is_held(filling, block, at)) return false;
  if (cargo_.support_rule == Support::Rule::balance && !balances(filling, block, at)) return false;
  return !has_loads_ || bears(filling, block, at);
}

bool Stacking::find_place(const Filling& filling, std::uint32_t block, const Cuboid& space,
                          const Corner& corner, Extent& at) const {
  const Extent& size = blocks_.blocks[block].size;
  const auto end_of = [&](std::size_t axis, bool high) {
    return high ? space.high[axis] - size[axis] : space.low[axis];
  };
  at = {end_of(0, corner.high[0]), end_of(1, corner.high[1]), end_of(2, corner.high[2])};
  if (fits_there(filling, block, at)) return true;
  if (cargo_.support_percent == 0 || at[2] == 0) return false;
  // What does not rest at this corner may at another, or over one of the things below.
  for (int other = 1; other < 4; ++other) {
    at = {end_of(0, corner.high[0] != ((other & 1) != 0)), end_of(1, corner.high[1] != ((other & 2) != 0)),
          at[2]};
    if (fits_there(filling, block, at)) return true;
  }
  for (const Cuboid& below : filling.cuboids) {
    if (below.high[2] != space.low[2]) continue;
    at[0] = std::clamp(below.low[0], space.low[0], space.high[0] - size[0]);
    at[1] = std::clamp(below.low[1], space.low[1], space.high[1] - size[1]);
    if (fits_there(filling, block, at)) return true;
  }
  return false;
}

void Stacking::consider(const Filling& filling, const Reach& reach, const Cuboid& space, const Corner& corner,
                        std::size_t most, std::vector<Candidate>& out) const {
  const Extent sides{space.side(0), space.side(1), space.side(2)};
  const auto worse = [](const Candidate& a, const Candidate& b) {
    return a.value != b.value ? a.value > b.value : a.what.block < b.what.block;
  };
  for (const std::uint32_t index : filling.useable) {
    const Block& block = blocks_.blocks[index];
    const bool full = out.size() >= most;
    // Contact and usable room are at most one: no later block is better.
    if (full && block.score <= out.front().value) break;
    if (block.size[0] > sides[0] || block.size[1] > sides[1] || block.size[2] > sides[2]) continue;
    if (filling.weight + block.weight > cargo_.weight_limit) continue;
    double usable = 1;
    for (std::size_t axis = 0; axis < 3; ++axis)
      usable *= static_cast<double>(block.size[axis] + reach.most(axis, sides[axis] - block.size[axis])) /
                sides[axis];
    const double most_value = block.score * usable;
    if (full && most_value <= out.front().value) continue;
    Candidate candidate;
    candidate.what.block = index;
    for (std::size_t axis = 0; axis < 3; ++axis)
      candidate.what.at[axis] = corner.high[axis] ? space.high[axis] - block.size[axis] : space.low[axis];
    const double contact = contact_share(block, space, candidate.what.at);
    candidate.value = most_value * contact * contact * contact * contact;
    if (full && candidate.value <= out.front().value) continue;
    if ((needs_pieces_ || has_covered_ || block.floor_only) &&
        !find_place(filling, index, space, corner, candidate.what.at))
      continue;
    if (full) {
      std::pop_heap(out.begin(), out.end(), worse);
      out.back() = candidate;
    } else {
      out.push_back(candidate);
    }
    std::push_heap(out.begin(), out.end(), worse);
  }
  std::sort_heap(out.begin(), out.end(), worse);
}

void Stacking::next_steps(Filling& filling, const Reach& reach, std::size_t most,
                          std::vector<Candidate>& out) const {
  out.clear();
  while (!filling.spaces.empty()) {
    Corner corner;
    const std::size_t nearest = nearest_space(filling, corner);
    const Cuboid space = filling.spaces[nearest];
    walls_of(filling, space);
    consider(filling, reach, space, corner, most, out);
    if (!out.empty()) return;
    filling.spaces[nearest] = filling.spaces.back();
    filling.spaces.pop_back();
  }
}

void Stacking::put_down(Filling& filling, const PutDown& what) const {
  const Block& block = blocks_.blocks[what.block];
  for (std::int32_t i = 0; i < block.type_count; ++i) {
    const auto& [type, pieces] = blocks_.counts[block.counts + static_cast<std::uint32_t>(i)];
    filling.left[static_cast<std::size_t>(type)] -= pieces;
  }
  filling.pieces_left -= block.pieces;
  filling.volume += block.volume;
  filling.weight += block.weight;
  filling.put.push_back(what);
  Cuboid cuboid{what.at, what.at};
  for (std::size_t axis = 0; axis < 3; ++axis) cuboid.high[axis] += block.size[axis];
  filling.cuboids.push_back(cuboid);
  if (needs_pieces_) blocks_.pieces_of(what.block, what.at, BlockSet::Which::all, filling.pieces);
  std::erase_if(filling.useable, [&](std::uint32_t index) {
    return !blocks_.has_pieces(blocks_.blocks[index], filling.left);
  });
  Extent least = cargo_.box;
  for (std::size_t type = 0; type < cargo_.types.size(); ++type) {
    if (filling.left[type] == 0) continue;
    for (std::size_t turn = 0; turn < 6; ++turn)
      if ((cargo_.types[type].turns >> turn) & 1)
        for (std::size_t axis = 0; axis < 3; ++axis)
          least[axis] =
              std::min(least[axis], cargo_.types[type].size[static_cast<std::size_t>(kTurns[turn][axis])]);
  }
  if (block.covered) cuboid.high[2] = cargo_.box[2];
  take_out(filling.spaces, cuboid, least);
}

Stowage Stacking::stowage_of(const Filling& filling) const {
  Stowage out;
  for (const PutDown& what : filling.put)
    blocks_.pieces_of(what.block, what.at, BlockSet::Which::all, out.pieces);
  out.volume = filling.volume;
  out.weight = filling.weight;
  out.everything = filling.pieces_left == 0;
  return out;
}

}  // namespace signalbox::pack
