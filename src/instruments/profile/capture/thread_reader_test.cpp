#include "instruments/profile/capture/thread_reader.hpp"

#include <gtest/gtest.h>
#include <sys/syscall.h>

#include "instruments/profile/capture/system_calls.hpp"

namespace signalbox::profile {
namespace {

TEST(SystemCallLine, OfAThreadThatWaits) {
  const auto moment = parse_system_call("7 0x7ffd 0x1 0xffffffff 0x0 0x0 0x0 0x7ffd5a30 0x7f12abcd");
  ASSERT_TRUE(moment);
  EXPECT_FALSE(moment->runs);
  EXPECT_EQ(moment->system_call, 7);
  EXPECT_TRUE(moment->registers.known);
  EXPECT_FALSE(moment->registers.has_fp);
  EXPECT_EQ(moment->registers.values[kRegisterSp], 0x7ffd5a30U);
  EXPECT_EQ(moment->registers.values[kRegisterIp], 0x7f12abcdU);
}

TEST(SystemCallLine, OutsideOfSystemCallsAndWhileItRuns) {
  const auto outside = parse_system_call("-1 0x7ffd5a30 0x401000");
  ASSERT_TRUE(outside);
  EXPECT_EQ(outside->system_call, -1);
  EXPECT_EQ(outside->registers.values[kRegisterIp], 0x401000U);
  EXPECT_TRUE(parse_system_call("running")->runs);
}

TEST(SystemCallLine, WhatIsNoneIsNone) {
  for (const char* line : {"", " ", "running ", "7 0x1 0x2", "-1 0x1", "-1 0x1 2", "x 0x1 0x2", "-1 0x1 0xzz",
                           "7 0 0 0 0 0 0 0 0x1 0x2", "-1 0x1 0x11111111111111111"})
    EXPECT_FALSE(parse_system_call(line)) << line;
}

TEST(Switches, OfBothKindsAreAdded) {
  EXPECT_EQ(parse_switches("Name:\tx\nvoluntary_ctxt_switches:\t150\nnonvoluntary_ctxt_switches:\t7\n"),
            157U);
  EXPECT_EQ(parse_switches("voluntary_ctxt_switches:\tmany\n"), 0U);
  EXPECT_EQ(parse_switches(""), 0U);
}

TEST(SystemCallName, IsTheKernels) {
  EXPECT_EQ(system_call_name(SYS_futex), "futex");
  EXPECT_EQ(system_call_name(SYS_read), "read");
  EXPECT_EQ(system_call_name(-1), "");
  EXPECT_EQ(system_call_name(99'999), "system call 99999");
}

TEST(ThreadMoments, AThreadThatRanBetweenIsNotAtRest) {
  ThreadMoment before;
  before.switches = 5;
  before.registers.values[kRegisterSp] = 0x1000;
  ThreadMoment after = before;
  EXPECT_TRUE(after.is_at_rest_since(before));
  after.switches = 7;  // it came back to the same place
  EXPECT_FALSE(after.is_at_rest_since(before));
  after = before;
  after.registers.values[kRegisterSp] = 0xff0;
  EXPECT_FALSE(after.is_at_rest_since(before));
  after = before;
  after.runs = true;
  EXPECT_FALSE(after.is_at_rest_since(before));
}

}  // namespace
}  // namespace signalbox::profile
