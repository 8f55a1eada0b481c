#include "core/console/assets.hpp"

#include <string>

#include <gtest/gtest.h>

#include "core/console/asset_table.hpp"

namespace signalbox::console {
namespace {

TEST(Assets, AnUnknownPathIsNoAsset) {
  EXPECT_EQ(find_asset("/no/such/file.js"), nullptr);
  EXPECT_EQ(find_asset(""), nullptr);
  EXPECT_EQ(find_asset("/../index.html"), nullptr);
}

TEST(Assets, OnlyFilesNamedByTheirContentMayBeCachedForEver) {
  for (const NamedAsset& entry : asset_table()) {
    EXPECT_EQ(entry.asset.immutable, entry.path.starts_with("/assets/")) << entry.path;
    EXPECT_FALSE(entry.asset.octets.empty()) << entry.path;
    EXPECT_FALSE(entry.asset.media_type.empty()) << entry.path;
  }
}

TEST(Assets, TheFrontPageIsHtmlThatIsAskedForAgainEachTime) {
  if (asset_table().empty()) GTEST_SKIP() << "built without the console";
  const Asset* page = find_asset("/");
  ASSERT_NE(page, nullptr);
  EXPECT_EQ(page->media_type, "text/html; charset=utf-8");
  EXPECT_FALSE(page->immutable);
}

TEST(Assets, EveryPathIsThereOnce) {
  for (const NamedAsset& entry : asset_table()) EXPECT_EQ(find_asset(entry.path), &entry.asset) << entry.path;
}

}  // namespace
}  // namespace signalbox::console
