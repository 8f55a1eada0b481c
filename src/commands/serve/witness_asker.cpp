#include "commands/serve/witness_asker.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/remote/witness_http.hpp"

namespace signalbox::serve {
namespace {

constexpr std::chrono::milliseconds kEvery{1'000};
constexpr std::chrono::milliseconds kMaxPause{60'000};
constexpr std::chrono::milliseconds kDeadline{5'000};
constexpr std::chrono::minutes kAllEvery{10};  // those that need not be asked too: is it still the same log?

}  // namespace

WitnessAsker::WitnessAsker(OpenDatabase open, const Clock& clock, std::function<void(std::string_view)> say)
    : open_(std::move(open)), clock_(clock), say_(std::move(say)), thread_([this] { run(); }) {}

WitnessAsker::~WitnessAsker() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  ending_.notify_all();
  thread_.join();
}

bool WitnessAsker::wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !ending_.wait_for(lock, time, [this] { return is_ending_; });
}

void WitnessAsker::run() {
  std::map<std::string, std::string> told;  // the last problem of each witness
  std::unique_ptr<store::Database> database;
  std::chrono::milliseconds pause = kEvery;
  std::optional<std::chrono::steady_clock::time_point> all_asked;
  while (wait(pause)) {
    if (!database) {
      auto opened = open_();
      if (opened) database = std::move(*opened);
    }
    if (!database) continue;
    const auto now = std::chrono::steady_clock::now();
    const bool is_time_for_all = !all_asked || now - *all_asked >= kAllEvery;
    const auto round = remote::ask_witnesses(
        *database, clock_, kDeadline, is_time_for_all ? remote::AskWhich::all : remote::AskWhich::behind);
    if (is_time_for_all && round && !round->empty()) all_asked = now;
    bool well = true;
    if (!round) database.reset();
    for (const auto& [name, asked] : round.value_or(remote::AskedByName{})) {
      const bool cosigned = asked.outcome == evidence::Asked::Outcome::cosigned;
      well = well && cosigned;
      std::string& last = told[name];
      const std::string problem = cosigned ? std::string() : asked.what;
      if (problem != last)
        say_(fmt::format("witness {}: {}", name, printable(cosigned ? "cosigns again" : problem)));
      last = problem;
    }
    pause = well ? kEvery : std::min(pause * 2, kMaxPause);
  }
}

}  // namespace signalbox::serve
