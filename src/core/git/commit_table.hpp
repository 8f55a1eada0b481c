// Commits by number: a graph with dates and a text for each, that grows and is kept in a file between runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/mapped_file.hpp"
#include "core/git/id_index.hpp"

namespace signalbox::git {

// Commits on their way into a table, as one reader found them.
struct CommitBatch {
  std::vector<ObjectId> ids;
  std::vector<std::int64_t> times_s;
  std::vector<std::uint32_t> parent_ends;  // of each commit, in `parents`
  std::vector<ObjectId> parents;
  std::vector<std::uint64_t> text_ends;  // of each commit, in `texts`
  std::string texts;
};

class CommitTable {
 public:
  // `text_version` names what the texts are: a file with texts of another is not read.
  CommitTable(IdFormat format, std::uint32_t text_version) : format_(format), text_version_(text_version) {}

  IdFormat format() const { return format_; }
  std::uint32_t size() const { return ids_.size(); }
  std::optional<std::uint32_t> find(const ObjectId& id) const { return ids_.find(id); }
  const ObjectId& id(std::uint32_t commit) const { return ids_[commit]; }
  std::span<const std::uint32_t> parents(std::uint32_t commit) const;
  std::int64_t time_s(std::uint32_t commit) const {
    return times_s_[commit];
  }  // of the committer: it may lie
  std::string_view text(std::uint32_t commit) const;

  // Commits that are in it already stay as they are. Parents that are in neither the table nor the batches
  // (beyond a shallow edge) are left out.
  void add(std::span<const CommitBatch> batches);

  // How many commits git itself once counted from these tips.
  struct Count {
    std::vector<std::uint32_t> tips;  // ascending; none of them reaches another
    std::uint64_t commits = 0;
  };
  const std::vector<Count>& counts() const { return counts_; }
  void remember(Count count);  // the oldest is forgotten where there are many

  std::string write() const;
  // Nothing where the octets are not a whole table of this format: its checksum is looked at first. They must
  // outlive the table, whose texts stay in them.
  static std::optional<CommitTable> read(std::string_view octets, IdFormat format,
                                         std::uint32_t text_version);
  // The same of a file, which is replaced and never changed in place.
  static std::optional<CommitTable> open(const std::filesystem::path& file, IdFormat format,
                                         std::uint32_t text_version);

 private:
  bool is_sound() const;

  IdFormat format_;
  std::uint32_t text_version_;
  IdIndex ids_;
  std::vector<std::int64_t> times_s_;
  std::vector<std::uint32_t> parent_ends_;
  std::vector<std::uint32_t> parents_;
  std::vector<std::uint64_t> text_ends_;
  std::string_view old_texts_;  // of what was read from octets
  std::string texts_;           // behind them: of what came later
  std::optional<MappedFile> file_;
  std::vector<Count> counts_;
};

// Octets with the checksum that a table's file ends with.
std::string with_checksum(std::string octets);

// What `tips` reach, each before its parents, in the order of `git log --topo-order TIPS`.
std::vector<std::uint32_t> topological_order(const CommitTable& table,
                                             const std::vector<std::uint32_t>& tips);

// Those of `tips` that no other of them reaches, ascending: they reach the same commits.
std::vector<std::uint32_t> heads_of(const CommitTable& table, const std::vector<std::uint32_t>& tips);

// For each commit of the table whether one of `tips` reaches it.
std::vector<bool> reachable(const CommitTable& table, const std::vector<std::uint32_t>& tips);

}  // namespace signalbox::git
