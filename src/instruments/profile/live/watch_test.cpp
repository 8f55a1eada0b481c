#include "instruments/profile/live/watch.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/burner.hpp"

namespace signalbox::profile {
namespace {

using namespace std::chrono_literals;
using testing::Burner;

// Each session is full with its first stack.
constexpr WatchLimits kOneStack{1, 1'000};

// Turns until there is something to tell of, or it ended.
Result<bool> turn_until_sampled(Watch& watch) {
  for (;;) {
    SIGNALBOX_TRY(const bool goes_on, watch.turn(20ms));
    if (!goes_on || watch.has_samples()) return goes_on;
  }
}

class Watches : public ::testing::Test {
 protected:
  // Skips where programs may not be sampled.
  void watch(const RecordRequest& request, WatchLimits limits) {
    auto session = Session::start(request);
    if (!session) GTEST_SKIP() << session.error().message;
    watch_.emplace(std::move(*session), request, TopOrder::self, limits);
  }
  std::optional<Watch> watch_;
};

TEST_F(Watches, BeginAnewWhereStacksAreTooMany) {
  const Burner busy;
  RecordRequest request;
  request.pids = {busy.pid()};
  watch(request, kOneStack);
  if (!watch_) return;
  std::int64_t elapsed_ns = 0;
  for (std::int64_t number = 1; number <= 3; ++number) {
    const auto goes_on = turn_until_sampled(*watch_);
    ASSERT_TRUE(goes_on) << goes_on.error().message;
    ASSERT_TRUE(*goes_on);
    // What the interval before was drawn from is there until now.
    if (number > 1) {
      EXPECT_FALSE(watch_->profile().samples.empty());
    }
    EXPECT_EQ(watch_->sessions(), static_cast<std::size_t>(number));
    const Interval interval = watch_->next();
    EXPECT_EQ(interval.number, number);
    EXPECT_GT(interval.elapsed_ns, elapsed_ns);
    EXPECT_GT(interval.samples, 0);
    EXPECT_GT(interval.cpu_ns, 0);
    EXPECT_GE(interval.lost, 0);
    EXPECT_FALSE(interval.top.rows.empty());
    EXPECT_LE(interval.duration_ns, interval.elapsed_ns - elapsed_ns);
    elapsed_ns = interval.elapsed_ns;
    EXPECT_LE(elapsed_ns, watch_->elapsed().count());
  }
}

TEST_F(Watches, GoOnInOneSessionBelowTheLimit) {
  const Burner busy;
  RecordRequest request;
  request.pids = {busy.pid()};
  watch(request, {});
  if (!watch_) return;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(turn_until_sampled(*watch_).value());
    watch_->next();
  }
  EXPECT_EQ(watch_->sessions(), 1U);
}

TEST_F(Watches, BeginAnewWhereThreadsAreTooMany) {
  const Burner busy;
  RecordRequest request;
  request.pids = {busy.pid()};
  WatchLimits limits;
  limits.threads = 0;
  watch(request, limits);
  if (!watch_) return;
  for (std::size_t i = 1; i <= 2; ++i) {
    ASSERT_TRUE(turn_until_sampled(*watch_).value());
    watch_->next();
    EXPECT_EQ(watch_->sessions(), i);
  }
}

TEST_F(Watches, ALaunchedProgramIsWatchedOnAndItsEndSeen) {
  RecordRequest request;
  request.program = testing::ending_with_us({"sh", "-c", "while :; do :; done"});
  watch(request, kOneStack);
  if (!watch_) return;
  const auto pid = watch_->program_that_goes_on();
  ASSERT_TRUE(pid);
  for (int i = 0; i < 2; ++i) {
    const auto goes_on = turn_until_sampled(*watch_);
    EXPECT_TRUE(goes_on && *goes_on);
    watch_->next();
    EXPECT_EQ(watch_->program_that_goes_on(), pid);
  }
  EXPECT_EQ(watch_->sessions(), 2U);
  ::kill(*pid, SIGKILL);
  bool goes_on = true;
  for (int i = 0; i < 3'000 && goes_on; ++i) goes_on = watch_->turn(20ms).value_or(false);
  EXPECT_FALSE(goes_on);
  EXPECT_FALSE(watch_->program_that_goes_on());
  ::waitpid(*pid, nullptr, 0);
}

TEST_F(Watches, ATargetThatEndsBetweenTwoSessionsIsTheEnd) {
  Burner busy;
  RecordRequest request;
  request.pids = {busy.pid()};
  watch(request, kOneStack);
  if (!watch_) return;
  ASSERT_TRUE(turn_until_sampled(*watch_).value());
  watch_->next();
  busy.end();
  const auto goes_on = watch_->turn(20ms);
  ASSERT_TRUE(goes_on) << goes_on.error().message;
  EXPECT_FALSE(*goes_on);
  EXPECT_FALSE(watch_->has_samples());
}

TEST_F(Watches, AnInterruptionIsSeenInEverySession) {
  const Burner busy;
  RecordRequest request;
  request.pids = {busy.pid()};
  watch(request, kOneStack);
  if (!watch_) return;
  ASSERT_TRUE(turn_until_sampled(*watch_).value());
  watch_->next();
  ASSERT_TRUE(watch_->turn(20ms).value());
  EXPECT_EQ(watch_->sessions(), 2U);
  ::raise(SIGTERM);
  EXPECT_FALSE(watch_->turn(20ms).value());
}

}  // namespace
}  // namespace signalbox::profile
