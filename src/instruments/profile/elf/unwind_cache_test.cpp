#include "instruments/profile/elf/unwind_cache.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

// A file that is large enough to be kept: one of these is part of what this project is built with.
std::optional<ElfFile> large_file() {
  for (const char* path :
       {"/usr/lib/x86_64-linux-gnu/libLLVM-16.so.1", "/usr/lib/x86_64-linux-gnu/libLLVM-14.so.1",
        "/usr/lib/x86_64-linux-gnu/libcrypto.so.3"}) {
    auto elf = ElfFile::open(path);
    if (elf && elf->section(".eh_frame") != nullptr && elf->section(".eh_frame")->octets.size() > (512 << 10))
      return std::move(*elf);
  }
  return std::nullopt;
}

fs::path only_file_in(const fs::path& folder) {
  return fs::directory_iterator(folder)->path();
}

bool are_same(const UnwindTable& a, const UnwindTable& b) {
  return a.base() == b.base() && a.not_understood() == b.not_understood() &&
         std::ranges::equal(a.pages(), b.pages()) && std::ranges::equal(a.rows(), b.rows()) &&
         std::ranges::equal(a.rules(), b.rules());
}

}  // namespace

TEST(UnwindCache, WhatIsKeptIsWhatWasMade) {
  const auto elf = large_file();
  if (!elf) GTEST_SKIP() << "no large library here";
  const TemporaryDirectory folder;
  const UnwindCache cache(folder.path() / "unwind");
  EXPECT_EQ(cache.load(*elf).error().kind, ErrorKind::not_found);
  const auto made = cache.table_of(*elf);
  ASSERT_TRUE(made) << made.error().message;
  const auto kept = cache.load(*elf);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_TRUE(are_same(*made, *kept));
  EXPECT_TRUE(are_same(compile_unwind_table(*elf).value(), *kept));
}

TEST(UnwindCache, WhatIsDamagedOrSomebodyElsesIsMadeAgain) {
  const auto elf = large_file();
  if (!elf) GTEST_SKIP() << "no large library here";
  const TemporaryDirectory folder;
  const UnwindCache cache(folder.path());
  ASSERT_TRUE(cache.table_of(*elf));
  const fs::path path = only_file_in(folder.path());
  const std::string good = read_file(path).value();
  const auto loads = [&](const std::string& octets) {
    EXPECT_TRUE(replace_file(path, octets, 0600));
    return cache.load(*elf).has_value();
  };
  EXPECT_TRUE(loads(good));
  for (std::size_t at = 0; at < good.size(); at += 1 + good.size() / 40) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    EXPECT_FALSE(loads(changed)) << "octet " << at;
  }
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{7}, std::size_t{71}, good.size() / 2, good.size() - 1})
    EXPECT_FALSE(loads(good.substr(0, size))) << size;
  EXPECT_FALSE(loads(good + '\0'));
  ASSERT_TRUE(loads(good));
  fs::permissions(path, fs::perms::group_write, fs::perm_options::add);
  EXPECT_FALSE(cache.load(*elf)) << "others may write it";
  EXPECT_TRUE(cache.table_of(*elf));
  EXPECT_TRUE(cache.load(*elf)) << "and now it is made anew";
}

TEST(UnwindCache, AFileThatClaimsTheBuildIdOfAnotherDoesNotLeaveItsTableToIt) {
  const auto elf = large_file();
  if (!elf) GTEST_SKIP() << "no large library here";
  const TemporaryDirectory folder;
  const UnwindCache cache(folder.path() / "unwind");
  const fs::path path = folder.path() / "copy";
  fs::copy_file(elf->name(), path);
  const auto copy = ElfFile::open(path);
  ASSERT_TRUE(copy);
  ASSERT_EQ(copy->build_id(), elf->build_id());
  ASSERT_TRUE(cache.table_of(*copy));
  EXPECT_TRUE(cache.load(*copy));
  EXPECT_FALSE(cache.load(*elf));
  // Nor where somebody gives it the other's name.
  const fs::path made = only_file_in(folder.path() / "unwind");
  ASSERT_TRUE(cache.table_of(*elf));
  for (const fs::directory_entry& kept : fs::directory_iterator(folder.path() / "unwind")) {
    if (kept.path() != made) fs::copy_file(made, kept.path(), fs::copy_options::overwrite_existing);
  }
  EXPECT_FALSE(cache.load(*elf));
}

TEST(UnwindCache, AFileThatWasWrittenSinceIsAnother) {
  const auto elf = large_file();
  if (!elf) GTEST_SKIP() << "no large library here";
  const TemporaryDirectory folder;
  const UnwindCache cache(folder.path() / "unwind");
  const fs::path path = folder.path() / "copy";
  fs::copy_file(elf->name(), path);
  const fs::file_time_type before = fs::last_write_time(path);
  ASSERT_TRUE(cache.table_of(ElfFile::open(path).value()));
  ASSERT_TRUE(cache.load(ElfFile::open(path).value()));
  fs::permissions(path, fs::perms::owner_write, fs::perm_options::add);
  fs::last_write_time(path, before);  // whoever writes can set this one back
  EXPECT_FALSE(cache.load(ElfFile::open(path).value()));
  auto in_memory = ElfFile::from_memory(read_file(path).value(), path.native());
  ASSERT_TRUE(in_memory);
  ASSERT_TRUE(cache.table_of(*in_memory));
  EXPECT_FALSE(cache.load(*in_memory)) << "memory is no file";
}

TEST(UnwindCache, WhatAnotherBuildMadeIsMadeAnew) {
  const auto elf = large_file();
  if (!elf) GTEST_SKIP() << "no large library here";
  const TemporaryDirectory folder;
  const UnwindCache other(folder.path(), 1);
  const UnwindCache cache(folder.path());
  ASSERT_TRUE(other.table_of(*elf));
  ASSERT_TRUE(other.load(*elf));
  EXPECT_FALSE(cache.load(*elf));
  ASSERT_TRUE(cache.table_of(*elf));
  EXPECT_TRUE(cache.load(*elf));
}

TEST(UnwindCache, LinksAndPipesAreNotRead) {
  const auto elf = large_file();
  if (!elf) GTEST_SKIP() << "no large library here";
  const TemporaryDirectory folder;
  const UnwindCache cache(folder.path() / "unwind");
  ASSERT_TRUE(cache.table_of(*elf));
  const fs::path path = only_file_in(folder.path() / "unwind");
  fs::rename(path, folder.path() / "elsewhere");
  fs::create_symlink(folder.path() / "elsewhere", path);
  EXPECT_FALSE(cache.load(*elf)) << "through a link";
  fs::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(cache.load(*elf)) << "out of a pipe";
  ASSERT_TRUE(cache.table_of(*elf));
  EXPECT_TRUE(fs::is_regular_file(path));
  EXPECT_TRUE(cache.load(*elf)) << "and now it is a file again";
}

TEST(UnwindCache, TheOldestGoWhereAllAreTooLarge) {
  const auto elf = large_file();
  if (!elf) GTEST_SKIP() << "no large library here";
  const TemporaryDirectory folder;
  const fs::path old = folder.path() / "00ff";
  ASSERT_TRUE(write_file_atomically(old, "x", 0600));
  fs::resize_file(old, UnwindCache::kMaxBytes);  // a hole: it takes no room on the disk
  fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(1));
  const UnwindCache cache(folder.path());
  ASSERT_TRUE(cache.table_of(*elf));
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(cache.load(*elf));
}

TEST(UnwindCache, SmallFilesAndThoseWithoutAFolderAreNotKept) {
  const TemporaryDirectory folder;
  const auto small = ElfFile::open("/bin/true");
  ASSERT_TRUE(small);
  ASSERT_TRUE(UnwindCache(folder.path() / "unwind").table_of(*small));
  EXPECT_FALSE(fs::exists(folder.path() / "unwind"));
  if (const auto elf = large_file()) {
    EXPECT_TRUE(UnwindCache(fs::path()).table_of(*elf));
  }
}

}  // namespace signalbox::profile
