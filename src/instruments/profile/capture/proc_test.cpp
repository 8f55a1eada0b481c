#include "instruments/profile/capture/proc.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "instruments/profile/capture/perf_sampler.hpp"

namespace signalbox::profile {
namespace {

TEST(MemoryMap, HasWhatTheKernelWrites) {
  const auto regions = parse_memory_map(
      "55d0c0a00000-55d0c0a21000 r-xp 00002000 fe:00 1234     /usr/bin/with a space (deleted)\n"
      "7ffd1a5fe000-7ffd1a600000 r-xp 00000000 00:00 0                          [vdso]\n"
      "7f0000000000-7f0000001000 rw-p 00000000 00:00 0 \n"
      "broken line\n"
      "2-1 r-xp 0 0:0 0\n");
  ASSERT_EQ(regions.size(), 3U);
  EXPECT_EQ(regions[0].path, "/usr/bin/with a space");
  EXPECT_TRUE(regions[0].is_deleted);
  EXPECT_TRUE(regions[0].executable);
  EXPECT_EQ(regions[0].file_offset, 0x2000U);
  EXPECT_EQ(regions[1].path, "[vdso]");
  EXPECT_FALSE(regions[2].executable);
  EXPECT_EQ(regions[2].path, "");
}

TEST(MemoryMap, OfThisProcessHoldsThisFunction) {
  const auto regions = memory_map_of(::getpid());
  ASSERT_TRUE(regions);
  const auto here = reinterpret_cast<std::uint64_t>(&parse_memory_map);
  EXPECT_TRUE(std::any_of(regions->begin(), regions->end(), [&](const MemoryRegion& region) {
    return region.executable && region.start <= here && here < region.limit;
  }));
}

TEST(Memory, IsThatOfTheProcess) {
  const std::string words = "what lies here";
  const auto at = reinterpret_cast<std::uint64_t>(words.data());
  EXPECT_EQ(memory_of(::getpid(), at, words.size()).value(), words);
  EXPECT_EQ(memory_of(::getpid(), 8, 16).value(), "");  // nothing does
}

TEST(Memory, OfAProcessThatIsGoneIsNotThere) {
  auto ended = Process::start({"true"});
  ASSERT_TRUE(ended);
  const std::int32_t pid = ended->pid();
  ASSERT_TRUE(ended->wait());
  EXPECT_EQ(memory_of(pid, 4096, 16).error().kind, ErrorKind::not_found);
  EXPECT_EQ(memory_map_of(pid).error().kind, ErrorKind::not_found);
}

TEST(Memory, OfAProcessThatMayNotBeLookedIntoIsRefused) {
  constexpr int kAllowed = 77;
  const pid_t child = ::fork();
  if (child == 0) {
    // The first process is root's: nobody may not look into it.
    constexpr uid_t kNobody = 65'534;
    if (::geteuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) ::_exit(2);
    const auto map = memory_map_of(1);
    const auto memory = memory_of(1, 4096, 16);
    if (map && memory) ::_exit(kAllowed);
    const bool is_said = !map && map.error().kind == ErrorKind::denied && !memory &&
                         memory.error().kind == ErrorKind::denied &&
                         memory.error().hint.find("CAP_SYS_PTRACE") != std::string::npos;
    ::_exit(is_said ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kAllowed) GTEST_SKIP() << "the first process is this user's here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(ProcessTimes, ANameMayHoldAnything) {
  const auto times =
      parse_process_times("42 (a) R 1 (b)) S 7 42 42 0 -1 4194560 100 200 0 0 150 50 25 5 20 0 1 0 100 0 0");
  ASSERT_TRUE(times);
  EXPECT_EQ(times->state, 'S');
  EXPECT_EQ(times->parent, 7);
  EXPECT_EQ(times->user, std::chrono::milliseconds(1500));
  EXPECT_EQ(times->system, std::chrono::milliseconds(500));
  EXPECT_EQ(times->of_ended_children, std::chrono::milliseconds(300));
  EXPECT_EQ(times->started, std::chrono::seconds(1));
  EXPECT_FALSE(parse_process_times("42 (a) S 7"));
  EXPECT_FALSE(parse_process_times("42"));
}

// Beside the time that a file gets that is made just after.
TEST(ProcessStart, IsOfTheClockThatFilesHave) {
  const TemporaryDirectory folder;
  auto sleeper = Process::start({"sleep", "60"});
  ASSERT_TRUE(sleeper);
  const std::filesystem::path file = folder.path() / "x";
  ASSERT_TRUE(replace_file(file, "x"));
  struct stat found {};
  ASSERT_EQ(::stat(file.c_str(), &found), 0);
  const std::int64_t made_ns = std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
  const std::int64_t started_ns = started_unix_ns_of(sleeper->pid());
  EXPECT_LT(std::abs(made_ns - started_ns), 60'000'000'000);
  EXPECT_GT(started_ns, started_unix_ns_of(1));
  EXPECT_EQ(started_unix_ns_of(2'000'000'000), 0);
}

TEST(BusyTime, IsWhatIsNeitherIdleNorWaitsForDevices) {
  EXPECT_EQ(parse_busy_time("cpu  100 20 30 4000 500 6 7 80 0 0\ncpu0 1 2 3\n"),
            std::chrono::milliseconds(1630));
  EXPECT_EQ(parse_busy_time("cpu  100 20"), std::chrono::nanoseconds());
  EXPECT_EQ(parse_busy_time("intr 5"), std::chrono::nanoseconds());
  EXPECT_EQ(parse_busy_time(""), std::chrono::nanoseconds());
}

TEST(Descendants, AreFoundThroughTheirParents) {
  auto shell = Process::start({"sh", "-c", "sleep 60 & sleep 60 & echo ready; wait"});
  ASSERT_TRUE(shell);
  ASSERT_TRUE(shell->read());
  const auto are_there = [&] {
    const std::int32_t roots[] = {shell->pid()};
    const auto found = descendants_of(roots);
    return found.size() == 2 && std::all_of(found.begin(), found.end(), [](std::int32_t pid) {
             return comm_of(pid, pid) == "sleep" &&
                    command_of(pid) == std::vector<std::string>{"sleep", "60"};
           });
  };
  for (int waited_ms = 0; !are_there() && waited_ms < 10'000; ++waited_ms)
    ::usleep(1'000);  // until they became it
  EXPECT_TRUE(are_there());
  EXPECT_EQ(threads_of(shell->pid())->size(), 1U);
}

TEST(Descendants, OfSeveralAreThereOnceAndWithoutThem) {
  auto shell = Process::start({"sh", "-c", "sleep 60 & echo $!; wait"});
  ASSERT_TRUE(shell);
  const auto told = shell->read();
  ASSERT_TRUE(told);
  const auto child = static_cast<std::int32_t>(std::stol(*told));
  const std::int32_t ourselves_too[] = {::getpid(), shell->pid()};
  const auto below = descendants_of(ourselves_too);
  EXPECT_EQ(std::count(below.begin(), below.end(), child), 1);
  EXPECT_EQ(std::count(below.begin(), below.end(), shell->pid()), 0);
  EXPECT_EQ(std::count(below.begin(), below.end(), ::getpid()), 0);
  ::kill(child, SIGKILL);
}

TEST(ProcessorList, IsTheKernels) {
  EXPECT_EQ(parse_processor_list("0-2,5\n"), (std::vector<int>{0, 1, 2, 5}));
  EXPECT_EQ(parse_processor_list("0\n"), std::vector<int>{0});
  EXPECT_TRUE(parse_processor_list("").empty());
  EXPECT_EQ(parse_processor_list("0-99999999"), std::vector<int>{});
}

}  // namespace
}  // namespace signalbox::profile
