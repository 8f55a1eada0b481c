// Everything that some tips hold, read at once and kept between runs: what is read of a commit can never
// change.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/git/commit_table.hpp"
#include "core/git/history_walk.hpp"
#include "core/git/repository.hpp"
#include "instruments/train/plan.hpp"

namespace signalbox::train {

struct WholeHistoryQuery {
  std::vector<std::string> tips;  // ids of commits
  std::filesystem::path cache;    // replaced where much was learnt; empty, or not writable: nothing is kept
  enum class Total { by_git, not_asked } total = Total::by_git;
  git::OnCommitsRead on_commits_read = {};
};

// What an earlier run kept in `cache`; an empty table where there is none, or where it is damaged or of
// another version. Of a shallow clone nothing is kept: its edge moves.
git::CommitTable open_history_cache(const git::Repository& repository, const std::filesystem::path& cache);

class WholeHistory {
 public:
  // `known`: from `open_history_cache`; it only saves time. Of a shallow clone what is there. The repository
  // must outlive what comes back.
  static Result<WholeHistory> read(const git::Repository& repository, WholeHistoryQuery query,
                                   git::CommitTable known);
  WholeHistory(WholeHistory&&) noexcept;
  ~WholeHistory();

  // With texts for `read_parsed`; may hold more than the tips do.
  const git::CommitTable& commits() const { return commits_; }
  // What the tips hold, each before its parents, as `git log --topo-order` has it.
  const std::vector<std::uint32_t>& order() const { return order_; }
  // The commit as a manifest takes it; it views this history.
  ReadCommit commit(std::uint32_t number) const;
  std::optional<std::uint32_t> find(std::string_view hex) const;
  // How many commits the tips hold as git counts them by itself, which it does while others read. May be
  // asked once.
  Result<std::uint64_t> total();

 private:
  class Counting;
  WholeHistory(const git::Repository& repository, WholeHistoryQuery query, git::CommitTable known);
  void keep_what_was_learnt(std::uint64_t counted);

  const git::Repository& repository_;
  WholeHistoryQuery query_;
  git::CommitTable commits_;
  std::uint32_t known_commits_;
  std::vector<std::uint32_t> tips_;
  std::vector<std::uint32_t> order_;
  std::unique_ptr<Counting> counting_;
};

}  // namespace signalbox::train
