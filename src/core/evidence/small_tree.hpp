// A Merkle tree in memory, for tests: the leaves are "1", "2", … "n".
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/evidence/merkle.hpp"

namespace signalbox::evidence {

// The roots of all perfect subtrees over the leaves "1", "2", … "n".
class SmallTree {
 public:
  explicit SmallTree(std::uint64_t size) : levels_(1) {
    for (std::uint64_t i = 1; i <= size; ++i) levels_[0].push_back(leaf_hash(std::to_string(i)));
    while (levels_.back().size() > 1) {
      std::vector<Sha256> next;
      for (std::size_t i = 0; i + 1 < levels_.back().size(); i += 2)
        next.push_back(node_hash(levels_.back()[i], levels_.back()[i + 1]));
      levels_.push_back(std::move(next));
    }
  }
  HashReader reader() const {
    return
        [this](unsigned level, std::uint64_t index) -> Result<Sha256> { return levels_.at(level).at(index); };
  }
  const Sha256& leaf(std::uint64_t index) const { return levels_[0][index]; }

 private:
  std::vector<std::vector<Sha256>> levels_;
};

}  // namespace signalbox::evidence
