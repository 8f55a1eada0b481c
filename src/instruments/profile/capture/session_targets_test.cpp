#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/process.hpp"
#include "instruments/profile/capture/abilities.hpp"
#include "instruments/profile/capture/ladder.hpp"
#include "instruments/profile/capture/perf_sampler.hpp"
#include "instruments/profile/capture/proc.hpp"
#include "instruments/profile/capture/session.hpp"

namespace signalbox::profile {
namespace {

bool may_be_sampled() {
  const auto abilities = try_abilities();
  return std::all_of(abilities.begin(), abilities.end(),
                     [](const Ability& each) { return each.is_there || !each.is_needed; });
}

TEST(Session, OfChildrenThatRunAlreadyItHasThoseThatAreAskedFor) {
  if (!may_be_sampled()) GTEST_SKIP() << "programs may not be sampled here";
  auto shell = Process::start({"sh", "-c", "sleep 60 & echo $!; wait"});
  ASSERT_TRUE(shell);
  const auto told = shell->read();
  ASSERT_TRUE(told);
  const auto child = static_cast<std::int32_t>(std::stol(*told));
  RecordRequest request;
  request.pids = {shell->pid()};
  request.kernel = false;
  for (const bool descendants : {true, false}) {
    request.descendants = descendants;
    auto session = Session::start(request);
    ASSERT_TRUE(session) << session.error().message;
    const Recording recording = std::move(**session).finish();
    EXPECT_EQ(std::count(recording.processes.begin(), recording.processes.end(), child), descendants ? 1 : 0);
  }
  ::kill(child, SIGKILL);
}

// A process whose first thread ended, and whose other one works.
pid_t headless_burner() {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::alarm(300);  // where nobody ends it
  std::thread([] {
    for (volatile double sink = 0;;) sink = sink + 1;
  }).detach();
  ::syscall(SYS_exit, 0);
  ::_exit(1);
}

TEST(Session, GoesOnWhereOnlyTheFirstThreadEnded) {
  if (!may_be_sampled()) GTEST_SKIP() << "programs may not be sampled here";
  const pid_t pid = headless_burner();
  for (int i = 0; i < 12'000 && times_of(pid)->state != 'Z'; ++i) ::usleep(10'000);
  RecordRequest request;
  request.pids = {pid};
  request.kernel = false;
  request.rate_hz = 200;
  auto session = Session::start(request);
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_FALSE((*session)->recorder().space_of(pid)->size() == 0);
  bool goes_on = true;
  while (goes_on && (*session)->so_far().quality.samples < 20 &&
         (*session)->elapsed() < std::chrono::minutes(1))
    goes_on = (*session)->turn(std::chrono::milliseconds(10));
  EXPECT_TRUE(goes_on);
  EXPECT_GE((*session)->so_far().quality.samples, 20);
  EXPECT_FALSE(has_ended(pid));
  ::kill(pid, SIGKILL);
  const auto limit = (*session)->elapsed() + std::chrono::minutes(1);
  while ((*session)->elapsed() < limit && (*session)->turn(std::chrono::milliseconds(10))) {
  }
  EXPECT_EQ((*session)->so_far().ending, Ending::target_ended);
  EXPECT_TRUE(has_ended(pid));
  ::waitpid(pid, nullptr, 0);
}

// Threads that are there all along, of which the second is found only when the first's events are open.
TEST(Session, ThreadsThatCameWhileItBeganAreOpenedToo) {
  if (!may_be_sampled()) GTEST_SKIP() << "programs may not be sampled here";
  std::atomic<std::int32_t> other{0};
  std::atomic<bool> is_over{false};
  std::thread thread([&] {
    other = static_cast<std::int32_t>(::syscall(SYS_gettid));
    while (!is_over) ::usleep(1'000);
  });
  while (other == 0) ::usleep(1'000);
  RecordRequest request;
  request.pids = {::getpid()};
  request.kernel = false;
  const std::size_t processors = online_processors().value().size();
  for (const Mode mode : {Mode::cpu, Mode::off_cpu}) {
    request.mode = mode;
    bool is_found = false;
    const ThreadsNow threads = [&] {
      std::vector<std::int32_t> out{::getpid()};
      if (std::exchange(is_found, true)) out.push_back(other);
      return out;
    };
    const auto started = mode == Mode::cpu ? start_sampler(request, threads) : start_waits(request, threads);
    if (!started && mode != Mode::cpu) continue;  // needs rights that samples do not
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_EQ(started->sampler.events().size(), 2 * processors);
  }
  is_over = true;
  thread.join();
}

TEST(Session, SaysWhatItsSamplesLeaveOut) {
  if (!may_be_sampled()) GTEST_SKIP() << "programs may not be sampled here";
  RecordRequest request;
  request.pids = {::getpid()};
  request.kernel = false;
  request.children = false;
  auto session = Session::start(request);
  ASSERT_TRUE(session) << session.error().message;
  const Recording recording = std::move(**session).finish();
  EXPECT_FALSE(recording.kernel);
  EXPECT_FALSE(recording.children);
}

}  // namespace
}  // namespace signalbox::profile
