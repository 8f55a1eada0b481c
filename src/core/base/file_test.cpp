#include "core/base/file.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/process.hpp"

using namespace signalbox;

TEST(WriteFileAtomically, ReplacesTheWholeFileWithTheModeAskedFor) {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "a" / "b" / "key";
  ASSERT_TRUE(write_file_atomically(path, "first, and longer", 0600));
  ASSERT_TRUE(write_file_atomically(path, "second", 0600));
  EXPECT_EQ(read_file(path).value(), "second");
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  const auto entries = std::filesystem::directory_iterator(path.parent_path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1) << "a temporary file was left behind";
}

TEST(WriteFileAtomically, LeavesNothingBehindWhenItFails) {
  const TemporaryDirectory folder;
  std::filesystem::create_directories(folder.path() / "taken" / "by-a-folder");
  EXPECT_FALSE(write_file_atomically(folder.path() / "taken", "x"));
  const auto entries = std::filesystem::directory_iterator(folder.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

// What a power cut may not undo: the content is synced before the new name is given, the name after. Seen
// from outside, by strace.
TEST(WriteFileAtomically, SyncsTheFileThenRenamesThenSyncsTheFolder) {
  if (std::getenv("SIGNALBOX_TEST_WRITE") != nullptr) {
    ASSERT_TRUE(write_file_atomically(std::getenv("SIGNALBOX_TEST_WRITE"), "x"));
    return;
  }
  if (!find_program("strace")) GTEST_SKIP() << "strace is not installed";
  const TemporaryDirectory folder;
  const auto traced =
      run_process({"strace", "-f", "-e", "trace=fsync,fdatasync,rename,renameat,renameat2,write", "-o",
                   (folder.path() / "log").string(), own_executable().string(),
                   "--gtest_filter=WriteFileAtomically.SyncsTheFileThenRenamesThenSyncsTheFolder"},
                  {.environment = {{"SIGNALBOX_TEST_WRITE", (folder.path() / "target").string()},
                                   {"GTEST_OUTPUT", ""},
                                   {"ASAN_OPTIONS", "detect_leaks=0"}}});
  ASSERT_TRUE(traced) << traced.error().message;
  ASSERT_EQ(traced->exit_code, 0) << traced->output << traced->errors;
  const std::string log = read_file(folder.path() / "log").value();
  const std::size_t written = log.find("\"x\", 1)");
  const std::size_t synced = log.find("sync(", written);
  const std::size_t renamed = log.find("rename", synced);
  const std::size_t folder_synced = log.find("fsync(", renamed);
  EXPECT_NE(written, std::string::npos) << log;
  EXPECT_NE(synced, std::string::npos) << log;
  EXPECT_NE(renamed, std::string::npos) << log;
  EXPECT_NE(folder_synced, std::string::npos) << log;
}

TEST(ReadFile, SaysWhyItCannot) {
  const TemporaryDirectory folder;
  EXPECT_EQ(read_file(folder.path() / "absent").error().kind, ErrorKind::not_found);
  EXPECT_EQ(read_file(folder.path()).error().kind, ErrorKind::bad_input);
  ASSERT_TRUE(write_file_atomically(folder.path() / "large", std::string(100, 'x')));
  EXPECT_EQ(read_file(folder.path() / "large", 99).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(read_file(folder.path() / "large", 100).value().size(), 100U);
  EXPECT_EQ(read_file("/proc/self/status", 10).error().kind, ErrorKind::bad_input);
}

TEST(ErrorFromErrno, NamesTheKind) {
  EXPECT_EQ(error_from_errno(ENOENT, "x").kind, ErrorKind::not_found);
  EXPECT_EQ(error_from_errno(EACCES, "x").kind, ErrorKind::denied);
  EXPECT_EQ(error_from_errno(EROFS, "x").kind, ErrorKind::denied);
  EXPECT_EQ(error_from_errno(ENOSPC, "x").kind, ErrorKind::unavailable);
  EXPECT_EQ(error_from_errno(ENOSPC, "writing y").message, "writing y: No space left on device");
}
