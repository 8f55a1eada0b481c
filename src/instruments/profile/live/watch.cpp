#include "instruments/profile/live/watch.hpp"

#include <algorithm>
#include <utility>

#include <signal.h>

#include "instruments/profile/capture/proc.hpp"

namespace signalbox::profile {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM};

// These wait while this lives, and who takes note of them afterwards is who did before: a session, or a
// terminal that hands them on to it. Between two sessions that would be nobody.
class SignalsWait {
 public:
  SignalsWait() {
    sigset_t signals;
    sigemptyset(&signals);
    for (std::size_t i = 0; i < std::size(kSignals); ++i) {
      sigaddset(&signals, kSignals[i]);
      ::sigaction(kSignals[i], nullptr, &actions_[i]);
    }
    ::pthread_sigmask(SIG_BLOCK, &signals, &mask_);
  }
  ~SignalsWait() {
    for (std::size_t i = 0; i < std::size(kSignals); ++i) ::sigaction(kSignals[i], &actions_[i], nullptr);
    ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
  }
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;

 private:
  sigset_t mask_{};
  struct sigaction actions_[std::size(kSignals)]{};
};

}  // namespace

Watch::Watch(std::unique_ptr<Session> session, RecordRequest request, TopOrder order, WatchLimits limits)
    : session_(std::move(session)),
      request_(std::move(request)),
      limits_(limits),
      reader_(order, request_.mode, request_.kernel) {}

bool Watch::is_full() const {
  const Recorder& recorder = session_->recorder();
  return std::max(reader_.stacks(), recorder.raw().nodes().size()) > limits_.stacks ||
         recorder.processes().size() > limits_.processes || recorder.threads().size() > limits_.threads;
}

Result<bool> Watch::turn(std::chrono::milliseconds at_most) {
  if (!session_) return false;
  if (std::exchange(is_taken_, false) && is_full()) {
    SIGNALBOX_TRY(const bool goes_on, begin_anew());
    if (!goes_on) return false;
  }
  return session_->turn(at_most);
}

Result<bool> Watch::begin_anew() {
  const SignalsWait wait;
  // A signal that came before is not lost with the session that took note of it.
  if (!session_->turn(std::chrono::milliseconds(0))) return false;
  RecordRequest again = request_;
  if (!again.program.empty()) {
    again.program.clear();
    again.pids = {session_->so_far().pid};
  }
  again.pids_may_end = true;
  elapsed_before_ += session_->elapsed();
  session_.reset();
  auto session = Session::start(again);
  if (!session && session.error().kind == ErrorKind::not_found) return false;
  if (!session) return fail(std::move(session).error());
  session_ = std::move(*session);
  reader_.begin_anew();
  ++sessions_;
  return true;
}

std::chrono::nanoseconds Watch::elapsed() const {
  return elapsed_before_ + (session_ ? session_->elapsed() : std::chrono::nanoseconds{});
}

Interval Watch::next() {
  is_taken_ = true;
  return reader_.next(*session_);
}

void Watch::skip() {
  is_taken_ = true;
  reader_.skip(*session_);
}

bool Watch::has_samples() const {
  if (!session_) return false;
  return request_.mode != Mode::cpu || !session_->recorder().raw().samples().empty();
}

std::optional<std::int32_t> Watch::program_that_goes_on() const {
  if (request_.program.empty() || !session_) return std::nullopt;
  const Recording now = session_->so_far();
  if (now.exit_code || has_ended(now.pid)) return std::nullopt;
  return now.pid;
}

}  // namespace signalbox::profile
