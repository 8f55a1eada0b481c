#include "instruments/profile/capture/wait_recorder.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/perf_event.h>

namespace signalbox::profile {
namespace {

constexpr std::uint32_t kThread = 4'194'301;  // no such process
constexpr std::uint64_t kStart = 1'000'000'000;
constexpr std::array<std::uint64_t, 2> kFutex{0xffffffff81000010, 0xffffffff81000020};
constexpr std::array<std::uint64_t, 2> kPipe{0xffffffff81000110, 0xffffffff81000120};
// Our own program, a timer, the entry of its interrupt, what it came upon.
constexpr std::array<std::uint64_t, 4> kTimer{0xffffffffc0000010, 0xffffffff81000210, 0xffffffff81000310,
                                              0xffffffff81000410};
constexpr std::string_view kNames =
    "ffffffff81000000 T futex_wait\n"
    "ffffffff81000100 T pipe_read\n"
    "ffffffff81000200 T hrtimer_wakeup\n"
    "ffffffff81000300 T asm_sysvec_apic_timer_interrupt\n"
    "ffffffff81000400 T do_user_work\n"
    "ffffffffc0000000 t bpf_prog_0123456789abcdef_sb_wake\t[bpf]\n";

class Waits : public ::testing::Test {
 protected:
  void learn(std::uint64_t stack, std::span<const std::uint64_t> kernel) {
    WalkedSample sample;
    sample.time_ns = kStart;
    sample.pid = sample.tid = kThread;
    sample.stack = stack;
    sample.kernel = kernel;
    recorder_.learn_stack(sample);
  }
  static Wait wait_at(std::uint64_t after_ns, std::uint64_t waited_ns, std::uint64_t stack) {
    Wait out;
    out.time_ns = kStart + after_ns;
    out.waited_ns = waited_ns;
    out.pid = out.tid = kThread;
    out.stack = stack;
    out.state = 1;
    return out;
  }
  void copy_at(std::uint64_t after_ns, std::span<const std::uint64_t> kernel) {
    std::vector<std::uint64_t> chain{PERF_CONTEXT_KERNEL};
    chain.insert(chain.end(), kernel.begin(), kernel.end());
    SampleRecord copy;
    copy.time_ns = kStart + after_ns;
    copy.pid = copy.tid = kThread;
    copy.callchain = chain;
    waits_.take(copy);
  }
  void finish(WaitRecorder::Sum sum = WaitRecorder::Sum::waits) { waits_.finish(sum); }
  // "81000020 81000010 [uninterruptible]", from the bottom, addresses less what a return address is ahead.
  std::string stack_of(const RawSample& sample) const {
    std::string out;
    for (std::uint32_t at = sample.stack; at != 0;) {
      const RawNode& node = std::as_const(recorder_).raw().nodes()[at];
      const std::string word = node.frame.kind == FrameKind::synthetic
                                   ? std::string(std::as_const(recorder_).raw().words(node.frame.address))
                                   : fmt::format("{:x}", (node.frame.address + 1) & 0xfffffff0);
      out = out.empty() ? word : word + " " + out;
      at = node.parent;
    }
    return out;
  }
  const std::vector<RawSample>& samples() const { return std::as_const(recorder_).raw().samples(); }
  std::string only_stack() const { return samples().size() == 1 ? stack_of(samples().front()) : "not one"; }

  Recorder recorder_{kStart};
  WaitRecorder waits_{recorder_, kStart, KernelSymbols::parse(std::string(kNames))};
};

// What a look at waits that go on tells of, and the rest when they are over, is what they waited.
TEST_F(Waits, OneThatIsLookedAtIsToldOfInParts) {
  learn(7, kFutex);
  const auto off_now = [&] {
    std::int64_t sum = 0;
    for (const RawSample& sample : recorder_.take_samples()) {
      EXPECT_EQ(stack_of(sample), "81000020 81000010");
      sum += sample.off_ns;
    }
    return sum;
  };
  Wait open = wait_at(100, 400, 7);
  open.is_open = true;
  waits_.look({open});
  EXPECT_EQ(off_now(), 400);
  open.waited_ns = 1'400;
  waits_.look({open});
  EXPECT_EQ(off_now(), 1'000);
  waits_.take(wait_at(100, 1'700, 7));
  waits_.look({});
  EXPECT_EQ(off_now(), 300);
  // The next one of the thread is another.
  waits_.take(wait_at(2'000, 50, 7));
  open = wait_at(2'100, 10, 7);
  waits_.look({open});
  EXPECT_EQ(off_now(), 60);
}

TEST_F(Waits, OneThatWasOverWhenItsThreadWasToldOfIsNotToldOfTwice) {
  learn(7, kFutex);
  waits_.look({});
  const Wait open = wait_at(100, 400, 7);
  waits_.take(wait_at(100, 450, 7));  // it ended between the look at its thread and what was taken last
  waits_.look({open});
  std::int64_t sum = 0;
  for (const RawSample& sample : recorder_.take_samples()) sum += sample.off_ns;
  EXPECT_EQ(sum, 450);
}

// A thread that goes on and ends while it is looked at; at the first look, too.
TEST_F(Waits, TheLastOneOfAThreadThatEndedMeanwhileIsNotToldOfTwice) {
  learn(7, kFutex);
  for (std::uint64_t began = 100; began < 10'000; began += 1'000) {
    waits_.begin_look();
    const Wait open = wait_at(began, 400, 7);
    waits_.take(wait_at(began, 450, 7));
    ThreadTime time;
    time.pid = time.tid = kThread;
    waits_.take(time);
    waits_.look({open});
    std::int64_t sum = 0;
    for (const RawSample& sample : recorder_.take_samples()) sum += sample.off_ns;
    EXPECT_EQ(sum, 450);
  }
}

TEST_F(Waits, AWaitHasTheStackThatItsThreadHadWhenItLeft) {
  learn(7, kFutex);
  waits_.take(wait_at(5'000, 300, 7));
  finish();
  EXPECT_EQ(only_stack(), "81000020 81000010");
  EXPECT_EQ(samples().front().off_ns, 300);
  EXPECT_EQ(samples().front().cpu_ns, 0);
  EXPECT_EQ(samples().front().time_ns, 5'000);
  EXPECT_EQ(waits_.totals().waits, 1);
}

TEST_F(Waits, StatesThatAreNoUsualSleepAreSaid) {
  learn(7, kFutex);
  const std::pair<std::uint32_t, std::string> kStates[] = {{0, " [waits for a processor]"},
                                                           {1, ""},
                                                           {2, " [uninterruptible]"},
                                                           {0x402, " [uninterruptible]"},
                                                           {4, " [stopped]"}};
  for (const auto& [state, words] : kStates) {
    Wait wait = wait_at(0, 10, 7);
    wait.state = state;
    waits_.take(wait);
  }
  finish();
  std::vector<std::string> found;
  for (const RawSample& sample : samples()) found.push_back(stack_of(sample));
  for (const auto& [state, words] : kStates)
    EXPECT_NE(std::find(found.begin(), found.end(), "81000020 81000010" + words), found.end()) << state;
}

TEST_F(Waits, AWaitWithoutAStackGetsTheCopyThatWasMadeInIt) {
  copy_at(100, kFutex);
  copy_at(2'000, kPipe);
  waits_.take(wait_at(90, 500, 0));
  waits_.take(wait_at(1'990, 700, 0));
  finish();
  ASSERT_EQ(samples().size(), 2U);
  for (const RawSample& sample : samples())
    EXPECT_EQ(stack_of(sample), sample.off_ns == 500 ? "81000020 81000010" : "81000120 81000110");
}

TEST_F(Waits, ACopyMayComeBehindItsWait) {
  waits_.take(wait_at(90, 500, 0));
  waits_.settle(kStart + 500);
  copy_at(100, kFutex);
  waits_.settle(kStart + 500);
  finish();
  EXPECT_EQ(only_stack(), "81000020 81000010");
}

TEST_F(Waits, AWaitWhoseStackNeverCameKeepsItsTime) {
  waits_.take(wait_at(90, 500, 0));
  waits_.take(wait_at(1'000, 40, 99));  // its frames were lost
  copy_at(5'000, kFutex);               // of another wait
  waits_.settle(kStart + 1'000'000);
  finish();
  ASSERT_EQ(samples().size(), 2U);
  std::int64_t sum = 0;
  for (const RawSample& sample : samples()) {
    sum += sample.off_ns;
    EXPECT_TRUE(stack_of(sample).starts_with("[truncated: ")) << stack_of(sample);
  }
  EXPECT_EQ(sum, 540);
  EXPECT_EQ(recorder_.quality().truncated.total(), 2);
}

TEST_F(Waits, AThreadThatNeverRanHasNoStack) {
  Wait wait = wait_at(0, 77, 0);
  wait.begin = Wait::Begin::first_run;
  waits_.take(wait);
  finish();
  EXPECT_EQ(only_stack(), "[waits for its first run]");
  EXPECT_EQ(recorder_.quality().truncated.total(), 0);
}

TEST_F(Waits, EndsThatWereNotSeenAreSaidAndCounted) {
  learn(7, kFutex);
  copy_at(1, kFutex);
  Wait before = wait_at(0, 100, 0);
  before.begin = Wait::Begin::before_recording;
  Wait open = wait_at(200, 50, 7);
  open.is_open = true;
  waits_.take(before);
  waits_.take(wait_at(110, 5, 7));
  waits_.take(open);
  finish();
  ASSERT_EQ(samples().size(), 3U);
  for (const RawSample& sample : samples()) {
    EXPECT_EQ(stack_of(sample), "81000020 81000010");
    EXPECT_EQ(sample.ends, sample.off_ns == 100  ? WaitEnds::began_before
                           : sample.off_ns == 50 ? WaitEnds::not_over
                                                 : WaitEnds::both_seen);
  }
  EXPECT_EQ(waits_.totals().open_count, 2);
  EXPECT_EQ(waits_.totals().open_ns, 150);
}

TEST_F(Waits, TheWakersFramesStandLeafFirstBehindItsName) {
  learn(7, kPipe);
  learn(8, kFutex);
  Wait wait = wait_at(0, 10, 7);
  wait.waker = Waker{1, 2, "writer", false, 8};
  waits_.take(wait);
  finish();
  EXPECT_EQ(only_stack(), "81000120 81000110 [woken by] writer 81000010 81000020");
}

TEST_F(Waits, WhatAnInterruptCameUponWokeNobody) {
  learn(7, kPipe);
  learn(8, kTimer);
  Wait wait = wait_at(0, 10, 7);
  wait.waker = Waker{1, 2, "bystander", true, 8};
  waits_.take(wait);
  finish();
  EXPECT_EQ(only_stack(), "81000120 81000110 [woken by] [interrupt] 81000210 81000310");
}

TEST_F(Waits, AWakerWhoseCodeIsNotKnownIsSaidToEndEarly) {
  learn(7, kPipe);
  learn(8, kFutex);
  Wait known = wait_at(0, 10, 7);
  known.waker = Waker{1, 2, "stranger", true, 8};
  Wait unknown = wait_at(0, 10, 7);
  unknown.waker = Waker{1, 2, "stranger", false, 0};
  waits_.take(known);
  waits_.take(unknown);
  finish();
  ASSERT_EQ(samples().size(), 2U);
  for (const RawSample& sample : samples())
    EXPECT_NE(stack_of(sample).find("[truncated: "), std::string::npos) << stack_of(sample);
}

TEST_F(Waits, ManyShortWaitsOfOneMomentAreOneSample) {
  learn(7, kFutex);
  for (std::uint64_t i = 0; i < 1'000; ++i) waits_.take(wait_at(i * 1'000, 10, 7));
  waits_.take(wait_at(20'000'000, 10, 7));
  finish();
  ASSERT_EQ(samples().size(), 2U);
  EXPECT_EQ(samples().front().count + samples().back().count, 1'001);
  EXPECT_EQ(samples().front().off_ns + samples().back().off_ns, 10'010);
}

// A thread of 10 ms: 4 ms in a wait, 1 ms in short ones, 0.5 ms in lost ones, the rest on a processor.
ThreadTime ten_milliseconds() {
  ThreadTime out;
  out.pid = out.tid = kThread;
  out.start_ns = kStart;
  out.end_ns = kStart + 10'000'000;
  out.off_ns = 5'500'000;
  out.short_ns = 1'000'000;
  out.short_count = 2'000;
  out.lost_ns = 500'000;
  out.lost_count = 3;
  return out;
}

class WholeTime : public Waits {
 protected:
  void sample_at(std::uint64_t after_ns, std::chrono::nanoseconds period) {
    WalkedSample sample;
    sample.time_ns = kStart + after_ns;
    sample.pid = sample.tid = kThread;
    sample.stack = 9;
    sample.kernel = kFutex;
    recorder_.take(sample, period);
  }
  std::int64_t sum() const {
    std::int64_t out = 0;
    for (const RawSample& sample : samples()) {
      EXPECT_GE(sample.cpu_ns, 0);
      EXPECT_GE(sample.off_ns, 0);
      out += sample.cpu_ns + sample.off_ns;
    }
    return out;
  }
};

TEST_F(WholeTime, SamplesAndWaitsOfAThreadAddUpToItsLifetime) {
  learn(7, kPipe);
  waits_.take(wait_at(1'000'000, 4'000'000, 7));
  for (int i = 0; i < 4; ++i)
    sample_at(6'000'000 + 1'000'000 * static_cast<std::uint64_t>(i), std::chrono::milliseconds(1));
  waits_.take(ten_milliseconds());
  finish(WaitRecorder::Sum::whole);
  EXPECT_EQ(sum(), 10'000'000);
  EXPECT_EQ(waits_.totals().lifetime_ns, 10'000'000);
  EXPECT_EQ(waits_.totals().lost_count, 3);
  EXPECT_EQ(waits_.totals().short_ns, 1'000'000);
}

TEST_F(WholeTime, SamplesStandForNoMoreThanTheThreadRan) {
  learn(7, kPipe);
  waits_.take(wait_at(1'000'000, 4'000'000, 7));
  for (int i = 0; i < 5; ++i) sample_at(6'000'000, std::chrono::milliseconds(1));
  waits_.take(ten_milliseconds());
  finish(WaitRecorder::Sum::whole);
  EXPECT_EQ(sum(), 10'000'000);
}

TEST_F(WholeTime, WhatSamplesStandForTooMuchIsTakenFromAllAlike) {
  ThreadTime time = ten_milliseconds();
  time.off_ns = time.short_ns = time.short_count = time.lost_ns = time.lost_count = 0;
  for (int i = 0; i < 5; ++i) sample_at(1'000, std::chrono::milliseconds(4));
  waits_.take(time);
  finish(WaitRecorder::Sum::whole);
  ASSERT_EQ(samples().size(), 5U);
  for (const RawSample& sample : samples()) EXPECT_EQ(sample.cpu_ns, 2'000'000);
}

TEST_F(WholeTime, AThreadWithoutAnAccountKeepsItsSamples) {
  sample_at(1'000, std::chrono::milliseconds(4));
  finish(WaitRecorder::Sum::whole);
  EXPECT_EQ(sum(), 4'000'000);
}

TEST_F(WholeTime, WaitsAloneDoNotTellOfShortOnesButOfLostOnes) {
  learn(7, kPipe);
  waits_.take(wait_at(1'000'000, 4'000'000, 7));
  waits_.take(ten_milliseconds());
  finish(WaitRecorder::Sum::waits);
  EXPECT_EQ(sum(), 4'500'000);
  EXPECT_EQ(waits_.totals().short_count, 2'000);
}

}  // namespace
}  // namespace signalbox::profile
