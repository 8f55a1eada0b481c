#include "core/base/trusted_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace signalbox {
namespace {

namespace fs = std::filesystem;

TEST(TrustedFile, IsARegularOneWithoutLinks) {
  const TemporaryDirectory folder;
  const fs::path real = fs::canonical(folder.path()) / "real";
  const fs::path link = fs::canonical(folder.path()) / "link";
  const fs::path pipe = fs::canonical(folder.path()) / "pipe";
  ASSERT_TRUE(replace_file(real, "0123456789"));
  fs::create_symlink(real, link);
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);

  const auto file = open_trusted(real, std::nullopt);
  ASSERT_TRUE(file);
  EXPECT_TRUE(is_without_links(*file, real));
  for (int again = 0; again < 2; ++again) EXPECT_EQ(read_open_file(*file, 10).value(), "0123456789");
  EXPECT_EQ(read_open_file(*file, 9).error().kind, ErrorKind::bad_input);

  EXPECT_FALSE(open_trusted(link, std::nullopt));
  const auto followed = open_trusted(link, std::nullopt, Links::followed);
  ASSERT_TRUE(followed);
  EXPECT_FALSE(is_without_links(*followed, link));
  EXPECT_EQ(open_trusted(pipe, std::nullopt).error().kind, ErrorKind::denied);
  EXPECT_EQ(open_trusted(folder.path(), std::nullopt).error().kind, ErrorKind::denied);
  EXPECT_EQ(open_trusted(folder.path() / "none", std::nullopt).error().kind, ErrorKind::not_found);
}

TEST(TrustedFile, IsOfSomebodyWhoIsTrusted) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root makes files of others";
  const TemporaryDirectory folder;
  const fs::path file = folder.path() / "file";
  constexpr uid_t kOther = 65534;
  ASSERT_TRUE(replace_file(file, "x"));
  ASSERT_EQ(::chown(file.c_str(), kOther, kOther), 0);
  EXPECT_EQ(open_trusted(file, std::nullopt).error().kind, ErrorKind::denied);
  EXPECT_TRUE(open_trusted(file, kOther));
}

}  // namespace
}  // namespace signalbox
