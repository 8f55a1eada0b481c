// Stacks of threads at rest, read beside them: a copy of a stack is true where its thread did not run from
// before the copy was made until after it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/capture/thread_reader.hpp"

namespace signalbox::profile {

// The copies of one process' stacks.
class RestingStacks {
 public:
  // Copies the stacks of those threads that were at rest at their moment, and are wanted; not_found where the
  // process ended, denied where it may not be looked into. What else is to be read of a thread is read in
  // `copied`: it is true where take() gives the thread's stack.
  static Result<RestingStacks> copy(std::int32_t pid, const std::vector<ThreadMoment>& moments,
                                    const std::function<bool(std::int32_t tid)>& is_wanted,
                                    const std::function<void(std::int32_t tid)>& copied = {});

  // Each copy of a thread that is at rest still as a record with `with_kernel` the kernel's frames, whose
  // time is that of the copies. Threads that moved meanwhile: their copies are thrown away.
  Result<std::vector<std::int32_t>> take(
      ThreadReader& reader, bool with_kernel,
      const std::function<void(const ThreadMoment&, const SampleRecord&)>& take) const;

 private:
  struct Copy {
    ThreadMoment moment;
    std::string octets;
  };
  std::int32_t pid_ = 0;
  std::uint64_t time_ns_ = 0;
  std::vector<Copy> copies_;
};

}  // namespace signalbox::profile
