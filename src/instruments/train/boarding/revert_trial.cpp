#include "instruments/train/boarding/revert_trial.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/git/git_process.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kSha256Digits = 64;

std::vector<std::string> as_nobody(std::vector<std::string> arguments) {
  std::vector<std::string> out = {"-c", "user.name=trial",     "-c", "user.email=trial@localhost",
                                  "-c", "commit.gpgSign=false"};
  out.insert(out.end(), arguments.begin(), arguments.end());
  return out;
}

}  // namespace

Result<RevertTrial> RevertTrial::open(const git::Repository& repository, std::string head) {
  SIGNALBOX_TRY(
      const ProcessResult objects,
      git::run_git(repository.directory(), {"rev-parse", "--path-format=absolute", "--git-path", "objects"}));
  if (objects.exit_code != 0) return fail(git::error_of_git("git rev-parse", objects));
  auto folder = std::make_unique<TemporaryDirectory>();
  std::vector<std::string> init = {"init", "--quiet", "--bare"};
  if (head.size() == kSha256Digits) init.emplace_back("--object-format=sha256");
  SIGNALBOX_TRY(const ProcessResult made, git::run_git(folder->path(), init));
  if (made.exit_code != 0) return fail(git::error_of_git("git init", made));
  SIGNALBOX_CHECK(write_file_atomically(folder->path() / "objects" / "info" / "alternates", objects.output));
  return RevertTrial(std::move(folder), std::move(head));
}

Result<std::string> RevertTrial::git(std::vector<std::string> arguments) const {
  const std::string name = arguments.front();
  SIGNALBOX_TRY(const ProcessResult said, git::run_git(folder_->path(), as_nobody(std::move(arguments))));
  if (said.exit_code != 0) return fail(git::error_of_git("git " + name, said));
  return std::string(trim(said.output));
}

// A commit on top of `commit` that has what was there before it: merging it takes the change back.
Result<std::string> RevertTrial::undone(const std::string& commit) const {
  auto tree = git({"rev-parse", "--verify", commit + "^1^{tree}"});
  if (!tree) {
    SIGNALBOX_TRY(const ProcessResult empty, git::run_git(folder_->path(), {"mktree"}));
    tree = std::string(trim(empty.output));
  }
  return git({"commit-tree", *tree, "-p", commit, "-m", "before"});
}

Result<RevertOutcome> RevertTrial::revert(const std::vector<std::string>& commits) const {
  RevertOutcome out;
  std::string head = head_;
  for (const std::string& commit : commits) {
    SIGNALBOX_TRY(const std::string before, undone(commit));
    SIGNALBOX_TRY(const ProcessResult merged,
                  git::run_git(folder_->path(), as_nobody({"merge-tree", "--write-tree", "--name-only",
                                                           "--no-messages", "-z", head, before})));
    if (merged.exit_code > 1) return fail(git::error_of_git("git merge-tree", merged));
    const std::vector<std::string_view> words = split(merged.output, '\0');
    if (merged.exit_code == 1) {
      out.conflict_at = commit;
      for (std::size_t i = 1; i < words.size(); ++i) {
        if (!words[i].empty()) out.paths.emplace_back(words[i]);
      }
      return out;
    }
    SIGNALBOX_TRY(head, git({"commit-tree", std::string(words.front()), "-p", head, "-m", "after"}));
  }
  return out;
}

}  // namespace signalbox::train
