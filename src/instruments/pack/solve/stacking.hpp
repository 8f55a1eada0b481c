// A box while it is being filled, and which block goes where next.
//
// The free space that is nearest to a corner of the box is filled first, from that corner. Of the blocks that
// go in, the best is the one with the highest volume x contact^4 x usable room x pieces^-0.2: contact is the
// share of its surface that touches something, the usable room what the pieces left can fill beside it in
// that space (Araya, Guerrero and Nuñez, "VCS: A new heuristic function for selecting boxes in the single
// container loading problem", 2017).
#pragma once

#include <cstdint>
#include <vector>

#include "instruments/pack/solve/blocks.hpp"
#include "instruments/pack/solve/reach.hpp"
#include "instruments/pack/solve/spaces.hpp"

namespace signalbox::pack {

struct PutDown {
  std::uint32_t block = 0;
  Extent at{};
};

// All that is true of a half-filled box.
struct Filling {
  std::vector<Cuboid> spaces;
  std::vector<PutDown> put;
  std::vector<Cuboid> cuboids;         // of the blocks put down
  std::vector<Stowed> pieces;          // of them, where support or loads are asked for
  std::vector<std::int32_t> left;      // pieces, by type
  std::vector<std::uint32_t> useable;  // blocks of which there are pieces, the highest score first
  double volume = 0;
  double weight = 0;
  std::int32_t pieces_left = 0;
};

struct Candidate {
  double value = 0;
  PutDown what;
};

class Stacking {
 public:
  Stacking(const Cargo& cargo, const BlockSet& blocks);

  Filling empty() const;

  // The `most` best next steps, the best first. Spaces into which nothing goes are dropped from `filling`
  // before; no step: it is done.
  void next_steps(Filling& filling, const Reach& reach, std::size_t most, std::vector<Candidate>& out) const;

  void put_down(Filling& filling, const PutDown& what) const;

  Stowage stowage_of(const Filling& filling) const;

 private:
  struct Corner {
    std::array<bool, 3> high{};  // at the space's far end of that axis
  };

  std::size_t nearest_space(const Filling& filling, Corner& corner) const;
  void walls_of(const Filling& filling, const Cuboid& space) const;
  double contact_share(const Block& block, const Cuboid& space, const Extent& at) const;
  bool is_held(const Filling& filling, std::uint32_t block, const Extent& at) const;
  bool stands_on_corners(const Stowed& piece, const Filling& filling) const;
  bool balances(const Filling& filling, std::uint32_t block, const Extent& at) const;
  bool bears(const Filling& filling, std::uint32_t block, const Extent& at) const;
  bool find_place(const Filling& filling, std::uint32_t block, const Cuboid& space, const Corner& corner,
                  Extent& at) const;
  bool fits_there(const Filling& filling, std::uint32_t block, const Extent& at) const;
  void consider(const Filling& filling, const Reach& reach, const Cuboid& space, const Corner& corner,
                std::size_t most, std::vector<Candidate>& out) const;

  const Cargo& cargo_;
  const BlockSet& blocks_;
  std::array<std::int32_t, 3> tolerance_{};
  bool needs_pieces_ = false;
  bool has_loads_ = false;
  bool has_covered_ = false;
};

}  // namespace signalbox::pack
