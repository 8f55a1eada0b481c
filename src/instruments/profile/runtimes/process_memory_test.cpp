#include "instruments/profile/runtimes/process_memory.hpp"

#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instruments/profile/runtimes/process_paths.hpp"
#include "instruments/profile/runtimes/process_status.hpp"

namespace signalbox::profile {
namespace {

std::uint64_t address_of(const void* place) {
  std::uint64_t out = 0;
  std::memcpy(&out, &place, sizeof out);
  return out;
}

TEST(ProcessMemory, OfOneThatIsThereIsReadWholeOrNot) {
  const std::uint64_t value = 0x1234'5678'9abc'def0;
  OtherProcess self(::getpid());
  std::uint64_t read = 0;
  EXPECT_TRUE(self.try_at(address_of(&value)));
  ASSERT_TRUE(self.read(address_of(&value), read));
  EXPECT_EQ(read, value);
  EXPECT_FALSE(self.read(8, read));
  EXPECT_EQ(self.try_at(8).error().kind, ErrorKind::unavailable);
}

TEST(ProcessMemory, OfOneThatIsGoneIsNotFound) {
  EXPECT_EQ(OtherProcess(2'000'000'000).try_at(8).error().kind, ErrorKind::not_found);
}

// A process whose first thread ended; another waits on. It ends by itself after two minutes.
class Headless {
 public:
  Headless() : pid_(::fork()) {
    if (pid_ != 0) return;
    ::alarm(120);
    pthread_t other{};
    ::pthread_create(
        &other, nullptr,
        [](void*) -> void* {
          for (;;) ::pause();
        },
        nullptr);
    ::syscall(SYS_exit, 0);  // this thread alone; pthread_exit would unwind through who catches all
    ::_exit(1);
  }
  ~Headless() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Headless(const Headless&) = delete;
  Headless& operator=(const Headless&) = delete;
  std::int32_t pid() const { return pid_; }
  bool lost_its_first_thread() const {
    const auto status = status_of(pid_);
    return status && status->state == 'Z';
  }

 private:
  pid_t pid_;
};

TEST(ProcessMemory, OfOneWhoseFirstThreadEndedIsThatOfTheOthers) {
  static const std::uint64_t kValue = 0x0fed'cba9'8765'4321;
  const Headless headless;
  for (int i = 0; i < 1'000 && !headless.lost_its_first_thread(); ++i) ::usleep(10'000);
  ASSERT_TRUE(headless.lost_its_first_thread());
  EXPECT_NE(living_thread_of(headless.pid()), headless.pid());
  OtherProcess process(headless.pid());
  std::uint64_t read = 0;
  ASSERT_TRUE(process.read(address_of(&kValue), read));
  EXPECT_EQ(read, kValue);
  EXPECT_TRUE(OtherProcess(headless.pid()).try_at(address_of(&kValue)));
  const std::string path = path_within(headless.pid(), "/proc");
  EXPECT_NE(path, "/proc");
  EXPECT_TRUE(std::filesystem::is_directory(path)) << path;
}

TEST(PathWithin, OfOneThatIsGoneIsOurs) {
  EXPECT_EQ(path_within(2'000'000'000, "/tmp"), "/tmp");
}

}  // namespace
}  // namespace signalbox::profile
