#include "core/base/file_lock.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace signalbox;
using namespace std::chrono_literals;

TEST(FileLock, IsHeldByOneUntilItsDescriptorCloses) {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "lock";
  auto first = lock_file(path, 0ms);
  ASSERT_TRUE(first && *first);
  const auto second = lock_file(path, 20ms);
  ASSERT_TRUE(second);
  EXPECT_FALSE(*second);
  (*first)->reset();
  const auto third = lock_file(path, 0ms);
  EXPECT_TRUE(third && *third);
}

TEST(FileLock, EndsWithAProcessThatIsKilled) {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "lock";
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto held = lock_file(path, 0ms);
    if (::write(ready[1], held && *held ? "y" : "n", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  const auto refused = lock_file(path, 0ms);
  EXPECT_TRUE(refused && !*refused);
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  const auto free = lock_file(path, 1'000ms);
  EXPECT_TRUE(free && *free);
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(FileLock, InAFolderThatIsNotThereIsAnError) {
  const TemporaryDirectory folder;
  EXPECT_EQ(lock_file(folder.path() / "absent" / "lock", 0ms).error().kind, ErrorKind::not_found);
}
