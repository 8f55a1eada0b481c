// A log as static files serve it, C2SP tlog-tiles: read without trusting whoever serves them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/merkle.hpp"

namespace signalbox::evidence {

// Where the files are.
class TileSource {
 public:
  static constexpr std::size_t kMaxFileBytes = std::size_t{256} * (65'535 + 2);  // 256 records of the largest

  virtual ~TileSource() = default;
  // The octets at "checkpoint" or "tile/0/000.p/3". not_found where there is none; unavailable where nobody
  // can say now.
  virtual Result<std::string> read(const std::string& path) const = 0;
};
std::unique_ptr<TileSource> tiles_in(std::filesystem::path folder);

// The tree of the first `size` entries. The source must outlive it.
class ServedTree {
 public:
  ServedTree(const TileSource& source, std::uint64_t size) : source_(source), size_(size) {}
  std::uint64_t size() const { return size_; }

  // The tile as a tree of this size has it. A partial one that is gone is read from the full tile that
  // replaced it. conflict where it is shorter than that.
  Result<std::string> tile(unsigned level, std::uint64_t index) const;
  // 256 records from 256·index on, fewer at the end. conflict where there are fewer than the size asks for.
  Result<std::vector<std::string>> records(std::uint64_t index) const;
  // Roots of perfect subtrees, each tile read once as long as it is the newest of its level.
  HashReader hashes() const;
  // The tree's first `size` leaves, as much as goes on from there. The hashes are those that are served.
  Result<CompactRange> range(std::uint64_t size) const;

 private:
  Result<std::string> file(const Tile& tile, std::string (*path)(const Tile&)) const;
  Tile tile_at(unsigned level, std::uint64_t index) const;

  const TileSource& source_;
  std::uint64_t size_ = 0;
  mutable std::map<unsigned, std::pair<std::uint64_t, std::string>> newest_;  // by level: index and octets
};

// Every leaf, tile and the root of a served log, recomputed from its records.
struct ServedAudit {
  std::uint64_t entries = 0, tiles = 0;
  std::vector<std::string> failures;  // each names layer and index; the first kMaxFailures of them
  static constexpr std::size_t kMaxFailures = 100;
};
Result<ServedAudit> audit_served(
    const TileSource& source, const Checkpoint& checkpoint,
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);

}  // namespace signalbox::evidence
