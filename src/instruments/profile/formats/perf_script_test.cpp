#include "instruments/profile/formats/perf_script.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/formats/folded.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

struct Option {
  const char* name;  // of stackcollapse-perf.pl, as its results are called
  FoldedOptions options;
};

std::vector<Option> options_of_stackcollapse() {
  std::vector<Option> out(6);
  out[0].name = "pid";
  out[0].options.process = FoldedProcess::pid;
  out[1].name = "tid";
  out[1].options.process = FoldedProcess::tid;
  out[2].name = "kernel";
  out[2].options.mark_kernel = true;
  out[3].name = "jit";
  out[3].options.mark_jit = true;
  out[4].name = "all";
  out[4].options.mark_kernel = out[4].options.mark_jit = true;
  out[5].name = "addrs";
  out[5].options.with_addresses = true;
  return out;
}

Profile read(std::string_view text) {
  PerfScriptNotes notes;
  auto profile = read_perf_script(text, notes);
  EXPECT_TRUE(profile) << profile.error().message;
  return *profile;
}

// The first line in which two texts differ, for a message that can be read.
std::string first_difference(const std::string& ours, const std::string& theirs) {
  const auto a = lines(ours);
  const auto b = lines(theirs);
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const std::string_view x = i < a.size() ? a[i] : "(end)";
    const std::string_view y = i < b.size() ? b[i] : "(end)";
    if (x != y)
      return "line " + std::to_string(i + 1) + "\nours:   " + std::string(x) + "\ntheirs: " + std::string(y);
  }
  return {};
}

// What FlameGraph's own tests expect of stackcollapse-perf.pl.
TEST(PerfScript, FoldsAsStackcollapsePerfDoesWithEachOfItsOptions) {
  const auto corpus = testing::corpus_directory();
  if (!corpus) GTEST_SKIP() << "no corpus";
  const fs::path folder = *corpus / "profile" / "flamegraph";
  int compared = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    // It drops the last sample where no empty line ends it; we do not.
    const std::string text = read_file(entry.path()).value();
    const Profile profile = read(std::string_view(text).substr(0, text.rfind("\n\n") + 2));
    for (const auto& [name, options] : options_of_stackcollapse()) {
      const fs::path results =
          folder / "results" / (entry.path().stem().string() + "-collapsed-" + name + ".txt");
      const auto theirs = read_file(results);
      if (!theirs) continue;
      EXPECT_EQ(first_difference(write_folded(profile, options), *theirs), "") << results;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 8 * 6);
}

TEST(PerfScript, EventsPeriodsAndTimesAreRead) {
  PerfScriptNotes notes;
  const Profile profile = read_perf_script(
                              "# cmdline : perf record -g ./app\n"
                              "app 12/13 [001] 100.5: 250000 cpu-clock:u: \n"
                              "\t    4005d0 work+0x10 (/usr/bin/app)\n"
                              "\t    400600 helper (inlined)\n"
                              "\t    400600 main+0x20 (/usr/bin/app)\n"
                              "\n"
                              "app 12/12 [001] 100.75: 500000 cpu-clock:u: \n"
                              "\t    7f0000001234 [unknown] (/usr/lib/libc.so.6 (deleted))\n"
                              "\n"
                              "app 12/12 [001] 101.0: 7 cycles: \n"
                              "\t    400600 main+0x20 (/usr/bin/app)\n"
                              "\n",
                              notes)
                              .value();
  EXPECT_EQ(notes.event, "cpu-clock:u");
  EXPECT_EQ(notes.samples_of_other_events, 1U);
  EXPECT_EQ(notes.skipped.count, 0U);
  ASSERT_EQ(profile.value_types.size(), 2U);
  EXPECT_EQ(profile.value_types[1], (ValueType{"cpu", "nanoseconds"}));
  EXPECT_EQ(profile.total(0), 2);
  EXPECT_EQ(profile.total(1), 750000);
  ASSERT_EQ(profile.samples.size(), 2U);
  EXPECT_EQ(profile.samples[0].time_ns, 0);
  EXPECT_EQ(profile.samples[1].time_ns, 250'000'000);
  EXPECT_EQ(profile.duration_ns, 250'000'000);
  EXPECT_EQ(profile.threads[profile.samples[0].thread].pid, 12);
  EXPECT_EQ(profile.threads[profile.samples[0].thread].tid, 13);
  FoldedOptions options;
  options.process = FoldedProcess::none;
  EXPECT_EQ(write_folded(profile, options), "[libc.so.6 (deleted)] 500000\nmain;helper_[i];work 250000\n");
  ASSERT_EQ(profile.annotations.size(), 1U);
  EXPECT_EQ(profile.annotations[0].second, "perf record -g ./app");
}

TEST(PerfScript, SamplesWithoutStacksHaveTheFrameOfTheirLine) {
  const Profile profile = read(
      "             app  1234 [000] 10.000001:     250000 cpu-clock:  ffffffff8104f45a do_idle+0x1a "
      "([kernel.kallsyms])\n"
      "             app  1234 [000] 10.000002:     250000 cpu-clock:      55d0c0de run (/bin/app)\n");
  FoldedOptions options;
  options.mark_kernel = true;
  EXPECT_EQ(write_folded(profile, options), "app;do_idle_[k] 250000\napp;run 250000\n");
}

TEST(PerfScript, LinesThatAreNeitherAreSkippedByNumber) {
  PerfScriptNotes notes;
  const auto profile = read_perf_script(
      "app 1 1.0: cycles:\n\t1234 f (/bin/a)\n  what is this\n\napp 1 1.1: cycles:\n\t1234 f (/bin/a)\n",
      notes);
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->total(0), 2);  // the last one too, which no empty line ends
  EXPECT_EQ(words_of(notes.skipped, "neither"), "1 line skipped (neither): 3");
  EXPECT_FALSE(read_perf_script("", notes));
  EXPECT_FALSE(read_perf_script("hello\n", notes));
}

TEST(PerfScript, LinesEndInCrLfOrAreUtf16) {
  const std::string text =
      "app 1 1.0: cycles:\n\t1234 f (/bin/a)\n\napp 1 1.1: cycles:\n\t1234 f (/bin/a)\n\n";
  std::string crlf;
  std::string utf16 = "\xff\xfe";
  for (const char c : text) {
    crlf += c == '\n' ? "\r\n" : std::string(1, c);
    utf16 += {c, '\0'};
  }
  EXPECT_EQ(write_folded(read(text)), "app;f 2\n");
  EXPECT_EQ(write_folded(read(crlf)), "app;f 2\n");
  EXPECT_EQ(write_folded(read(utf16)), "app;f 2\n");
}

}  // namespace
}  // namespace signalbox::profile
