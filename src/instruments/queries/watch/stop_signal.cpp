#include "instruments/queries/watch/stop_signal.hpp"

#include <algorithm>
#include <csignal>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace signalbox::queries {

Result<StopSignal> StopSignal::listen() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  FileDescriptor descriptor{::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)};
  if (descriptor.get() < 0) return fail(error_from_errno(errno, "signalfd"));
  return StopSignal(std::move(descriptor));
}

bool StopSignal::wait_until(std::chrono::steady_clock::time_point deadline) {
  while (!came_) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd ready{descriptor_.get(), POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000))) > 0) {
      signalfd_siginfo info{};
      came_ = ::read(descriptor_.get(), &info, sizeof info) == sizeof info;
    } else if (left <= 0) {
      break;
    }
  }
  return came_;
}

}  // namespace signalbox::queries
