#include "core/base/folder.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "core/base/file.hpp"

namespace signalbox {
namespace {

namespace fs = std::filesystem;

TEST(Folders, TheirFilesAreInOrderAndNothingElseIs) {
  const TemporaryDirectory folder;
  for (const char* name : {"b", "a", "c"}) std::ofstream(folder.path() / name) << name;
  fs::create_directory(folder.path() / "inner");
  const auto files = files_in(folder.path());
  ASSERT_TRUE(files);
  EXPECT_EQ(*files, (std::vector<fs::path>{folder.path() / "a", folder.path() / "b", folder.path() / "c"}));
}

TEST(Folders, OneThatIsNotThereHasNoFilesAndAFileIsNoFolder) {
  const TemporaryDirectory folder;
  std::ofstream(folder.path() / "file") << "x";
  EXPECT_TRUE(files_in(folder.path() / "absent")->empty());
  EXPECT_FALSE(files_in(folder.path() / "file"));
}

TEST(Folders, AFileIsRemovedOnceAndAFolderIsNot) {
  const TemporaryDirectory folder;
  std::ofstream(folder.path() / "file") << "x";
  EXPECT_TRUE(remove_if_there(folder.path() / "file"));
  EXPECT_FALSE(fs::exists(folder.path() / "file"));
  EXPECT_TRUE(remove_if_there(folder.path() / "file"));
  EXPECT_FALSE(remove_if_there(folder.path()));
}

}  // namespace
}  // namespace signalbox
