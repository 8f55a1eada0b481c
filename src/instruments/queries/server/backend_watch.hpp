// What one session of a server does while it executes a statement: whether it waits for locks, and whether it
// waits for a processor.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "core/base/result.hpp"
#include "instruments/queries/server/server_link.hpp"

namespace signalbox::queries {

struct BackendObservation {
  std::int64_t samples = 0, on_lock = 0;  // a sample each 10 ms: of them, while it waited for a lock
  std::string blocker;                    // who was in the way last: "pid 77, idle in transaction"
  // Of the kernel (/proc/PID/schedstat), where the server is on this machine: how long its process ran, and
  // could have run and had no processor.
  std::optional<double> ran_ms, queued_ms;
  double lock_share() const {
    return samples == 0 ? 0 : static_cast<double>(on_lock) / static_cast<double>(samples);
  }
};

// Looks at the session from a second connection, from a thread of its own, until it is stopped.
class BackendWatch {
 public:
  // `dsn`: of the same server. Errors: those of ServerLink::open.
  static Result<std::unique_ptr<BackendWatch>> start(std::string_view dsn, std::int64_t pid);
  ~BackendWatch();
  BackendWatch(const BackendWatch&) = delete;
  BackendWatch& operator=(const BackendWatch&) = delete;

  BackendObservation stop();  // once

 private:
  struct Scheduled {
    double ran_ms = 0, queued_ms = 0;
  };
  BackendWatch(ServerLink link, std::int64_t pid);
  void look();
  std::optional<Scheduled> scheduled() const;

  ServerLink link_;
  std::int64_t pid_;
  bool is_local_ = false;
  std::optional<Scheduled> before_;
  BackendObservation seen_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

}  // namespace signalbox::queries
