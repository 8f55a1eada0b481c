#include "instruments/profile/capture/probe.hpp"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "instruments/profile/capture/perf_ring.hpp"
#include "instruments/profile/capture/perf_sampler.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

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

// A folder with files that may be mapped, which goes with the test.
class Libraries : public ::testing::Test {
 protected:
  fs::path copy(const std::string& path) const {
    EXPECT_TRUE(write_file_atomically(folder_.path() / path, std::string(4096, 'x')));
    return folder_.path() / path;
  }
  // Maps it as the loader does, for as long as the test runs.
  static void map(const fs::path& path) {
    const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    ASSERT_NE(::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file.get(), 0), MAP_FAILED);
  }
  static std::uint64_t inode_at(const fs::path& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 ? found.st_ino : 0;
  }
  static std::vector<std::uint64_t> inodes(const Result<std::vector<ProbedFile>>& files) {
    EXPECT_TRUE(files) << files.error().message;
    std::vector<std::uint64_t> out;
    struct stat found {};
    for (const ProbedFile& each : files ? *files : no_files())
      out.push_back(::fstat(each.file.get(), &found) == 0 ? found.st_ino : 0);
    std::sort(out.begin(), out.end());
    return out;
  }
  static const std::vector<ProbedFile>& no_files() {
    static const std::vector<ProbedFile> none;
    return none;
  }
  const std::vector<std::int32_t> us_{static_cast<std::int32_t>(::getpid())};
  TemporaryDirectory folder_;
};

TEST_F(Libraries, AreFoundAmongWhatAProcessHasMappedAndOnTheMachine) {
  const auto ours = find_code_files("libc", us_);
  EXPECT_EQ(inodes(ours).size(), 1U);
  EXPECT_EQ(inodes(ours), inodes(find_code_files("libc.so.6", {})));
  EXPECT_EQ(find_code_files("no-such-library-here", us_).error().kind, ErrorKind::not_found);
  EXPECT_EQ(find_code_files("/no/such/library", us_).error().kind, ErrorKind::not_found);
}

TEST_F(Libraries, OfOneNameAreAllThatTheProcessesHaveMappedEachOnce) {
  std::vector<std::uint64_t> expected;
  for (const char* place : {"a/libtwice.so.1", "b/libtwice.so.1"}) {
    const fs::path path = copy(place);
    map(path);
    map(path);
    expected.push_back(inode_at(path));
  }
  std::sort(expected.begin(), expected.end());
  const std::vector<std::int32_t> twice{us_[0], us_[0]};
  EXPECT_EQ(inodes(find_code_files("libtwice", twice)), expected);
}

// A package was installed anew: what lies at the path is not what the process runs.
TEST_F(Libraries, ThatWereReplacedAreThoseThatThePathStoodFor) {
  const fs::path path = copy("libreplaced.so.1");
  map(path);
  const std::uint64_t mapped = inode_at(path);
  const FileDescriptor holds_its_inode{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  copy("libreplaced.so.1");
  ASSERT_NE(inode_at(path), mapped);
  const auto found = find_code_files("libreplaced", us_);
  if (found || ::getuid() == 0) {
    EXPECT_EQ(inodes(found), std::vector{mapped});
    EXPECT_TRUE(found->front().name.ends_with("libreplaced.so.1 (deleted)")) << found->front().name;
  } else {
    EXPECT_EQ(found.error().kind, ErrorKind::conflict) << found.error().message;
  }
  const auto by_path = find_code_files(path.native(), us_);
  ASSERT_FALSE(by_path);
  EXPECT_EQ(by_path.error().kind, ErrorKind::conflict);
  EXPECT_NE(by_path.error().message.find("runs one that is gone"), std::string::npos)
      << by_path.error().message;
  EXPECT_EQ(inodes(find_code_files(path.native(), {})), std::vector{inode_at(path)});
}

TEST(PlacesOf, SaysWhatIsMissing) {
  const auto refused = [](const char* text) { return places_of(*parse_probe(text), {}).error(); };
  const Error file = refused("uprobe:no-such-file:main");
  EXPECT_EQ(file.kind, ErrorKind::not_found);
  EXPECT_NE(refused("uprobe:/etc/passwd:main").message.find("/etc/passwd"), std::string::npos);
  const Error function = refused("uprobe:/proc/self/exe:no_such_function");
  EXPECT_EQ(function.kind, ErrorKind::not_found);
  EXPECT_NE(function.hint.find("nm -C"), std::string::npos) << function.hint;
  EXPECT_EQ(refused("uprobe:/proc/self/exe:0xffffffffffff").kind, ErrorKind::bad_input);
  EXPECT_EQ(refused("uprobe:/proc/self/exe:0x0").kind, ErrorKind::bad_input);  // the header: no code
}

// The kernel counts one passing of sched_stat_runtime as its nanoseconds, and would give as many samples.
TEST(SamplesEachPassing, WhereThePlaceIsATraceEventAndEachIsWantedOrItIsWeighed) {
  SamplingEvent event;
  EXPECT_FALSE(samples_each_passing(event));
  event.at = SampledAt::hits;
  event.places.push_back({PERF_TYPE_TRACEPOINT, 1, true, false, "a tracepoint"});
  EXPECT_TRUE(samples_each_passing(event));
  event.every = 10;
  EXPECT_FALSE(samples_each_passing(event));  // the kernel takes each tenth
  event.places.front().is_weighed = true;
  EXPECT_TRUE(samples_each_passing(event));  // who reads them does
  event.every = 1;
  event.places.front() = {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, false, false, "cycles"};
  EXPECT_FALSE(samples_each_passing(event));
}

TEST(Thinning, KeepsEachTenthAndCountsThoseThatWereLostTheSame) {
  Thinning thinning(10);
  int kept = 0;
  for (int i = 0; i < 99; ++i) {
    PerfRecord record = SampleRecord{};
    kept += thinning.keeps(record) ? 1 : 0;
  }
  EXPECT_EQ(kept, 9);
  std::uint64_t lost = 0;
  for (int i = 0; i < 7; ++i) {
    PerfRecord record = LostRecord{4};
    if (thinning.keeps(record)) lost += std::get<LostRecord>(record).count;
  }
  EXPECT_EQ(lost, 2U);
  PerfRecord other = CommRecord{};
  EXPECT_TRUE(thinning.keeps(other));
}

TEST(ParsePerfRecord, OfEachPassingIsOneHitWhateverItCountsAs) {
  SamplingEvent event;
  event.at = SampledAt::hits;
  event.places.push_back({PERF_TYPE_TRACEPOINT, 1, true, true, "tracepoint:sched:sched_stat_runtime"});
  const std::uint64_t body[] = {0x1000, 0x0000000200000001, 99, 3, 4'000'000, 1,
                                0x1000};  // ip, tid and pid, time, cpu, period, chain
  perf_event_header header{PERF_RECORD_SAMPLE, PERF_RECORD_MISC_KERNEL,
                           static_cast<std::uint16_t>(sizeof(perf_event_header) + sizeof body)};
  std::string octets(reinterpret_cast<const char*>(&header), sizeof header);
  octets.append(reinterpret_cast<const char*>(body), sizeof body);
  for (const std::uint64_t every : {1, 7}) {
    event.every = every;
    const auto record = parse_perf_record(octets, event);
    ASSERT_TRUE(record);
    EXPECT_EQ(std::get<SampleRecord>(*record).hits, every);
    EXPECT_EQ(std::get<SampleRecord>(*record).period_ns, 0U);
    EXPECT_EQ(std::get<SampleRecord>(*record).callchain.size(), 1U);
  }
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
