// Blocks: pieces that are put down together as one cuboid (Fanslau and Bortfeldt 2010; Zhu, Lim 2012). Simple
// blocks are pieces of one type that stand alike, general ones two blocks side by side, one behind or on the
// other, that fill at least 98 % of their cuboid.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "instruments/pack/solve/cargo.hpp"

namespace signalbox::pack {

struct Block {
  Extent size{};
  double volume = 0;  // of its pieces
  double score = 0;   // volume times pieces to the -0.2: larger pieces first
  double weight = 0;  // grams
  std::int32_t pieces = 0;
  std::uint32_t counts = 0;  // where its counts begin in BlockSet::counts, type_count pairs of them
  std::int32_t type_count = 0;
  bool floor_only = false;  // stands on the floor
  bool covered = false;     // nothing may be put on it
  double flat_top = 0;      // area of tops of pieces that are at its top
  // How it is made. Simple: pieces[0] x pieces[1] x pieces[2] of `type` in `turn`. General: two blocks, the
  // second behind the first along `axis`.
  std::int32_t type = -1;  // -1: general
  std::int32_t turn = 0;
  Extent grid{1, 1, 1};
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  std::int32_t axis = 0;
};

struct BlockLimits {
  std::size_t blocks = 10'000;
  std::size_t pairs = 4'000'000;  // that are looked at
  double fill = 0.98;
  bool general = true;
  // base: wide things first, so that what is narrower lies on them.
  enum class Prefer { volume, base } prefer = Prefer::volume;
};

struct BlockSet {
  std::vector<Block> blocks;  // simple and general as they were made: `first` and `second` are indices here
  std::vector<std::uint32_t> by_score;                        // the same, the highest score first
  std::vector<std::pair<std::int32_t, std::int32_t>> counts;  // (type, pieces)

  bool has_pieces(const Block& block, const std::vector<std::int32_t>& left) const {
    for (std::int32_t i = 0; i < block.type_count; ++i) {
      const auto& [type, pieces] = counts[block.counts + static_cast<std::uint32_t>(i)];
      if (left[static_cast<std::size_t>(type)] < pieces) return false;
    }
    return true;
  }
  // Its pieces, where the block's nearest corner is at `at`; only those on its floor where `floor` is true.
  enum class Which { all, floor };
  void pieces_of(std::uint32_t block, const Extent& at, Which which, std::vector<Stowed>& out) const;
};

BlockSet make_blocks(const Cargo& cargo, const BlockLimits& limits);

}  // namespace signalbox::pack
