#include "instruments/profile/runtimes/perf_map.hpp"

#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.hpp"

namespace signalbox::profile {
namespace {

TEST(PerfMap, NamesWhatLiesAtAnAddress) {
  const PerfMap map = PerfMap::parse(
      "1000 20 fib /app/x.js:1\n0x2000 0x10 Ljava/lang/Math;::sin\nno line\n3000 0 nothing\n3000 10 \n");
  EXPECT_EQ(map.find(0x1000), "fib /app/x.js:1");
  EXPECT_EQ(map.find(0x101f), "fib /app/x.js:1");
  EXPECT_EQ(map.find(0x1020), "");
  EXPECT_EQ(map.find(0x2008), "Ljava/lang/Math;::sin");
  EXPECT_EQ(map.find(0xfff), "");
  EXPECT_EQ(map.lines_skipped(), 3U);
}

// A second way to the same: the last line that holds an address.
TEST(PerfMap, OfLinesThatOverlapTheLastOneHolds) {
  std::mt19937 random(11);
  for (int round = 0; round < 100; ++round) {
    std::string text;
    std::vector<std::string> names(256);
    for (int line = 0; line < 30; ++line) {
      const auto start = static_cast<unsigned>(random() % 256);
      const auto size = static_cast<unsigned>(1 + random() % (256 - start));
      text += fmt::format("{:x} {:x} f{}\n", start, size, line);
      for (unsigned at = start; at < start + size; ++at) names[at] = fmt::format("f{}", line);
    }
    const PerfMap map = PerfMap::parse(text);
    for (unsigned at = 0; at < 256; ++at) ASSERT_EQ(map.find(at), names[at]) << round << ' ' << at;
  }
}

// A number that no process has: the map is one that was left behind.
TEST(PerfMap, APipeInItsPlaceIsNotWaitedForAndALinkNotFollowed) {
  constexpr std::int32_t kNobody = 2'000'000'000;
  const std::string path = fmt::format("/tmp/perf-{}.map", kNobody);
  ::unlink(path.c_str());
  EXPECT_FALSE(read_perf_map(kNobody));
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(read_perf_map(kNobody));
  ::unlink(path.c_str());
  ASSERT_EQ(::symlink("/etc/passwd", path.c_str()), 0);
  EXPECT_FALSE(read_perf_map(kNobody));
  ::unlink(path.c_str());
}

// Nobody waited for it yet: its folder in /proc is there, and its root is not any more.
TEST(PerfMap, OfAProcessThatEndedIsReadBeforeItIsWaitedFor) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ASSERT_GT(child, 0);
  siginfo_t ended{};
  EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  const std::string path = fmt::format("/tmp/perf-{}.map", child);
  ::unlink(path.c_str());
  EXPECT_EQ(read_perf_map(child).error().kind, ErrorKind::not_found);
  EXPECT_TRUE(replace_file(path, "1000 20 fib\n"));
  const auto map = read_perf_map(child);
  ::unlink(path.c_str());
  ::waitpid(child, nullptr, 0);
  ASSERT_TRUE(map) << map.error().message;
  EXPECT_EQ(map->find(0x1000), "fib");
}

TEST(PerfMap, StaysWholeWhenItMoves) {
  PerfMap map = PerfMap::parse("10 10 a\n");
  const PerfMap moved = std::move(map);
  EXPECT_EQ(moved.find(0x18), "a");
}

TEST(JitName, IsWhatAPersonReads) {
  EXPECT_EQ(readable_jit_name("LazyCompile:*fib /app/x.js:1:13"), "fib /app/x.js:1:13");
  EXPECT_EQ(readable_jit_name("JS:~fib file:///x.mjs:2:1"), "fib file:///x.mjs:2:1");
  EXPECT_EQ(readable_jit_name("py::work:/a.py"), "work:/a.py");
  EXPECT_EQ(readable_jit_name("Builtin:ArrayMap"), "Builtin:ArrayMap");
}

}  // namespace
}  // namespace signalbox::profile
