#include "instruments/profile/capture/interruptible.hpp"

#include <atomic>

namespace signalbox::profile {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM};

using Handler = void (*)(int);
std::atomic<int> interruptions{0};
std::array<std::atomic<Handler>, kSignals.size()> handlers_before;

// Who took note of the signal before still does: an agent is to end, whatever its session ends for.
void interrupt(int signal) {
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    const Handler before = handlers_before[i];
    if (kSignals[i] == signal && before != nullptr) before(signal);
  }
  if (++interruptions == 1) return;
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

}  // namespace

Interruptible::Interruptible() {
  interruptions = 0;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &before_[i]);
    const Handler before = before_[i].sa_handler;
    const bool takes_note = before != SIG_DFL && before != SIG_IGN && before != interrupt &&
                            (before_[i].sa_flags & SA_SIGINFO) == 0;
    handlers_before[i] = takes_note ? before : nullptr;
  }
  struct sigaction action {};
  action.sa_handler = interrupt;
  for (const int signal : kSignals) ::sigaction(signal, &action, nullptr);
}

Interruptible::~Interruptible() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
}

bool Interruptible::happened() const {
  return interruptions > 0;
}

}  // namespace signalbox::profile
