#include "core/evidence/tile_edge.hpp"

#include <utility>

#include <fmt/format.h>

namespace signalbox::evidence {
namespace {

constexpr std::size_t kHashOctets = 32;
constexpr std::uint64_t kTileHashes = 256;
constexpr unsigned kTileHeight = 8;

Sha256 hash_at(std::string_view octets, std::size_t index) {
  return *sha256_from_octets(octets.substr(index * kHashOctets, kHashOctets));
}

// The root of the perfect tree over `count` hashes from `first` on; `count` is a power of two.
Sha256 perfect_root(std::string_view octets, std::size_t first, std::size_t count) {
  if (count == 1) return hash_at(octets, first);
  return node_hash(perfect_root(octets, first, count / 2),
                   perfect_root(octets, first + count / 2, count / 2));
}

}  // namespace

Result<TileEdge> TileEdge::load(std::uint64_t size, const TileReader& read) {
  TileEdge edge;
  for (std::uint64_t hashes = size, level = 0; hashes > 0; hashes /= kTileHashes, ++level) {
    TileBody body{static_cast<unsigned>(level), hashes / kTileHashes, {}};
    if (const std::uint64_t width = hashes % kTileHashes; width != 0) {
      SIGNALBOX_TRY(body.octets, read(body.level, body.index));
      if (body.octets.size() < width * kHashOctets) {
        return fail(ErrorKind::conflict, fmt::format("tile {}/{} holds {} octets; {} hashes are expected",
                                                     body.level, body.index, body.octets.size(), width));
      }
      body.octets.resize(width * kHashOctets);
    }
    edge.growing_.push_back(std::move(body));
  }
  return edge;
}

void TileEdge::append(const Sha256& leaf) {
  append_at(0, leaf);
}

void TileEdge::append_at(unsigned level, const Sha256& hash) {
  if (growing_.size() <= level) growing_.push_back({level, 0, {}});
  if (grew_.size() <= level) grew_.resize(level + 1);
  TileBody& tile = growing_[level];
  tile.octets += as_octets(hash);
  grew_[level] = tile.octets.size() < kTileHashes * kHashOctets;
  if (grew_[level]) return;
  const Sha256 root = root_of_tile(tile.octets);
  const std::uint64_t next = tile.index + 1;
  filled_.push_back(std::exchange(tile, TileBody{level, next, {}}));
  append_at(level + 1, root);
}

std::vector<TileBody> TileEdge::changed() const {
  std::vector<TileBody> out = filled_;
  for (std::size_t level = 0; level < grew_.size(); ++level) {
    if (grew_[level]) out.push_back(growing_[level]);
  }
  return out;
}

void TileEdge::forget_changed() {
  filled_.clear();
  grew_.clear();
}

Sha256 root_of_tile(std::string_view octets) {
  return perfect_root(octets, 0, kTileHashes);
}

HashReader hashes_of_tiles(TileReader read) {
  return [read = std::move(read)](unsigned level, std::uint64_t index) -> Result<Sha256> {
    const unsigned within = level % kTileHeight;
    const std::uint64_t first = index << within;
    const std::size_t count = std::size_t{1} << within;
    SIGNALBOX_TRY(const std::string octets, read(level / kTileHeight, first / kTileHashes));
    const std::size_t at = first % kTileHashes;
    if (octets.size() < (at + count) * kHashOctets) {
      return fail(ErrorKind::not_found, fmt::format("tile {}/{} does not hold hash {}", level / kTileHeight,
                                                    first / kTileHashes, at + count - 1));
    }
    return perfect_root(octets, at, count);
  };
}

}  // namespace signalbox::evidence
