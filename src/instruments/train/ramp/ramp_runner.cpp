#include "instruments/train/ramp/ramp_runner.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/text.hpp"
#include "instruments/train/ramp/ramp_report.hpp"

namespace signalbox::train::ramp {
namespace {

constexpr Duration kLongestWait = std::chrono::milliseconds(500);  // orders and the clock are looked at again
constexpr Duration kStorePause = std::chrono::seconds(1);
constexpr int kMaxStoreFailures = 30;

sigset_t stop_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

std::string clock_text(Time now) {
  const std::string text = to_rfc3339(now);
  constexpr std::size_t kTimeAt = 11, kTimeSize = 8;
  return text.substr(kTimeAt, kTimeSize);
}

// What has happened so far, in a word or two: a change of it is worth a line.
std::string happening_of(const Ramp& ramp) {
  std::string out(name_of(ramp.phase));
  switch (ramp.phase) {
    case Phase::countdown:
      out = ramp.is_announced ? "announced" : ramp.has_baseline ? "baseline taken" : "counting down";
      break;
    case Phase::ramping:
      out = fmt::format("{} %", ramp.weight);
      if (!ramp.hold) out += ramp.held.empty() ? "" : ": hold passed";
      break;
    case Phase::going_back:
      out = "going back: " + (ramp.breach ? ramp.breach->why : std::string());
      break;
    default:
      break;
  }
  if (ramp.hold && ramp.hold->stopped) out += ": paused, " + ramp.hold->stopped->why;
  if (ramp.ordered_pause && !is_over(ramp.phase)) out += ": " + ramp.ordered_pause->why;
  return out;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t set = stop_set();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

StopSignals::~StopSignals() {
  if (fd_ >= 0) ::close(fd_);
  const sigset_t set = stop_set();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

bool StopSignals::wait(Duration at_most) const {
  pollfd waiting{fd_, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(at_most.count())) <= 0) return false;
  signalfd_siginfo info{};
  return ::read(fd_, &info, sizeof(info)) == sizeof(info);
}

void RampDisplay::line(const std::string& text, Time now) {
  write_(fmt::format("{}{}  {}\n", is_drawn_ ? "\r\033[K" : "", clock_text(now), printable(text)));
  is_drawn_ = false;
}

void RampDisplay::show(const Controller::Turn& turn, Time now) {
  const std::string happening = happening_of(turn.ramp);
  if (turn.ramp.phase != Phase::none && happening != last_happening_) {
    last_happening_ = happening;
    line(happening, now);
  }
  if (style_ == Style::lines || turn.did != Next::Kind::wait) return;
  std::string moving = standing_line(turn.ramp, now);
  if (turn.watched && !turn.watched->why.empty()) moving += "  ·  " + turn.watched->why;
  constexpr std::size_t kColumns = 110;
  write_(fmt::format("\r\033[K{}", cut_to_width(printable(moving), kColumns)));
  is_drawn_ = true;
}

void RampDisplay::finish() {
  if (is_drawn_) write_("\r\033[K");
  is_drawn_ = false;
}

Result<RunResult> run_ramp(Controller& controller, const Clock& clock, RampDisplay& display,
                           StopSignals& signals) {
  int failures = 0;
  while (true) {
    auto turn = controller.turn();
    if (!turn) {
      const bool may_pass = turn.error().kind == ErrorKind::unavailable && ++failures < kMaxStoreFailures;
      if (!may_pass) {
        display.finish();
        return fail(std::move(turn).error());
      }
      if (signals.wait(kStorePause)) return RunResult{{}, true};
      continue;
    }
    failures = 0;
    display.show(*turn, clock.now());
    if (turn->did == Next::Kind::over) {
      controller.release();
      display.finish();
      return RunResult{std::move(turn->ramp), false};
    }
    const Duration pause = turn->did == Next::Kind::wait
                               ? std::clamp(turn->until - clock.now(), Duration(1), kLongestWait)
                               : Duration{};
    if (!signals.wait(pause)) continue;
    controller.release();
    display.finish();
    return RunResult{std::move(turn->ramp), true};
  }
}

}  // namespace signalbox::train::ramp
