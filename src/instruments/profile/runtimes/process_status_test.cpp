#include "instruments/profile/runtimes/process_status.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "instruments/profile/runtimes/process_paths.hpp"

namespace signalbox::profile {
namespace {

TEST(ProcessStatus, IsWhatTheKernelWrites) {
  const ProcessStatus status = parse_process_status(
      "Name:\tState:\tZ\nUmask:\t0022\nState:\tT (stopped)\nTgid:\t4711\nNgid:\t0\nPid:\t4711\n"
      "Uid:\t1000\t1001\t1002\t1003\nGid:\t100\t101\t102\t103\nNSpid:\t4711\t12\t1\n"
      "SigQ:\t0/63344\nShdPnd:\t0000000000000000\nSigCgt:\t0000000000000404\n");
  EXPECT_EQ(status.state, 'T');
  EXPECT_TRUE(status.is_stopped());
  EXPECT_EQ(status.user, 1001U);
  EXPECT_EQ(status.group, 101U);
  EXPECT_EQ(status.own_number, 1);
  EXPECT_TRUE(status.catches(SIGQUIT));
  EXPECT_TRUE(status.catches(SIGSEGV));
  EXPECT_FALSE(status.catches(SIGTERM));
}

TEST(ProcessStatus, WhatIsMissingOrIsNoNumberIsNotSaid) {
  for (const char* text : {"", "State:\nUid:\t1\nGid:\nNSpid:\nSigCgt:\n",
                           "Uid:\ta\tb\nGid:\t1\t-1\nNSpid:\tx\nSigCgt:\tzz", "Uid\t1\t2\n:\n::\n"}) {
    const ProcessStatus status = parse_process_status(text);
    EXPECT_EQ(status.state, '?') << text;
    EXPECT_FALSE(status.user || status.group || status.own_number || status.caught != 0) << text;
    EXPECT_FALSE(status.is_stopped()) << text;
  }
}

TEST(ProcessStatus, OfThisProcessAndItsThreadIsKnown) {
  const auto own = status_of(::getpid());
  ASSERT_TRUE(own);
  EXPECT_EQ(own->user, ::geteuid());
  EXPECT_EQ(own->group, ::getegid());
  EXPECT_FALSE(own->is_stopped());
  EXPECT_EQ(own->own_number, own_number_of(::getpid()));
  EXPECT_EQ(status_of(::getpid(), ::gettid()).value().own_number, ::gettid());
  EXPECT_EQ(status_of(2'000'000'000), std::nullopt);
  EXPECT_EQ(own_number_of(2'000'000'000), 2'000'000'000);
}

}  // namespace
}  // namespace signalbox::profile
