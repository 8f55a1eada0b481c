#include "instruments/profile/symbols/symbol_index.hpp"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

// A program with this build id, in a folder that may not be there yet.
void make_program(const fs::path& path, const std::string& build_id) {
  ASSERT_TRUE(make_directories(path.parent_path()));
  const fs::path source = path.string() + ".c";
  ASSERT_TRUE(replace_file(source, "int main(void) { return 0; }\n"));
  const auto built =
      run_process({"cc", "-Wl,--build-id=0x" + build_id, "-o", path.string(), source.string()});
  ASSERT_TRUE(built);
  ASSERT_EQ(built->exit_code, 0) << built->errors;
}

TEST(SymbolIndex, AFolderThatCannotBeReadHidesNoOther) {
  const TemporaryDirectory folder;
  const fs::path below = folder.path() / "below";
  fs::path deep = below;
  for (int i = 0; i < 40; ++i) deep /= "a";
  make_program(deep / "program", "aaaaaaaaaa");
  make_program(below / "z" / "program", "bbbbbbbbbb");
  fs::create_directory_symlink(below, below / "z" / "round");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  // Fewer than the folders that lie in each other.
  const FileDescriptor next{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  const rlimit few{static_cast<rlim_t>(next.get()) + 10, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  SymbolIndex index({folder.path() / "absent", below});
  const std::size_t size = index.size();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(size, 2U);
  EXPECT_EQ(index.find("aaaaaaaaaa", SymbolKind::executable), deep / "program");
  EXPECT_EQ(index.find("bbbbbbbbbb", SymbolKind::executable), below / "z" / "program");
  EXPECT_EQ(index.find("cccccccccc", SymbolKind::executable), std::nullopt);
}

TEST(SymbolIndex, SeveralMayAskWhileOneReadsTheFolders) {
  const TemporaryDirectory folder;
  make_program(folder.path() / "program", "aaaaaaaaaa");
  SymbolIndex index({folder.path()}, std::chrono::milliseconds(0));
  std::vector<std::thread> threads;
  std::atomic<int> found = 0;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        found += index.find("aaaaaaaaaa", SymbolKind::executable).has_value() ? 1 : 0;
        found += index.find("cccccccccc", SymbolKind::executable).has_value() ? 1000 : 0;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(found, 80);
}

TEST(SymbolIndex, WhatCameSinceIsFoundAndWhatWentIsNot) {
  const TemporaryDirectory folder;
  SymbolIndex index({folder.path()}, std::chrono::milliseconds(0));
  EXPECT_EQ(index.find("aaaaaaaaaa", SymbolKind::executable), std::nullopt);
  make_program(folder.path() / "program", "aaaaaaaaaa");
  EXPECT_EQ(index.find("aaaaaaaaaa", SymbolKind::executable), folder.path() / "program");
  make_program(folder.path() / "program", "bbbbbbbbbb");
  EXPECT_EQ(index.find("aaaaaaaaaa", SymbolKind::executable), std::nullopt);
  EXPECT_EQ(index.find("bbbbbbbbbb", SymbolKind::executable), folder.path() / "program");
}

}  // namespace
}  // namespace signalbox::profile
