#include "instruments/profile/capture/recorder.hpp"

#include <array>

#include <gtest/gtest.h>
#include <unistd.h>

namespace signalbox::profile {
namespace {

constexpr std::chrono::milliseconds kPeriod{10};
constexpr std::array<std::uint64_t, 2> kKernel{0xffffffff81000010, 0xffffffff81000020};

WalkedSample sample_of(std::uint64_t stack, std::span<const std::uint64_t> kernel) {
  WalkedSample out;
  out.time_ns = 1'000'000;
  out.pid = 4'194'301;
  out.tid = 4'194'301;
  out.stack = stack;
  out.kernel = kernel;
  return out;
}

TEST(Recorder, ASampleWhoseFramesNeverCameKeepsItsTime) {
  Recorder recorder(0);
  recorder.take(sample_of(7, {}), kPeriod);
  ASSERT_EQ(recorder.raw().samples().size(), 1U);
  const RawSample& taken = recorder.raw().samples().front();
  EXPECT_EQ(taken.cpu_ns, 10'000'000);
  const RawNode& node = recorder.raw().nodes().at(taken.stack);
  EXPECT_EQ(node.parent, 0U);
  ASSERT_EQ(node.frame.kind, FrameKind::synthetic);
  EXPECT_EQ(recorder.raw().words(node.frame.address), "[truncated: its frames did not come]");
  EXPECT_EQ(recorder.quality().samples, 1);
  EXPECT_EQ(recorder.quality().truncated.of(Truncation::no_frames), 1);
  EXPECT_EQ(recorder.quality().truncated.total(), 1);
  EXPECT_EQ(recorder.quality().complete, 0);
}

TEST(Recorder, AStackIsKnownFromTheFirstSampleThatBringsItsFrames) {
  Recorder recorder(0);
  recorder.take(sample_of(7, {}), kPeriod);
  recorder.take(sample_of(7, kKernel), kPeriod);
  recorder.take(sample_of(7, {}), kPeriod);
  const auto& samples = recorder.raw().samples();
  ASSERT_EQ(samples.size(), 3U);
  EXPECT_NE(samples[0].stack, samples[1].stack);
  EXPECT_EQ(samples[1].stack, samples[2].stack);
  const RawNode& leaf = recorder.raw().nodes().at(samples[1].stack);
  EXPECT_EQ(leaf.frame.kind, FrameKind::kernel);
  EXPECT_EQ(leaf.frame.address, kKernel[0]);
  EXPECT_EQ(recorder.raw().nodes().at(leaf.parent).frame.address, kKernel[1] - 1);  // a return address
  EXPECT_EQ(recorder.quality().complete, 2);
  EXPECT_EQ(recorder.quality().truncated.of(Truncation::no_frames), 1);
  EXPECT_EQ(recorder.quality().truncated.total(), 1);
}

TEST(Recorder, AMarkOfTheKernelsChainIsNoFrame) {
  constexpr std::array<std::uint64_t, 3> kMarked{static_cast<std::uint64_t>(-128), kKernel[0], kKernel[1]};
  Recorder recorder(0);
  recorder.take(sample_of(7, kMarked), kPeriod);
  const RawNode& leaf = recorder.raw().nodes().at(recorder.raw().samples().front().stack);
  EXPECT_EQ(leaf.frame.address, kKernel[0]);  // where it ran, and no return address
  EXPECT_EQ(recorder.raw().nodes().at(leaf.parent).frame.address, kKernel[1] - 1);
}

TEST(Recorder, WhatWasSampledBeforeTheStartIsLeftOutButForItsFrames) {
  Recorder recorder(2'000'000);
  recorder.take(sample_of(7, kKernel), kPeriod);
  EXPECT_TRUE(recorder.raw().samples().empty());
  EXPECT_EQ(recorder.quality().samples, 0);
  EXPECT_EQ(recorder.quality().complete, 0);
  WalkedSample later = sample_of(7, {});
  later.time_ns = 3'000'000;
  recorder.take(later, kPeriod);
  ASSERT_EQ(recorder.raw().samples().size(), 1U);
  EXPECT_EQ(recorder.raw().samples().front().time_ns, 1'000'000);
  EXPECT_EQ(recorder.raw().nodes().at(recorder.raw().samples().front().stack).frame.address, kKernel[0]);
}

constexpr std::uint32_t kGone = 4'194'301;  // no such process

TEST(Recorder, AStackThatEndsEarlyIsCountedByWhy) {
  Recorder recorder(0);
  recorder.take(PerfRecord(MapRecord{kGone, 0x1000, 0x1000, 0, "//anon"}));
  SampleRecord sample;
  sample.time_ns = 1'000'000;
  sample.pid = sample.tid = kGone;
  sample.registers.known = true;
  sample.registers.values[kRegisterSp] = 0x7000;
  const auto why = [&](std::uint64_t ip, std::uint64_t fp) {
    sample.registers.values[kRegisterIp] = ip;
    sample.registers.values[kRegisterFp] = fp;
    recorder.take(PerfRecord(sample));
    std::uint32_t node = recorder.raw().samples().back().stack;
    while (recorder.raw().nodes()[node].parent != 0) node = recorder.raw().nodes()[node].parent;
    return std::string(recorder.raw().words(recorder.raw().nodes()[node].frame.address));
  };
  EXPECT_EQ(why(0x1010, 1), "[truncated: a frame that does not lie above]");  // code without a table
  EXPECT_EQ(why(0x1010, 0x7010), "[truncated: beyond the copy of the stack]");
  EXPECT_EQ(why(0x1020, 1), "[truncated: a frame that does not lie above]");
  EXPECT_EQ(why(0x9000, 1), "[truncated: no code there]");
  const Truncations& truncated = recorder.quality().truncated;
  EXPECT_EQ(truncated.of(Truncation::not_upward), 2);
  EXPECT_EQ(truncated.of(Truncation::beyond), 1);
  EXPECT_EQ(truncated.of(Truncation::no_code), 1);
  EXPECT_EQ(truncated.total(), 4);
  EXPECT_EQ(name_of(Truncation::too_deep), "too deep");
}

TEST(Recorder, ANumberThatIsGivenAnewIsAnotherProcess) {
  Recorder recorder(0);
  recorder.take(PerfRecord(MapRecord{kGone, 0x1000, 0x1000, 0, "/no/such/file"}));
  ASSERT_EQ(recorder.space_of(kGone)->size(), 1U);
  recorder.take_changed();
  recorder.take(PerfRecord(ForkRecord{kGone, kGone - 1, kGone}));  // by one that was never seen
  EXPECT_EQ(recorder.space_of(kGone)->size(), 0U);
  EXPECT_EQ(recorder.take_changed(), std::vector<std::int32_t>{kGone});
  EXPECT_EQ(recorder.processes().size(), 1U);
}

TEST(Recorder, ANumberThatIsGivenAnewIsAnotherThread) {
  Recorder recorder(0);
  recorder.take(PerfRecord(CommRecord{kGone, kGone + 1, false, "before"}));
  const std::uint32_t before = recorder.thread(kGone, kGone + 1);
  EXPECT_EQ(recorder.threads()[before].name, "before");
  recorder.take(PerfRecord(ForkRecord{kGone, kGone, kGone + 1}));
  const std::uint32_t after = recorder.thread(kGone, kGone + 1);
  EXPECT_NE(after, before);
  EXPECT_NE(recorder.threads()[after].name, "before");
}

TEST(Recorder, AProcessThatHasAnotherNameBeforeItsFirstSampleIsKnownAllTheSame) {
  Recorder recorder(0);
  const auto ours = static_cast<std::uint32_t>(::getpid());
  recorder.take(PerfRecord(CommRecord{ours, ours, false, "renamed"}));
  EXPECT_GT(recorder.space_of(::getpid())->size(), 0U);
  EXPECT_EQ(recorder.processes(), std::vector<std::int32_t>{::getpid()});
  EXPECT_EQ(recorder.threads()[recorder.thread(::getpid(), ::getpid())].process, "renamed");
}

TEST(Recorder, TheProfilerItselfHasANameOfItsOwn) {
  Recorder recorder(0);
  WalkedSample ours = sample_of(7, kKernel);
  ours.pid = static_cast<std::uint32_t>(::getpid());
  ours.tid = ours.pid;
  recorder.take(ours, kPeriod);
  ASSERT_EQ(recorder.threads().size(), 1U);
  EXPECT_EQ(recorder.threads().front().process, "[signalbox]");
}

}  // namespace
}  // namespace signalbox::profile
