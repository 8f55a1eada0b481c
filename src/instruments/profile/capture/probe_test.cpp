#include "instruments/profile/capture/probe.hpp"

#include <gtest/gtest.h>
#include <linux/perf_event.h>
#include <unistd.h>

#include "instruments/profile/capture/perf_ring.hpp"
#include "instruments/profile/capture/proc.hpp"

namespace signalbox::profile {
namespace {

std::string nowhere(const std::string&) {
  return {};
}

TEST(ParseProbe, TellsItsPartsApart) {
  const auto function = parse_probe("uprobe:/bin/app:shop::Ledger::add(int)");
  ASSERT_TRUE(function);
  EXPECT_EQ(function->kind, Probe::Kind::user_function);
  EXPECT_EQ(function->file, "/bin/app");
  EXPECT_EQ(function->name, "shop::Ledger::add(int)");
  const auto global = parse_probe("uprobe:libc.so.6:malloc");
  ASSERT_TRUE(global);
  EXPECT_EQ(global->file, "libc.so.6");
  EXPECT_EQ(global->name, "malloc");
  const auto mark = parse_probe("usdt:/odd:name/libstdc++.so.6:libstdcxx:throw");
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->kind, Probe::Kind::user_static);
  EXPECT_EQ(mark->file, "/odd:name/libstdc++.so.6");
  EXPECT_EQ(mark->group, "libstdcxx");
  EXPECT_EQ(mark->name, "throw");
  const auto kernel = parse_probe("tracepoint:syscalls:sys_enter_write");
  ASSERT_TRUE(kernel);
  EXPECT_EQ(kernel->kind, Probe::Kind::kernel_static);
  EXPECT_EQ(kernel->group, "syscalls");
  EXPECT_EQ(kernel->name, "sys_enter_write");
  EXPECT_EQ(parse_probe("kprobe:vfs_write")->name, "vfs_write");
}

TEST(ParseProbe, RefusesWhatIsNone) {
  for (const char* wrong :
       {"", "malloc", "uprobe:", "uprobe:/bin/app", "uprobe::main", "uprobe:/bin/app:", "usdt:/bin/app:throw",
        "usdt::a:b", "usdt:/bin/app:a:", "tracepoint:sched", "tracepoint:sched:", "tracepoint:a:b:c",
        "tracepoint:../..:id", "tracepoint:sched:../x", "kprobe:", "kprobe:a b", "uretprobe:/bin/app:main"}) {
    const auto probe = parse_probe(wrong);
    ASSERT_FALSE(probe) << wrong;
    EXPECT_EQ(probe.error().kind, ErrorKind::bad_input) << wrong;
    EXPECT_NE(probe.error().hint.find("tracepoint:GROUP:NAME"), std::string::npos);
  }
}

TEST(FindCodeFile, LooksAmongTheFilesOfAProcess) {
  const std::string found = find_code_file("libc", ::getpid());
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(found.starts_with("/proc/" + std::to_string(::getpid()) + "/")) << found;
  EXPECT_TRUE(std::filesystem::equivalent(found, find_code_file("libc.so.6", 0))) << found;
  EXPECT_EQ(find_code_file("no-such-library-here", ::getpid()), "");
}

TEST(PlacesOf, SaysWhatIsMissing) {
  const auto refused = [](const char* text) { return places_of(*parse_probe(text), nowhere).error(); };
  const Error file = refused("uprobe:no-such-file:main");
  EXPECT_EQ(file.kind, ErrorKind::not_found);
  EXPECT_NE(refused("uprobe:/etc/passwd:main").message.find("/etc/passwd"), std::string::npos);
  const Error function = refused("uprobe:/proc/self/exe:no_such_function");
  EXPECT_EQ(function.kind, ErrorKind::not_found);
  EXPECT_NE(function.hint.find("nm -C"), std::string::npos) << function.hint;
  EXPECT_EQ(refused("uprobe:/proc/self/exe:0xffffffffffff").kind, ErrorKind::bad_input);
  EXPECT_EQ(refused("uprobe:/proc/self/exe:0x0").kind, ErrorKind::bad_input);  // the header: no code
}

TEST(ParsePerfRecord, OfHitsHaveNoPeriodAndStandForAsManyAsWereAskedFor) {
  SamplingEvent event;
  event.at = SampledAt::hits;
  event.every = 7;
  const std::uint64_t body[] = {0x1000, 0x0000000200000001, 99, 3, 1,
                                0x1000};  // ip, tid and pid, time, cpu, chain
  perf_event_header header{PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER,
                           static_cast<std::uint16_t>(sizeof(perf_event_header) + sizeof body)};
  std::string octets(reinterpret_cast<const char*>(&header), sizeof header);
  octets.append(reinterpret_cast<const char*>(body), sizeof body);
  const auto record = parse_perf_record(octets, event);
  ASSERT_TRUE(record);
  const auto& sample = std::get<SampleRecord>(*record);
  EXPECT_EQ(sample.hits, 7U);
  EXPECT_EQ(sample.period_ns, 0U);
  EXPECT_EQ(sample.pid, 1U);
  EXPECT_EQ(sample.tid, 2U);
  EXPECT_EQ(sample.callchain.size(), 1U);
}

}  // namespace
}  // namespace signalbox::profile
