#include "core/base/parallel.hpp"

#include <atomic>
#include <vector>

#include <gtest/gtest.h>

namespace signalbox {
namespace {

TEST(Parallel, EachIsDoneOnceBeforeItComesBack) {
  for (const std::size_t count : {0U, 1U, 2U, 1000U}) {
    std::vector<std::atomic<int>> done(count);
    for_each_in_parallel(count, [&](std::size_t i) { ++done[i]; });
    for (const auto& times : done) EXPECT_EQ(times, 1);
  }
}

}  // namespace
}  // namespace signalbox
