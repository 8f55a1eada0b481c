#include "instruments/profile/capture/session.hpp"

#include <atomic>

#include <grp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/burner.hpp"
#include "instruments/profile/capture/proc.hpp"

namespace signalbox::profile {
namespace {

using namespace std::chrono_literals;
using testing::Burner;

std::atomic<int> told{0};

// A handler of SIGTERM, as an agent has one.
class TakesNote {
 public:
  TakesNote() {
    told = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { ++told; };
    ::sigaction(SIGTERM, &action, &before_);
  }
  ~TakesNote() { ::sigaction(SIGTERM, &before_, nullptr); }
  TakesNote(const TakesNote&) = delete;
  TakesNote& operator=(const TakesNote&) = delete;

 private:
  struct sigaction before_ {};
};

TEST(Sessions, ASignalIsAlsoToldToWhoTookNoteOfItBefore) {
  const TakesNote takes_note;
  RecordRequest request;
  request.pids = {::getpid()};
  request.children = false;
  {
    const auto session = Session::start(request);
    if (!session) GTEST_SKIP() << session.error().message;
    EXPECT_TRUE((*session)->turn(1ms));
    ::raise(SIGTERM);
    EXPECT_EQ(told, 1);
    EXPECT_FALSE((*session)->turn(1ms));
    EXPECT_EQ((*session)->so_far().ending, Ending::interrupted);
  }
  ::raise(SIGTERM);  // to the same handler, and to nobody else
  EXPECT_EQ(told, 2);
}

void wait_until_used(pid_t pid, std::chrono::nanoseconds time) {
  for (int i = 0; i < 12'000; ++i) {
    const auto times = times_of(pid);
    if (times && times->user > time) return;
    ::usleep(10'000);
  }
}

// Whether nobody, who was given one process of root's and one of their own, samples their own.
int sampled_as_nobody(pid_t of_root) {
  constexpr uid_t kNobody = 65'534;
  if (::setgroups(0, nullptr) != 0 || ::setresgid(kNobody, kNobody, kNobody) != 0 ||
      ::setresuid(kNobody, kNobody, kNobody) != 0 || ::prctl(PR_SET_DUMPABLE, 1) != 0)
    return 3;
  const Burner own;
  RecordRequest request;
  request.pids = {own.pid()};
  const bool may = Session::start(request).has_value();
  request.pids = {of_root, own.pid()};
  const bool both = Session::start(request).has_value();
  request.pids_may_end = true;
  const auto session = Session::start(request);
  if (!may) return 77;
  if (both || !session) return 4;
  return (*session)->so_far().left_out == 1 && (*session)->so_far().pid == own.pid() ? 0 : 5;
}

TEST(Sessions, OfProcessesThatWereFoundThoseThatMayNotBeSampledAreLeftOut) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root has processes that another may not sample here";
  const Burner of_root;
  const pid_t nobody = ::fork();
  if (nobody == 0) ::_exit(sampled_as_nobody(of_root.pid()));
  int status = 0;
  ::waitpid(nobody, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "nobody may sample here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Sessions, WhatIsStoppedHasAllSamplesAndGetsNoMore) {
  const Burner burner;
  const pid_t child = burner.pid();
  RecordRequest request;
  request.pids = {child};
  request.rate_hz = 200;
  const auto session = Session::start(request);
  if (session) {
    wait_until_used(child, times_of(child)->user + 500ms);
    // Nobody took them until now.
    (*session)->stop();
    const Recording stopped = (*session)->so_far();
    EXPECT_GT(stopped.quality.samples, 50);
    wait_until_used(child, times_of(child)->user + 200ms);
    const Recording after = std::move(**session).finish();
    EXPECT_EQ(after.quality.samples, stopped.quality.samples);
    EXPECT_EQ(after.duration_ns, stopped.duration_ns);
  }
  if (!session) GTEST_SKIP() << session.error().message;
}

TEST(Sessions, TheTimeOfATargetThatEndedStays) {
  Burner one;
  const Burner other;
  wait_until_used(one.pid(), 200ms);
  wait_until_used(other.pid(), 200ms);
  RecordRequest request;
  request.pids = {one.pid(), other.pid()};
  const auto session = Session::start(request);
  one.end();
  if (session) {
    EXPECT_TRUE((*session)->turn(1ms));
    EXPECT_GE((*session)->so_far().overhead.target_ns, 0);
  }
  if (!session) GTEST_SKIP() << session.error().message;
}

}  // namespace
}  // namespace signalbox::profile
