#include "core/evidence/merkle.hpp"

#include <algorithm>
#include <bit>
#include <optional>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::evidence {
namespace {

constexpr unsigned kTileHeight = 8;
constexpr unsigned kTileWidth = 1U << kTileHeight;
constexpr unsigned kMaxLevel = 63;

// Leaves [low, high), low a multiple of the power of two that holds the range: the ranges that RFC 6962
// speaks of.
struct Range {
  std::uint64_t low;
  std::uint64_t high;
  std::uint64_t size() const { return high - low; }
  // The first leaf of the right half: the left one is the largest power of two smaller than the size.
  std::uint64_t middle() const { return low + std::bit_floor(size() - 1); }
};

Result<Sha256> range_hash(const Range& range, const HashReader& read) {
  if (std::has_single_bit(range.size())) {
    const auto level = static_cast<unsigned>(std::countr_zero(range.size()));
    return read(level, range.low >> level);
  }
  SIGNALBOX_TRY(const Sha256 left, range_hash({range.low, range.middle()}, read));
  SIGNALBOX_TRY(const Sha256 right, range_hash({range.middle(), range.high}, read));
  return node_hash(left, right);
}

Result<std::vector<Sha256>> hashes_of(const std::vector<Range>& top_down, const HashReader& read) {
  std::vector<Sha256> out;
  out.reserve(top_down.size());
  for (auto range = top_down.rbegin(); range != top_down.rend(); ++range) {
    SIGNALBOX_TRY(const Sha256 hash, range_hash(*range, read));
    out.push_back(hash);
  }
  return out;
}

std::string index_path(std::uint64_t index) {
  std::string out = fmt::format("{:03}", index % 1000);
  for (index /= 1000; index > 0; index /= 1000) out = fmt::format("x{:03}/{}", index % 1000, out);
  return out;
}

std::string with_width(std::string path, unsigned width) {
  return width < kTileWidth ? fmt::format("{}.p/{}", path, width) : path;
}

// Digits without a leading zero, at most `max`.
std::optional<std::uint64_t> plain_number(std::string_view text, std::uint64_t max) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value <= max ? std::optional(value) : std::nullopt;
}

// "x001/x234/067", as index_path writes it and no other way.
std::optional<std::uint64_t> index_from_path(std::string_view path) {
  std::uint64_t value = 0;
  for (std::string_view group : split(path, '/')) {
    if (!group.empty() && group.front() == 'x') group.remove_prefix(1);
    if (group.size() != 3 ||
        !std::all_of(group.begin(), group.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      return std::nullopt;
    }
    std::uint64_t digits = 0;
    for (const char c : group) digits = digits * 10 + static_cast<std::uint64_t>(c - '0');
    if (value > (UINT64_MAX - digits) / 1000) return std::nullopt;
    value = value * 1000 + digits;
  }
  return index_path(value) == path ? std::optional(value) : std::nullopt;
}

Status wrong(std::string message) {
  return fail(ErrorKind::bad_input, std::move(message));
}

}  // namespace

Sha256 leaf_hash(std::string_view data) {
  std::string octets(1, '\0');
  octets += data;
  return sha256(octets);
}

Sha256 node_hash(const Sha256& left, const Sha256& right) {
  std::array<char, 65> octets{};
  octets[0] = 1;
  std::copy(left.begin(), left.end(), octets.begin() + 1);
  std::copy(right.begin(), right.end(), octets.begin() + 33);
  return sha256({octets.data(), octets.size()});
}

Sha256 empty_root() {
  return sha256({});
}

Result<CompactRange> CompactRange::from(std::uint64_t size, std::vector<Sha256> hashes) {
  if (hashes.size() != static_cast<std::size_t>(std::popcount(size))) {
    return fail(ErrorKind::bad_input,
                fmt::format("the right edge of a tree of {} leaves has {} hashes, not {}", size,
                            std::popcount(size), hashes.size()));
  }
  CompactRange out;
  out.size_ = size;
  out.hashes_ = std::move(hashes);
  return out;
}

void CompactRange::append(const Sha256& leaf) {
  Sha256 hash = leaf;
  for (std::uint64_t bits = size_; (bits & 1) != 0; bits >>= 1) {
    hash = node_hash(hashes_.back(), hash);
    hashes_.pop_back();
  }
  hashes_.push_back(hash);
  ++size_;
}

Sha256 CompactRange::root() const {
  if (hashes_.empty()) return empty_root();
  Sha256 hash = hashes_.back();
  for (std::size_t i = hashes_.size() - 1; i > 0; --i) hash = node_hash(hashes_[i - 1], hash);
  return hash;
}

Result<Sha256> tree_root(std::uint64_t size, const HashReader& read) {
  if (size == 0) return empty_root();
  return range_hash({0, size}, read);
}

Result<std::vector<Sha256>> inclusion_proof(std::uint64_t index, std::uint64_t size, const HashReader& read) {
  if (index >= size) {
    return fail(ErrorKind::not_found, fmt::format("no entry {} in a log of {} entries", index, size));
  }
  std::vector<Range> siblings;
  for (Range range{0, size}; range.size() > 1;) {
    const std::uint64_t middle = range.middle();
    if (index < middle) {
      siblings.push_back({middle, range.high});
      range.high = middle;
    } else {
      siblings.push_back({range.low, middle});
      range.low = middle;
    }
  }
  return hashes_of(siblings, read);
}

Result<std::vector<Sha256>> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                              const HashReader& read) {
  if (old_size > size) {
    return fail(ErrorKind::bad_input,
                fmt::format("the old size {} is larger than the new size {}", old_size, size));
  }
  if (old_size == 0) return std::vector<Sha256>{};
  std::vector<Range> parts;
  Range range{0, size};
  while (range.high != old_size) {
    const std::uint64_t middle = range.middle();
    if (old_size <= middle) {
      parts.push_back({middle, range.high});
      range.high = middle;
    } else {
      parts.push_back({range.low, middle});
      range.low = middle;
    }
  }
  if (range.low != 0) parts.push_back(range);
  return hashes_of(parts, read);
}

Status verify_inclusion(std::uint64_t index, std::uint64_t size, const Sha256& leaf,
                        const std::vector<Sha256>& proof, const Sha256& root) {
  if (index >= size)
    return wrong(fmt::format("inclusion proof: index {} is outside a tree of {} leaves", index, size));
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  Sha256 hash = leaf;
  for (const Sha256& sibling : proof) {
    if (sn == 0) return wrong("inclusion proof: more hashes than the tree is high");
    if ((fn & 1) != 0 || fn == sn) {
      hash = node_hash(sibling, hash);
      for (; (fn & 1) == 0 && fn != 0; fn >>= 1) sn >>= 1;
    } else {
      hash = node_hash(hash, sibling);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return wrong("inclusion proof: fewer hashes than the tree is high");
  if (hash != root)
    return wrong("inclusion proof: the root computed from leaf and proof is not the root of the checkpoint");
  return {};
}

Status verify_consistency(std::uint64_t old_size, std::uint64_t size, const std::vector<Sha256>& proof,
                          const Sha256& old_root, const Sha256& root) {
  if (old_size > size)
    return wrong(fmt::format("consistency proof: the old size {} is larger than the new {}", old_size, size));
  if (old_size == size) {
    if (!proof.empty()) return wrong("consistency proof: no hashes are needed, some are there");
    if (size == 0 && root != empty_root())
      return wrong("consistency proof: the root is not that of an empty tree");
    if (old_root != root) return wrong("consistency proof: two roots for one size: the log was forked");
    return {};
  }
  if (old_size == 0)
    return wrong("consistency proof: every tree follows from the empty one, so it proves nothing");
  if (proof.empty()) return wrong("consistency proof: no hashes");
  std::uint64_t fn = old_size - 1;
  std::uint64_t sn = size - 1;
  for (; (fn & 1) != 0; fn >>= 1) sn >>= 1;
  const bool starts_with_old_root = std::has_single_bit(old_size);
  Sha256 old_hash = starts_with_old_root ? old_root : proof[0];
  Sha256 hash = old_hash;
  for (std::size_t i = starts_with_old_root ? 0 : 1; i < proof.size(); ++i) {
    if (sn == 0) return wrong("consistency proof: more hashes than the tree is high");
    if ((fn & 1) != 0 || fn == sn) {
      old_hash = node_hash(proof[i], old_hash);
      hash = node_hash(proof[i], hash);
      for (; (fn & 1) == 0 && fn != 0; fn >>= 1) sn >>= 1;
    } else {
      hash = node_hash(hash, proof[i]);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return wrong("consistency proof: fewer hashes than the tree is high");
  if (old_hash != old_root) return wrong("consistency proof: the old root does not follow from it");
  if (hash != root) return wrong("consistency proof: the new root does not follow from it");
  return {};
}

std::string tile_path(const Tile& tile) {
  return with_width(fmt::format("tile/{}/{}", tile.level, index_path(tile.index)), tile.width);
}

std::string entries_path(const Tile& tile) {
  return with_width("tile/entries/" + index_path(tile.index), tile.width);
}

Result<Tile> parse_tile_path(std::string_view path, bool& is_entries) {
  const auto refuse = [path] {
    return fail(ErrorKind::not_found,
                fmt::format("{}: not the path of a tile", printable(path.substr(0, 200))));
  };
  constexpr std::string_view prefix = "tile/";
  if (path.substr(0, prefix.size()) != prefix) return refuse();
  path.remove_prefix(prefix.size());
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return refuse();
  Tile tile;
  is_entries = path.substr(0, slash) == "entries";
  if (!is_entries) {
    const auto level = plain_number(path.substr(0, slash), kMaxLevel);
    if (!level) return refuse();
    tile.level = static_cast<unsigned>(*level);
  }
  path.remove_prefix(slash + 1);
  if (const std::size_t partial = path.find(".p/"); partial != std::string_view::npos) {
    const auto width = plain_number(path.substr(partial + 3), kTileWidth - 1);
    if (!width || *width == 0) return refuse();
    tile.width = static_cast<unsigned>(*width);
    path = path.substr(0, partial);
  }
  const auto index = index_from_path(path);
  if (!index) return refuse();
  tile.index = *index;
  return tile;
}

std::vector<Tile> tiles_of(std::uint64_t size) {
  std::vector<Tile> out;
  unsigned level = 0;
  for (std::uint64_t hashes = size; hashes > 0; hashes >>= kTileHeight, ++level) {
    for (std::uint64_t i = 0; i < hashes / kTileWidth; ++i) out.push_back({level, i, kTileWidth});
    if (const auto rest = static_cast<unsigned>(hashes % kTileWidth); rest != 0) {
      out.push_back({level, hashes / kTileWidth, rest});
    }
  }
  return out;
}

}  // namespace signalbox::evidence
