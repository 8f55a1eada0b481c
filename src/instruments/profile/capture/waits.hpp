// How threads spend their time, as the kernel tells of it: each wait, from when a thread left its processor
// until it went on, and what all waits of a thread add up to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace signalbox::profile {

// Who ended a wait: a thread, or an interrupt of whatever ran, as its frames in the kernel say.
struct Waker {
  std::uint32_t pid = 0;  // of the thread that ran then; 0: the processor was idle
  std::uint32_t tid = 0;
  std::string name;           // of that thread
  bool is_truncated = false;  // its stack was not walked to the bottom
  std::uint64_t stack = 0;    // names its frames; 0: not known
};

struct Wait {
  enum class Begin {
    seen,
    first_run,         // it was made, and never ran before: there is no stack
    before_recording,  // it waited already when the recording began
  };
  Begin begin = Begin::seen;
  std::uint64_t time_ns = 0;  // CLOCK_MONOTONIC; where it began before the recording, the recording's start
  std::uint64_t waited_ns = 0;
  std::uint32_t pid = 0;
  std::uint32_t tid = 0;
  std::uint64_t stack = 0;    // names its frames; 0: they come as a copy of the stack
  std::uint32_t state = 0;    // task_struct.__state: 0 runnable, 1 interruptible, 2 uninterruptible
  bool is_open = false;       // it was not over when the recording ended, or was looked at
  std::uint64_t told_ns = 0;  // of waited_ns, what was told of before, while it went on
  std::optional<Waker> waker;
};

// The time of one thread from when it was first told of until it ended, or the recording did.
struct ThreadTime {
  std::uint32_t pid = 0;
  std::uint32_t tid = 0;
  std::uint64_t start_ns = 0;
  std::uint64_t end_ns = 0;
  std::uint64_t off_ns = 0;    // all waits, those that follow among them
  std::uint64_t short_ns = 0;  // waits that were too short to be told of
  std::uint64_t short_count = 0;
  std::uint64_t lost_ns = 0;  // waits that there was no room for
  std::uint64_t lost_count = 0;
};

}  // namespace signalbox::profile
