// What the kernel says of sessions that wait for nothing the server has a name for: whether they ran, or
// waited for a core.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "instruments/queries/server/server_link.hpp"
#include "instruments/queries/server/session_reading.hpp"

namespace signalbox::queries {

// /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst): both grow for as long as the process lives.
struct Scheduled {
  std::uint64_t ran_ns = 0;
  std::uint64_t queued_ns = 0;  // it could have run, and no core was free for it
};
// nullopt where there is no such process, or its kernel does not count.
std::optional<Scheduled> read_scheduled(const std::filesystem::path& proc, std::int64_t pid);

// Whether the process that serves this link is one of this machine: its number, what it calls itself and when
// it began are asked of both sides, so that neither a tunnel nor another container passes for this machine.
// In words why not; empty where it is.
Result<std::string> why_not_here(ServerLink& link, const std::filesystem::path& proc);

// Follows the sessions of one server from sample to sample. One thread at a time.
class ProcessorView {
 public:
  // Errors: those of the link. Where the kernel cannot be asked, `why_not` says so and nothing is told apart.
  static Result<ProcessorView> open(ServerLink& link, std::filesystem::path proc = "/proc");

  const std::string& why_not() const { return why_not_; }
  int cores() const { return cores_; }  // of this machine; 0 where the server is on another

  // Sets `queued` of those at work that wait for nothing the server names: of the time since the look before
  // in which it ran or could have run, the part in which it had no core. Who was not followed yet and is
  // older than that look is left as it is.
  void look(SessionReading& reading);

 private:
  using Clock = std::chrono::steady_clock;
  struct Followed {
    Scheduled last;
    std::optional<Scheduled> since;  // between the last two looks
  };
  void follow(const SessionReading& reading, double seconds);

  std::filesystem::path proc_;
  std::string why_not_;
  int cores_ = 0;
  std::optional<Clock::time_point> looked_;
  std::map<std::int64_t, Followed> followed_;
};

}  // namespace signalbox::queries
