#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/store/database.hpp"

namespace signalbox::store {
namespace {

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

}  // namespace
}  // namespace signalbox::store
