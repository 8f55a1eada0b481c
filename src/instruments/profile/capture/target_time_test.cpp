#include "instruments/profile/capture/target_time.hpp"

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

using namespace std::chrono_literals;

// Processes as /proc tells of them, which a test changes.
struct Machine {
  std::map<std::int32_t, ProcessTimes> processes;

  void runs(std::int32_t pid, std::chrono::nanoseconds time, std::int32_t parent = 1,
            std::chrono::nanoseconds of_ended_children = 0s) {
    processes[pid] = {time, 0s, of_ended_children, 'R', parent};
  }
  TargetTime target(std::vector<std::int32_t> pids) {
    return TargetTime(std::move(pids), [this](std::int32_t pid) -> std::optional<ProcessTimes> {
      const auto found = processes.find(pid);
      if (found == processes.end()) return std::nullopt;
      return found->second;
    });
  }
};

TEST(TargetTimes, OneThatEndedKeepsWhatItHad) {
  Machine machine;
  machine.runs(10, 5s);
  machine.runs(11, 100s);
  TargetTime time = machine.target({10, 11});
  EXPECT_EQ(time.so_far(), 105s);
  machine.runs(10, 7s);
  machine.runs(11, 103s);
  EXPECT_EQ(time.so_far(), 110s);
  machine.processes.erase(11);
  machine.runs(10, 8s);
  EXPECT_EQ(time.so_far(), 111s);
  machine.processes.clear();
  EXPECT_EQ(time.so_far(), 111s);
}

TEST(TargetTimes, OneThatAnotherOfThemWaitedForIsCountedThereAlone) {
  Machine machine;
  machine.runs(10, 5s);
  machine.runs(11, 100s, 10);
  TargetTime time = machine.target({10, 11});
  EXPECT_EQ(time.so_far(), 105s);
  machine.processes.erase(11);
  machine.runs(10, 5s, 1, 104s);
  EXPECT_EQ(time.so_far(), 109s);
  machine.processes.erase(10);
  EXPECT_EQ(time.so_far(), 109s);
}

// What a parent had of children before is not this one's.
TEST(TargetTimes, OneThatNobodyWaitsForStays) {
  Machine machine;
  machine.runs(10, 5s, 1, 1'000s);
  machine.runs(11, 100s, 10);
  TargetTime time = machine.target({10, 11});
  EXPECT_EQ(time.so_far(), 1'105s);
  machine.processes.erase(11);
  EXPECT_EQ(time.so_far(), 1'105s);
}

TEST(TargetTimes, AChainThatEndsAtOnceIsInWhoWaitedForItAll) {
  Machine machine;
  machine.runs(10, 5s);
  machine.runs(11, 20s, 10);
  machine.runs(12, 100s, 11);
  TargetTime time = machine.target({10, 11, 12});
  EXPECT_EQ(time.so_far(), 125s);
  machine.processes.erase(11);
  machine.processes.erase(12);
  machine.runs(10, 5s, 1, 120s);
  EXPECT_EQ(time.so_far(), 125s);
}

TEST(TargetTimes, NeverGoBack) {
  Machine machine;
  machine.runs(10, 5s);
  machine.runs(11, 100s, 10);
  TargetTime time = machine.target({11, 10});
  EXPECT_EQ(time.so_far(), 105s);
  // The child was looked at before it ended, its parent after.
  machine.runs(10, 5s, 1, 100s);
  EXPECT_EQ(time.so_far(), 205s);
  machine.processes.erase(11);
  EXPECT_EQ(time.so_far(), 205s);
}

}  // namespace
}  // namespace signalbox::profile
