// The right edge of the tile tree while entries are appended: the tiles that are still growing, one a level.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/evidence/merkle.hpp"

namespace signalbox::evidence {

// A tile's hashes so far, 32 octets each. A narrower tile is a prefix of the wider one, so one body serves
// every width below its own.
struct TileBody {
  unsigned level = 0;
  std::uint64_t index = 0;
  std::string octets;
};

// Reads the octets of a stored tile.
using TileReader = std::function<Result<std::string>(unsigned level, std::uint64_t index)>;

class TileEdge {
 public:
  // The edge of a tree of `size` leaves whose tiles `read` gives.
  static Result<TileEdge> load(std::uint64_t size, const TileReader& read);
  void append(const Sha256& leaf);
  // The tiles that changed since `load` or `forget_changed`, each once with all its hashes.
  std::vector<TileBody> changed() const;
  // They were written: what changes from now on is collected anew.
  void forget_changed();

 private:
  void append_at(unsigned level, const Sha256& hash);
  // By level; a full one is replaced by its successor when the next hash comes.
  std::vector<TileBody> growing_;
  std::vector<bool> grew_;        // by level: the growing one changed
  std::vector<TileBody> filled_;  // those that became full
};

// The root of a full tile: the perfect tree over its 256 hashes.
Sha256 root_of_tile(std::string_view octets);

// Hashes of perfect subtrees out of tiles, for proofs.
HashReader hashes_of_tiles(TileReader read);

}  // namespace signalbox::evidence
