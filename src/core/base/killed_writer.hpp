// A process that writes until it is killed, for tests of what it acknowledged.
#pragma once

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <set>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace signalbox::testing {

// From any thread of the process: this index is durable.
using Acknowledge = std::function<void(std::uint64_t)>;

// When to kill a writer whose first acknowledgement may take a while, round by round: spread over a reach
// that grows where the machine is slow, so that about two rounds of three see an acknowledgement, be it a
// disk that takes a millisecond to sync or a second.
class KillMoments {
 public:
  explicit KillMoments(std::chrono::microseconds least)
      : least_us_(static_cast<double>(least.count())), reach_us_(least_us_) {}
  // Since the writer was started. The golden ratio spreads the rounds evenly, however many there are.
  std::chrono::microseconds next() {
    at_ += 0.6180339887498949;
    if (at_ >= 1) at_ -= 1;
    return std::chrono::microseconds(static_cast<std::int64_t>(reach_us_ * (0.1 + 0.9 * at_)));
  }
  void saw(bool acknowledged) { reach_us_ = std::max(least_us_, reach_us_ * (acknowledged ? 0.95 : 1.1)); }

 private:
  double least_us_;
  double reach_us_;
  double at_ = 0;
};

// `write` in a process of its own, which is killed less than `longest_us` microseconds after its first
// acknowledgement, `rounds` times. It never returns; it ends with an exit code where it cannot write.
inline void kill_while_writing(int rounds, int longest_us,
                               const std::function<void(const Acknowledge&)>& write,
                               std::set<std::uint64_t>& acknowledged) {
  for (int round = 0; round < rounds; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      write([&](std::uint64_t index) {
        if (::write(ends[1], &index, sizeof index) != sizeof index) ::_exit(3);
      });
      ::_exit(4);
    }
    ::close(ends[1]);
    std::uint64_t index = 0;
    ASSERT_EQ(::read(ends[0], &index, sizeof index), static_cast<ssize_t>(sizeof index));
    EXPECT_TRUE(acknowledged.insert(index).second);
    ::usleep(static_cast<useconds_t>((round * 7919) % longest_us));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "exit " << WEXITSTATUS(status);
    while (::read(ends[0], &index, sizeof index) == sizeof index)
      EXPECT_TRUE(acknowledged.insert(index).second) << "index " << index << " was given twice";
    ::close(ends[0]);
  }
}

}  // namespace signalbox::testing
