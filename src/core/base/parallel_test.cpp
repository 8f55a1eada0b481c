#include "core/base/parallel.hpp"

#include <atomic>
#include <future>
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

TEST(WorkBeside, EachIsDoneOnceInTurnBeforeItComesBack) {
  for (int round = 0; round < 100; ++round) {
    WorkBeside beside;
    std::atomic<int> done = 0;
    for (int i = 0; i < 20; ++i) beside.add([&] { ++done; });
    beside.finish();
    EXPECT_EQ(done, 20);
    beside.add([&] { ++done; });  // and may go on
    beside.finish();
    EXPECT_EQ(done, 21);
    beside.finish();
  }
}

TEST(WorkBeside, IsDoneWhileItsOwnerDoesOtherThings) {
  std::promise<int> done;
  WorkBeside beside;
  beside.add([&] { done.set_value(7); });
  EXPECT_EQ(done.get_future().get(), 7);
}

TEST(WorkBeside, WhoWaitsHelpsWithWhatWasNotBegun) {
  std::promise<void> begun;
  std::promise<void> helped;
  WorkBeside beside;
  // The thread is in the first until the second was done: by whoever waits.
  beside.add([&] {
    begun.set_value();
    helped.get_future().wait();
  });
  begun.get_future().wait();
  beside.add([&] { helped.set_value(); });
  beside.finish();
}

TEST(WorkBeside, EndsWithItsOwner) {
  std::atomic<bool> done = false;
  {
    WorkBeside beside;
    beside.add([&] { done = true; });
  }
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace signalbox
