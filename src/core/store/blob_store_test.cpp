#include <cstdlib>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/store/database.hpp"

namespace signalbox::store {
namespace {

// What a power cut may not undo, seen from outside by strace: each new folder is entered durably into the one
// above it, the file is synced before it gets its name, the folder after.
TEST(Blobs, FoldersAndFilesAreSyncedBeforeTheyAreAcknowledged) {
  if (const char* const folder = std::getenv("SIGNALBOX_TEST_BLOBS"); folder != nullptr) {
    ASSERT_TRUE(BlobStore(folder).put("hello"));
    return;
  }
  if (!find_program("strace")) GTEST_SKIP() << "strace is not installed";
  const TemporaryDirectory folder;
  const std::string blobs = (folder.path() / "blobs").string();
  const std::string log_file = (folder.path() / "log").string();
  const auto traced = run_process(
      {"strace", "-f", "-y", "-e", "trace=mkdir,mkdirat,fsync,fdatasync,rename,renameat,renameat2", "-o",
       log_file, own_executable().string(),
       "--gtest_filter=Blobs.FoldersAndFilesAreSyncedBeforeTheyAreAcknowledged"},
      {.environment = {
           {"SIGNALBOX_TEST_BLOBS", blobs}, {"GTEST_OUTPUT", ""}, {"ASAN_OPTIONS", "detect_leaks=0"}}});
  ASSERT_TRUE(traced) << traced.error().message;
  ASSERT_EQ(traced->exit_code, 0) << traced->output << traced->errors;
  const std::string log = *read_file(log_file);
  std::size_t at = 0;
  const std::vector<std::string> steps{
      "mkdir", "sync(",       folder.path().string() + ">", "mkdir", "sync(", blobs + ">", "sync(", "rename",
      "sync(", blobs + "/2c>"};
  for (const std::string& step : steps) {
    at = log.find(step, at);
    ASSERT_NE(at, std::string::npos) << "no '" << step << "' in its place:\n" << log;
    ++at;
  }
}

TEST(Blobs, ACorruptedBlobIsNamedAndNotHandedOut) {
  const TemporaryDirectory folder;
  BlobStore blobs(folder.path());
  const auto digest = blobs.put("hello");
  ASSERT_TRUE(digest);
  EXPECT_EQ(*digest, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  EXPECT_EQ(*blobs.get(*digest), "hello");
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path())) {
    if (file.is_regular_file()) {
      ASSERT_TRUE(write_file_atomically(file.path(), "jello"));
    }
  }
  EXPECT_FALSE(blobs.get(*digest));
  EXPECT_FALSE(blobs.get(std::string(64, '0')));
}

TEST(Blobs, WhatWasRemovedIsGoneAndMayComeBack) {
  const TemporaryDirectory folder;
  BlobStore blobs(folder.path());
  const std::string digest = blobs.put("hello").value();
  EXPECT_TRUE(blobs.remove(digest));
  EXPECT_FALSE(blobs.has(digest));
  EXPECT_TRUE(blobs.remove(digest));
  EXPECT_EQ(blobs.remove("../hello").error().kind, ErrorKind::bad_input);
  EXPECT_EQ(blobs.put("hello").value(), digest);
  EXPECT_EQ(*blobs.get(digest), "hello");
}

}  // namespace
}  // namespace signalbox::store
