#include "core/evidence/served_tree.hpp"

#include <algorithm>
#include <bit>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/evidence/entry_bundle.hpp"
#include "core/evidence/tile_edge.hpp"

namespace signalbox::evidence {
namespace {

constexpr unsigned kTileHeight = 8;
constexpr std::uint64_t kTileWidth = 256;
constexpr std::size_t kHashOctets = 32;

class Folder final : public TileSource {
 public:
  explicit Folder(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Result<std::string> read(const std::string& path) const override {
    return read_file(folder_ / path, kMaxFileBytes);
  }

 private:
  std::filesystem::path folder_;
};

Tile whole(Tile tile) {
  tile.width = kTileWidth;
  return tile;
}

}  // namespace

std::unique_ptr<TileSource> tiles_in(std::filesystem::path folder) {
  return std::make_unique<Folder>(std::move(folder));
}

Tile ServedTree::tile_at(unsigned level, std::uint64_t index) const {
  const std::uint64_t hashes = size_ >> (kTileHeight * level);
  const std::uint64_t left = hashes > index * kTileWidth ? hashes - index * kTileWidth : 0;
  return {level, index, static_cast<unsigned>(std::min(left, kTileWidth))};
}

Result<std::string> ServedTree::file(const Tile& tile, std::string (*path)(const Tile&)) const {
  if (tile.width == 0)
    return fail(ErrorKind::not_found, fmt::format("tile {}/{}: beyond the end", tile.level, tile.index));
  auto octets = source_.read(path(tile));
  const bool is_gone = !octets && octets.error().kind == ErrorKind::not_found;
  if (is_gone && tile.width < kTileWidth) return source_.read(path(whole(tile)));
  return octets;
}

Result<std::string> ServedTree::tile(unsigned level, std::uint64_t index) const {
  const Tile wanted = tile_at(level, index);
  SIGNALBOX_TRY(std::string octets, file(wanted, tile_path));
  const std::size_t length = wanted.width * kHashOctets;
  if (octets.size() < length) {
    return fail(ErrorKind::conflict,
                fmt::format("tile {}/{}: {} octets, and {} are wanted", level, index, octets.size(), length));
  }
  octets.resize(length);
  return octets;
}

Result<std::vector<std::string>> ServedTree::records(std::uint64_t index) const {
  const Tile wanted = tile_at(0, index);
  SIGNALBOX_TRY(const std::string octets, file(wanted, entries_path));
  const auto parsed = parse_entry_bundle(octets);
  if (!parsed || parsed->size() < wanted.width) {
    return fail(ErrorKind::conflict, fmt::format("entries {}: {}", index,
                                                 parsed ? fmt::format("{} records, and {} are wanted",
                                                                      parsed->size(), wanted.width)
                                                        : parsed.error().message));
  }
  return std::vector<std::string>(parsed->begin(), parsed->begin() + wanted.width);
}

HashReader ServedTree::hashes() const {
  return hashes_of_tiles([this](unsigned level, std::uint64_t index) -> Result<std::string> {
    const auto found = newest_.find(level);
    if (found != newest_.end() && found->second.first == index) return found->second.second;
    SIGNALBOX_TRY(std::string octets, tile(level, index));
    newest_[level] = {index, octets};
    return octets;
  });
}

Result<CompactRange> ServedTree::range(std::uint64_t size) const {
  const HashReader read = hashes();
  std::vector<Sha256> roots;
  std::uint64_t done = 0;
  for (unsigned level = static_cast<unsigned>(std::bit_width(size)); level-- > 0;) {
    if (((size >> level) & 1) == 0) continue;
    SIGNALBOX_TRY(const Sha256 root, read(level, done >> level));
    roots.push_back(root);
    done += std::uint64_t{1} << level;
  }
  return CompactRange::from(size, std::move(roots));
}

namespace {

// Holds served tiles against those that the records give.
class Audit {
 public:
  Audit(const TileSource& source, const Checkpoint& checkpoint, ServedAudit& out)
      : tree_(source, checkpoint.size), checkpoint_(checkpoint), out_(out) {}

  Status run(const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    SIGNALBOX_TRY(edge_, TileEdge::load(0, {}));
    const std::uint64_t bundles = (checkpoint_.size + kTileWidth - 1) / kTileWidth;
    for (std::uint64_t bundle = 0; bundle < bundles; ++bundle) {
      const auto records = tree_.records(bundle);
      if (!records && records.error().kind == ErrorKind::unavailable) return fail(records.error());
      if (!records) {  // what follows cannot be computed without them
        say(records.error().message);
        return {};
      }
      for (const std::string& record : *records) {
        const Sha256 leaf = leaf_hash(record);
        range_.append(leaf);
        edge_.append(leaf);
      }
      out_.entries += records->size();
      SIGNALBOX_CHECK(compare(bundle + 1 == bundles));
      if (progress) progress(out_.entries, checkpoint_.size);
    }
    if (range_.root() != checkpoint_.root)
      say(fmt::format("root: the records of {} entries do not give that of the checkpoint", out_.entries));
    return {};
  }

 private:
  void say(std::string line) {
    if (out_.failures.size() < ServedAudit::kMaxFailures) out_.failures.push_back(std::move(line));
  }

  // The tiles that became full; those that are still growing at the end.
  Status compare(bool is_end) {
    for (TileBody& body : edge_.changed()) {
      const bool is_full = body.octets.size() == kTileWidth * kHashOctets;
      if (is_full) {
        growing_.erase(body.level);
        SIGNALBOX_CHECK(compare_one(body));
      } else {
        const unsigned level = body.level;
        growing_[level] = std::move(body);
      }
    }
    edge_.forget_changed();
    for (auto tile = growing_.begin(); is_end && tile != growing_.end(); ++tile)
      SIGNALBOX_CHECK(compare_one(tile->second));
    return {};
  }

  Status compare_one(const TileBody& body) {
    const auto served = tree_.tile(body.level, body.index);
    if (!served && served.error().kind == ErrorKind::unavailable) return fail(served.error());
    ++out_.tiles;
    if (!served) {
      say(served.error().message);
    } else if (*served != body.octets) {
      say(fmt::format("tile {}/{}: it is not that of the records", body.level, body.index));
    }
    return {};
  }

  ServedTree tree_;
  const Checkpoint& checkpoint_;
  ServedAudit& out_;
  TileEdge edge_;
  std::map<unsigned, TileBody> growing_;  // by level
  CompactRange range_;
};

}  // namespace

Result<ServedAudit> audit_served(const TileSource& source, const Checkpoint& checkpoint,
                                 const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  ServedAudit out;
  SIGNALBOX_CHECK(Audit(source, checkpoint, out).run(progress));
  return out;
}

}  // namespace signalbox::evidence
