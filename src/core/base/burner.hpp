// Processes that work until they are ended, for tests. Where the test is killed they end, too, and load
// nobody's machine any longer.
#pragma once

#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace signalbox::testing {

// In a child, right after fork(2): SIGKILL once the thread that is `parent`'s and forked it ends. It ends at
// once where that was before.
inline void end_with(pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(1);
}

// The same for a program that is started: as many words before it, and it has the number of what was started.
inline std::vector<std::string> ending_with_us(std::vector<std::string> argv) {
  argv.insert(argv.begin(), {"setpriv", "--pdeathsig", "KILL"});
  return argv;
}

// A child that computes, and does `work` now and then.
class Burner {
 public:
  explicit Burner(void (*work)() = [] {}) {
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    EXPECT_GE(pid_, 0);
    if (pid_ != 0) return;
    end_with(parent);
    volatile double sink = 0;
    for (;;) {
      for (int i = 0; i < 100'000; ++i) sink = sink + 1;
      work();
    }
  }
  ~Burner() { end(); }
  Burner(const Burner&) = delete;
  Burner& operator=(const Burner&) = delete;

  pid_t pid() const { return pid_; }
  void end() {
    const pid_t pid = std::exchange(pid_, -1);
    if (pid <= 0) return;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }

 private:
  pid_t pid_ = -1;
};

}  // namespace signalbox::testing
