// A throw-away repository for tests and benches: a history is described as values, and written in one go
// through git fast-import.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/file.hpp"
#include "core/git/repository.hpp"

namespace signalbox::git {

// A commit to be: its message as octets, its parents as what `History::commit` returned for them.
struct CommitPlan {
  std::string message;
  std::vector<int> parents;
  std::int64_t time_s = 1'700'000'000;
  std::string author = "Ada Example <ada@example.org>";
  std::map<std::string, std::string> files;  // path → content; added to what the first parent has
};

// A history to be. Commits are numbered from 1, in the order in which they were added.
class History {
 public:
  int commit(CommitPlan plan);
  int commit(std::string message, std::vector<int> parents = {});  // a minute after the one added before
  void tag(std::string name, int commit) { refs_.emplace_back("refs/tags/" + std::move(name), commit); }
  void branch(std::string name, int commit) { refs_.emplace_back("refs/heads/" + std::move(name), commit); }
  std::string fast_import() const;

 private:
  std::string commands_;
  std::vector<std::pair<std::string, int>> refs_;
  int count_ = 0;
};

// The repository on disk, HEAD on branch main, removed at the end of its life. Aborts when git fails.
class ScratchRepository {
 public:
  enum class Kind { with_work_tree, bare };
  explicit ScratchRepository(const History& history = {}, Kind kind = Kind::with_work_tree);

  const std::filesystem::path& path() const { return path_; }
  std::string id(int commit) const;  // of a commit of the history
  Repository open() const;
  // The output of `git ARGUMENTS`, without the last line break.
  std::string git(const std::vector<std::string>& arguments, std::string_view input = {}) const;

 private:
  TemporaryDirectory folder_;
  std::filesystem::path path_;
  std::vector<std::string> ids_;
};

}  // namespace signalbox::git
