#include "instruments/profile/runtimes/jit_dump.hpp"

#include <charconv>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/runtimes/jit_names.hpp"

namespace signalbox::profile {
namespace {

template <class... Numbers>
std::string octets(Numbers... numbers) {
  std::string out;
  (out.append(reinterpret_cast<const char*>(&numbers), sizeof numbers), ...);
  return out;
}

std::string text(std::string_view name) {
  return std::string(name) + '\0';
}

std::string header(std::uint32_t magic = 0x4A695444, std::uint32_t version = 1) {
  return octets(magic, version, 40U, 62U, 0U, 4711U, std::uint64_t{1}, std::uint64_t{0});
}

std::string record(std::uint32_t kind, const std::string& body) {
  return octets(kind, static_cast<std::uint32_t>(16 + body.size()), std::uint64_t{5}) + body;
}

std::string load(std::uint64_t address, std::uint64_t bytes, std::string_view name) {
  return record(0, octets(4711U, 4711U, address, address, bytes, std::uint64_t{0}) + text(name) +
                       std::string(bytes, '\x90'));
}

std::string move(std::uint64_t from, std::uint64_t to, std::uint64_t bytes) {
  return record(1, octets(4711U, 4711U, to, from, to, bytes, std::uint64_t{0}));
}

std::string line(std::uint64_t address, std::uint32_t number, std::string_view file) {
  return octets(address, number, 7U) + text(file);
}

std::string debug(std::uint64_t address, std::uint64_t count, const std::string& lines) {
  return record(2, octets(address, count) + lines);
}

std::string told(const JitDump& dump, std::uint64_t address) {
  const auto found = dump.find(address);
  return found ? fmt::format("{} {}:{}", found->function, found->file, found->line) : "";
}

TEST(JitDump, NamesWhatLiesAtAnAddressWithItsLine) {
  const auto dump = JitDump::parse(
      header() +
      debug(0x1000, 3, line(0x1000, 10, "a.x") + line(0x1008, 11, "\xff") + line(0x100c, 1, "b.x")) +
      load(0x1000, 0x20, "one") + load(0x2000, 0x10, "two") + record(3, ""));
  ASSERT_TRUE(dump) << dump.error().message;
  EXPECT_EQ(told(*dump, 0x1000), "one a.x:10");
  EXPECT_EQ(told(*dump, 0x100b), "one a.x:11");
  EXPECT_EQ(told(*dump, 0x101f), "one a.x:0");  // of what was inlined from another file
  EXPECT_EQ(told(*dump, 0x1020), "");
  EXPECT_EQ(told(*dump, 0x2000), "two :0");
  EXPECT_EQ(dump->find(0x1000)->column, 7);
  EXPECT_EQ(dump->records_skipped(), 0U);
}

TEST(JitDump, LinesCountedFromBehindAHeaderOfElfAreMovedBack) {
  const auto dump =
      JitDump::parse(header() + debug(0x1000, 2, line(0x1040, 10, "a.x") + line(0x1048, 11, "a.x")) +
                     load(0x1000, 0x20, "one"));
  ASSERT_TRUE(dump);
  EXPECT_EQ(told(*dump, 0x1000), "one a.x:10");
  EXPECT_EQ(told(*dump, 0x1008), "one a.x:11");
}

TEST(JitDump, OfCodeAtOneAddressTheLastHoldsAndWhatMovedIsAtBoth) {
  const auto dump = JitDump::parse(header() + load(0x1000, 0x20, "one") + load(0x1010, 0x20, "two") +
                                   debug(0x3000, 1, line(0x3004, 5, "c.x")) + load(0x3000, 0x10, "three") +
                                   move(0x3000, 0x5000, 0x10) + move(0x9000, 0x9100, 0x10));
  ASSERT_TRUE(dump);
  EXPECT_EQ(told(*dump, 0x100f), "one :0");
  EXPECT_EQ(told(*dump, 0x1010), "two :0");
  EXPECT_EQ(told(*dump, 0x3004), "three c.x:5");
  EXPECT_EQ(told(*dump, 0x5004), "three c.x:5");
  EXPECT_EQ(told(*dump, 0x5003), "three c.x:0");
  EXPECT_EQ(dump->records_skipped(), 1U);  // nothing lay where the last one moved from
}

TEST(JitDump, WhatIsNoneIsRefused) {
  EXPECT_FALSE(JitDump::parse(""));
  EXPECT_FALSE(
      JitDump::parse("\x7f"
                     "ELF and more than forty octets that follow it"));
  EXPECT_FALSE(JitDump::parse(header(0x4454694A)));
  EXPECT_FALSE(JitDump::parse(header(0x4A695444, 2)));
  EXPECT_FALSE(JitDump::parse(header().substr(0, 39)));
  EXPECT_TRUE(JitDump::parse(header()));
}

TEST(JitDump, RecordsThatAreNoneAreLeftOutAndOneThatIsNotFinishedEndsIt) {
  const std::string good = load(0x1000, 0x10, "one");
  const auto dump =
      JitDump::parse(header() + record(0, "short") +
                     record(0, octets(1U, 1U, UINT64_MAX, UINT64_MAX, std::uint64_t{16}, std::uint64_t{0}) +
                                   text("beyond")) +
                     debug(0x1000, UINT64_MAX, line(0x1000, 1, "a.x")) + record(77, "of a kind to come") +
                     good + good.substr(0, good.size() - 1));
  ASSERT_TRUE(dump);
  EXPECT_EQ(dump->records_skipped(), 3U);
  EXPECT_EQ(dump->size(), 1U);
  EXPECT_EQ(told(*dump, 0x1000), "one :0");
  const auto stopped = JitDump::parse(header() + octets(0U, 3U, std::uint64_t{0}) + good);
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->size(), 0U);
  EXPECT_EQ(stopped->records_skipped(), 1U);
}

// V8 says the same twice, in a dump and in a map.
TEST(JitDump, SaysWhatNodeWritesInItsMap) {
  if (!find_program("node")) GTEST_SKIP() << "node is not there";
  const TemporaryDirectory folder;
  const std::filesystem::path script = folder.path() / "work.js";
  ASSERT_TRUE(replace_file(script,
                           "function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }\n"
                           "for (let i = 0; i < 5; ++i) fib(25);\nconsole.log(process.pid);\n"));
  ProcessOptions options;
  options.directory = folder.path();
  const auto ran = run_process({"node", "--perf-prof", "--perf-basic-prof", script.string()}, options);
  ASSERT_TRUE(ran);
  ASSERT_EQ(ran->exit_code, 0) << ran->errors;
  const std::string pid(trim(ran->output));
  const std::string map_path = "/tmp/perf-" + pid + ".map";
  const auto map_text = read_file(map_path);
  std::filesystem::remove(map_path);
  ASSERT_TRUE(map_text);
  auto dump_text = read_file(folder.path() / ("jit-" + pid + ".dump"));
  ASSERT_TRUE(dump_text);
  const auto dump = JitDump::parse(std::move(*dump_text));
  ASSERT_TRUE(dump) << dump.error().message;
  const PerfMap map = PerfMap::parse(*map_text);
  std::size_t compared = 0;
  std::size_t of_fib = 0;
  std::size_t with_file = 0;
  for (const std::string_view line : lines(*map_text)) {
    std::uint64_t start = 0;
    std::from_chars(line.data(), line.data() + line.size(), start, 16);
    const auto found = dump->find(start);
    // Of some kinds of code only the map tells.
    if (!found) continue;
    ++compared;
    EXPECT_EQ(found->function, map.find(start));
    of_fib += found->function.find("fib /") != std::string_view::npos;
    if (found->file.empty()) continue;
    // The name has the file and line of the function in it, since Node 20 the column too; the file may be
    // another's, where that was inlined.
    const std::string place = fmt::format(" {}:{}", found->file, found->line);
    with_file +=
        found->function.ends_with(place) || found->function.find(place + ":") != std::string_view::npos;
  }
  EXPECT_GT(of_fib, 0U);
  EXPECT_GT(with_file, 0U);
  EXPECT_GT(compared, 1000U);
}

TEST(JitDumpPath, IsOneByItsName) {
  EXPECT_TRUE(is_jit_dump("/tmp/.debug/jit/x/jit-4711.dump"));
  EXPECT_TRUE(is_jit_dump("jit-1.dump"));
  EXPECT_FALSE(is_jit_dump("/tmp/jit-.dump"));
  EXPECT_FALSE(is_jit_dump("/tmp/jit-12a.dump"));
  EXPECT_FALSE(is_jit_dump("/tmp/jit-12.dump.gz"));
  EXPECT_FALSE(is_jit_dump("/tmp/my-jit-12.dump"));
  EXPECT_FALSE(is_jit_dump(""));
}

}  // namespace
}  // namespace signalbox::profile
