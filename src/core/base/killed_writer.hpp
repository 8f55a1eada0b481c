// A process that writes until it is killed, for tests of what it acknowledged.
#pragma once

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
