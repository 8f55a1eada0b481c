#include "core/base/process.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <signal.h>

#include "core/base/file.hpp"

using namespace signalbox;
using namespace std::chrono_literals;

TEST(RunProcess, OutputErrorsAndExitCodeComeBack) {
  const auto result = run_process({"sh", "-c", "cat; echo bad >&2; exit 3"}, {.input = "hello"});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->output, "hello");
  EXPECT_EQ(result->errors, "bad\n");
  EXPECT_EQ(result->exit_code, 3);
}

TEST(RunProcess, MegabytesGoThroughBothWaysAtOnce) {
  const std::string input(5'000'000, 'x');
  const auto result = run_process({"tee", "/dev/stderr"}, {.input = input});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->output, input);
  EXPECT_EQ(result->errors, std::string(64 << 10, 'x'));
}

TEST(RunProcess, AProgramThatDoesNotReadItsInputIsNoError) {
  const auto result = run_process({"true"}, {.input = std::string(1'000'000, 'x')});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_code, 0);
}

TEST(RunProcess, AnEndBySignalIs128PlusItsNumber) {
  EXPECT_EQ(run_process({"sh", "-c", "kill -TERM $$"})->exit_code, 128 + SIGTERM);
}

TEST(RunProcess, ArgumentsAreNotReadByAShell) {
  EXPECT_EQ(run_process({"printf", "%s|", "a b", "$HOME", "*", ""})->output, "a b|$HOME|*||");
}

TEST(RunProcess, DirectoryAndEnvironmentAreItsOwn) {
  const TemporaryDirectory folder;
  ::setenv("SIGNALBOX_TEST_GONE", "x", 1);
  const auto result =
      run_process({"sh", "-c", "pwd -P; echo ${SIGNALBOX_TEST_GONE-gone} $SIGNALBOX_TEST_NEW"},
                  {.directory = folder.path(),
                   .environment = {{"SIGNALBOX_TEST_GONE", ""}, {"SIGNALBOX_TEST_NEW", "1"}}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, std::filesystem::canonical(folder.path()).string() + "\ngone 1\n");
}

TEST(RunProcess, AMissingProgramIsUnavailableAndSaysWhatToInstall) {
  const auto result = run_process({"signalbox-no-such-program"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
  EXPECT_NE(result.error().hint.find("install signalbox-no-such-program"), std::string::npos);
}

TEST(RunProcess, TheDeadlineEndsItAndItsChildren) {
  const TemporaryDirectory folder;
  const auto began = std::chrono::steady_clock::now();
  const auto result = run_process({"sh", "-c", "sh -c 'echo $$ >child; sleep 60' & wait"},
                                  {.directory = folder.path(), .deadline = 300ms});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
  const auto state =
      run_process({"sh", "-c", "sleep 0.2; ps -o stat= -p $(cat child)"}, {.directory = folder.path()});
  EXPECT_TRUE(state->output.empty() || state->output.front() == 'Z') << state->output;
}

// Who started a watch before the program tells by it whether the time ran out: never a fraction too early.
TEST(RunProcess, TheDeadlineIsNeverEarly) {
  for (int i = 0; i < 20; ++i) {
    const auto began = std::chrono::steady_clock::now();
    EXPECT_FALSE(run_process({"sleep", "60"}, {.deadline = 20ms}));
    EXPECT_GE(std::chrono::steady_clock::now() - began, 20ms);
  }
}

TEST(RunProcess, TheDeadlineHoldsWhenItClosedItsOutputs) {
  const auto result = run_process({"sh", "-c", "exec >&- 2>&-; sleep 60"}, {.deadline = 300ms});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
}

TEST(RunProcess, OutputWithoutEndIsBadInput) {
  const auto result = run_process({"yes"}, {.max_output_bytes = 100'000});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
}

TEST(Process, IsAskedAndAnswersWhileItRuns) {
  auto process = Process::start({"cat"});
  ASSERT_TRUE(process);
  for (const char* word : {"one", "two"}) {
    ASSERT_TRUE(process->write(word));
    EXPECT_EQ(process->read().value(), word);
  }
  process->close_input();
  EXPECT_EQ(process->read().value(), "");
  EXPECT_FALSE(process->write("more"));
  EXPECT_EQ(process->wait()->exit_code, 0);
}

TEST(Process, EndsWithItsObject) {
  int pid = 0;
  {
    auto process = Process::start({"sleep", "60"});
    ASSERT_TRUE(process);
    pid = process->pid();
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(FindProgram, LooksOnThePath) {
  EXPECT_TRUE(find_program("sh").has_value());
  EXPECT_FALSE(find_program("signalbox-no-such-program").has_value());
  EXPECT_EQ(own_executable().filename(), "core_base_test");
}
