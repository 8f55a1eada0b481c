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

TEST(Workspace, ASectionThatIsASlipAwayIsRefusedWithItsPlace) {
  const TemporaryDirectory folder;
  ASSERT_TRUE(write_file_atomically(folder.path() / "signalbox.yaml", "name: x\ntrian:\n  gates: []\n"));
  const auto workspace = find_workspace(folder.path());
  ASSERT_TRUE(workspace) << workspace.error().message;
  const auto train = section(*workspace, "train");
  ASSERT_FALSE(train);
  EXPECT_EQ(train.error().hint, "did you mean 'train'?");
  EXPECT_TRUE(train.error().message.starts_with("signalbox.yaml:2:1: trian: ")) << train.error().message;
  EXPECT_FALSE(section(*workspace, "slo")->exists());
}

TEST(Workspace, AFileThatIsNoMapIsRefused) {
  const TemporaryDirectory folder;
  ASSERT_TRUE(write_file_atomically(folder.path() / "signalbox.yaml", "- a\n"));
  EXPECT_EQ(find_workspace(folder.path()).error().kind, ErrorKind::bad_input);
}

TEST(Workspace, TheStateLiesWhereGitSaysItsCommonDirectoryIs) {
  const TemporaryDirectory folder;
  const auto git = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"git", "-C", folder.path().string()});
    return run_process(words)->output;
  };
  git({"init", "-q", "plain"});
  git({"init", "-q", "--bare", "bare.git"});
  git({"init", "-q", "--separate-git-dir", "elsewhere", "separate"});
  for (const std::string at : {"plain", "bare.git", "separate", "plain/.git"}) {
    const auto workspace = find_workspace(folder.path() / at);
    ASSERT_TRUE(workspace && workspace->git_directory) << at;
    const std::string said = run_process({"git", "-C", folder.path() / at, "rev-parse",
                                          "--path-format=absolute", "--git-common-dir"})
                                 ->output;
    EXPECT_EQ(workspace->git_directory->string() + "\n", said) << at;
  }
}

}  // namespace
}  // namespace signalbox
