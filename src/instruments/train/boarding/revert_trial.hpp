// What would happen if commits were reverted: tried with git's own merge, in a repository that is thrown away
// and borrows the objects of the real one, which is not written to.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/file.hpp"
#include "core/git/repository.hpp"

namespace signalbox::train {

struct RevertOutcome {
  std::string conflict_at;         // the commit that cannot be reverted; empty: all can
  std::vector<std::string> paths;  // where it conflicts
  bool is_clean() const { return conflict_at.empty(); }
};

class RevertTrial {
 public:
  // `head`: full id of the commit on top of which is reverted.
  static Result<RevertTrial> open(const git::Repository& repository, std::string head);
  // In this order: the newest first. Merges against their first parent.
  Result<RevertOutcome> revert(const std::vector<std::string>& commits) const;

 private:
  RevertTrial(std::unique_ptr<TemporaryDirectory> folder, std::string head)
      : folder_(std::move(folder)), head_(std::move(head)) {}
  Result<std::string> git(std::vector<std::string> arguments) const;
  Result<std::string> undone(const std::string& commit) const;

  std::unique_ptr<TemporaryDirectory> folder_;
  std::string head_;
};

}  // namespace signalbox::train
