// The Merkle tree of RFC 6962 section 2.1 and its proofs, over SHA-256, and C2SP tlog-tiles coordinates.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"

namespace signalbox::evidence {

Sha256 leaf_hash(std::string_view data);                    // SHA-256(0x00 ‖ data)
Sha256 node_hash(const Sha256& left, const Sha256& right);  // SHA-256(0x01 ‖ left ‖ right)
Sha256 empty_root();                                        // SHA-256 of nothing

// The right edge of a tree: the roots of its perfect subtrees, largest first. Enough to append and to know
// the root.
class CompactRange {
 public:
  CompactRange() = default;
  static Result<CompactRange> from(std::uint64_t size,
                                   std::vector<Sha256> hashes);  // as many hashes as size has one bits
  void append(const Sha256& leaf);
  std::uint64_t size() const { return size_; }
  const std::vector<Sha256>& hashes() const { return hashes_; }
  Sha256 root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Sha256> hashes_;
};

// Where hashes come from: the root of the perfect subtree of 2^level leaves whose index at that level is
// `index`.
using HashReader = std::function<Result<Sha256>(unsigned level, std::uint64_t index)>;

Result<Sha256> tree_root(std::uint64_t size, const HashReader& read);
Result<std::vector<Sha256>> inclusion_proof(std::uint64_t index, std::uint64_t size, const HashReader& read);
Result<std::vector<Sha256>> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                              const HashReader& read);

// RFC 9162 2.1.3.2 and 2.1.4.2. The error says which part does not fit.
Status verify_inclusion(std::uint64_t index, std::uint64_t size, const Sha256& leaf,
                        const std::vector<Sha256>& proof, const Sha256& root);
Status verify_consistency(std::uint64_t old_size, std::uint64_t size, const std::vector<Sha256>& proof,
                          const Sha256& old_root, const Sha256& root);

// A tile of the static tree: 256 hashes wide; width 1-255 is a partial one.
struct Tile {
  unsigned level = 0;
  std::uint64_t index = 0;
  unsigned width = 256;
  bool operator==(const Tile&) const = default;
};
std::string tile_path(const Tile& tile);                                // "tile/1/x001/x234/067.p/17"
std::string entries_path(const Tile& tile);                             // "tile/entries/x001/x234/067"
Result<Tile> parse_tile_path(std::string_view path, bool& is_entries);  // strict: one spelling only
std::vector<Tile> tiles_of(
    std::uint64_t size);  // every tile of a tree of that size, partial ones included, none empty

}  // namespace signalbox::evidence
