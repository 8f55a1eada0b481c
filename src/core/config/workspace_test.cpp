#include "core/config/workspace.hpp"

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"

namespace signalbox {
namespace {

TEST(Workspace, AWorktreeSharesTheStateOfItsRepository) {
  const TemporaryDirectory folder;
  const std::string repository = (folder.path() / "r").string();
  const std::string worktree = (folder.path() / "w").string();
  ASSERT_EQ(run_process({"git", "init", "-q", repository})->exit_code, 0);
  ASSERT_EQ(run_process({"git", "-C", repository, "-c", "user.name=n", "-c", "user.email=e@x", "commit", "-q",
                         "--allow-empty", "-m", "a"})
                ->exit_code,
            0);
  ASSERT_EQ(run_process({"git", "-C", repository, "worktree", "add", "-q", worktree})->exit_code, 0);
  const auto first = find_workspace(repository);
  const auto second = find_workspace(worktree);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->state, std::filesystem::canonical(repository) / ".git" / "signalbox");
  EXPECT_EQ(second->state, first->state);
  EXPECT_EQ(second->root, std::filesystem::canonical(worktree));
}

TEST(Workspace, WithoutGitTheStateLiesBesideTheFile) {
  const TemporaryDirectory folder;
  ASSERT_TRUE(write_file_atomically(folder.path() / "signalbox.yaml", "name: engine\n"));
  ASSERT_TRUE(make_directories(folder.path() / "a" / "b"));
  const auto workspace = find_workspace(folder.path() / "a" / "b");
  ASSERT_TRUE(workspace);
  EXPECT_EQ(workspace->name, "engine");
  EXPECT_EQ(workspace->state, std::filesystem::canonical(folder.path()) / ".signalbox");
}

TEST(Workspace, ASectionInTwoPlacesIsRefused) {
  const TemporaryDirectory folder;
  ASSERT_TRUE(write_file_atomically(folder.path() / "signalbox.yaml", "train:\n  cadence: weekly\n"));
  ASSERT_TRUE(write_file_atomically(folder.path() / "signalbox" / "train.yaml", "cadence: monthly\n"));
  const auto workspace = find_workspace(folder.path());
  ASSERT_TRUE(workspace);
  EXPECT_FALSE(section(*workspace, "train"));
}

}  // namespace
}  // namespace signalbox
