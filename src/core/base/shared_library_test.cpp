#include "core/base/shared_library.hpp"

#include <gtest/gtest.h>

namespace signalbox {

TEST(SharedLibrary, FunctionsAreFoundByName) {
  void* const library = open_shared_library("libm.so.6");
  ASSERT_NE(library, nullptr);
  double (*cosine)(double) = nullptr;
  ASSERT_TRUE(find_function(library, "cos", cosine));
  EXPECT_EQ(cosine(0), 1);
  EXPECT_FALSE(find_function(library, "no_such_function", cosine));
  EXPECT_EQ(cosine, nullptr);
}

TEST(SharedLibrary, OneThatIsNotThereIsNull) {
  EXPECT_EQ(open_shared_library("libno-such-library.so.1"), nullptr);
}

}  // namespace signalbox
