#include "instruments/profile/capture/launched_program.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include "core/base/file.hpp"

namespace signalbox::profile {
namespace {

int end_of(LaunchedProgram& program) {
  pollfd ended{program.ended(), POLLIN, 0};
  ::poll(&ended, 1, 10'000);
  return program.exit_code().value_or(-1);
}

TEST(LaunchedProgram, WaitsUntilItIsLetGo) {
  const TemporaryDirectory folder;
  const std::string file = (folder.path() / "x").native();
  auto program =
      LaunchedProgram::prepare({"sh", "-c", "echo $GREETING >" + file + "; exit 3"}, {{"GREETING", "hello"}});
  ASSERT_TRUE(program);
  EXPECT_FALSE(program->exit_code());
  EXPECT_FALSE(std::filesystem::exists(file));
  ASSERT_TRUE(program->go());
  EXPECT_EQ(end_of(*program), 3);
  EXPECT_EQ(*read_file(file), "hello\n");
  EXPECT_GT(program->cpu_ns(), 0);
}

TEST(LaunchedProgram, WhatCannotRunIsSaid) {
  const auto absent = LaunchedProgram::prepare({"signalbox-no-such-program"}, {});
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::bad_input);
  const TemporaryDirectory folder;
  const auto script = folder.path() / "broken";
  ASSERT_TRUE(write_file_atomically(script,
                                    "\x7f"
                                    "ELF no program",
                                    0755));
  auto program = LaunchedProgram::prepare({script.native()}, {});
  ASSERT_TRUE(program);
  const Status went = program->go();
  ASSERT_FALSE(went);
  EXPECT_EQ(went.error().kind, ErrorKind::bad_input);
}

TEST(LaunchedProgram, OneThatWasNeverLetGoLeavesNothingBehind) {
  std::int32_t pid = 0;
  {
    auto program = LaunchedProgram::prepare({"sleep", "60"}, {});
    ASSERT_TRUE(program);
    pid = program->pid();
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(LaunchedProgram, ASignalIsAnExitCode) {
  auto program = LaunchedProgram::prepare({"sh", "-c", "kill -9 $$"}, {});
  ASSERT_TRUE(program);
  ASSERT_TRUE(program->go());
  EXPECT_EQ(end_of(*program), 137);
}

}  // namespace
}  // namespace signalbox::profile
