// Keys as they stand on a command line.
#include "core/evidence/given_keys.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "core/base/file.hpp"

namespace signalbox::evidence {
namespace {

TEST(GivenKeys, AreReadFromTheFileThatIsNamed) {
  const TemporaryDirectory folder;
  const std::string one = SigningKey::generate("one").public_key().vkey();
  const std::string two = SigningKey::generate("two").public_key().vkey();
  const std::string file = (folder.path() / "keys").string();
  ASSERT_TRUE(write_file_atomically(file, one + "\n\n" + two + "\n"));
  const auto keys = read_given_keys(file);
  ASSERT_TRUE(keys) << keys.error().message;
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_EQ(keys->back().vkey(), two);
  ASSERT_TRUE(write_file_atomically(file, "no key"));
  const auto none = read_given_keys(file);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find(file), std::string::npos) << none.error().message;
  EXPECT_FALSE(read_given_keys((folder.path() / "absent").string()));
}

// A checkout may hold a file that is called like the key by which it is judged.
TEST(GivenKeys, AKeyIsNeverTakenForTheNameOfAFile) {
  const TemporaryDirectory folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const std::string key = SigningKey::generate("log@example").public_key().vkey();
  ASSERT_TRUE(write_file_atomically(key, SigningKey::generate("thief").public_key().vkey()));
  const auto keys = read_given_keys(key);
  std::filesystem::current_path(before);
  ASSERT_TRUE(keys && keys->size() == 1);
  EXPECT_EQ(keys->front().vkey(), key);
}

}  // namespace
}  // namespace signalbox::evidence
