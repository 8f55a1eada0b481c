// Processor time of processes that may end while they are looked at.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "instruments/profile/capture/proc.hpp"

namespace signalbox::profile {

// A process' time is its own and that of its children that were waited for. One that ended keeps what it had,
// unless it was waited for by another of these processes, which has it then.
class TargetTime {
 public:
  using Look = std::function<std::optional<ProcessTimes>(std::int32_t pid)>;
  explicit TargetTime(std::vector<std::int32_t> pids = {}, Look look = times_of);

  // So far, of all of them; never less than at the last call.
  std::chrono::nanoseconds so_far();

 private:
  struct Seen {
    ProcessTimes first;
    ProcessTimes last;
    bool is_there = false;
    std::chrono::nanoseconds time() const { return last.user + last.system + last.of_ended_children; }
  };
  bool is_in_another(std::int32_t pid) const;

  std::vector<std::int32_t> pids_;
  Look look_;
  std::map<std::int32_t, Seen> seen_;
  std::chrono::nanoseconds most_{};
};

}  // namespace signalbox::profile
