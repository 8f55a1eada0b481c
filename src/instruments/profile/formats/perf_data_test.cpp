#include "instruments/profile/formats/perf_data.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <linux/perf_event.h>
#include <zstd.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "instruments/profile/formats/format.hpp"
#include "instruments/profile/formats/perf_data_spaces.hpp"
#include "instruments/profile/formats/perf_script.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 26;

template <class Number>
std::string octets_of(const Number& number) {
  std::string out(sizeof number, '\0');
  std::memcpy(out.data(), &number, sizeof number);
  return out;
}
std::string u32(std::uint32_t number) {
  return octets_of(number);
}
std::string u64(std::uint64_t number) {
  return octets_of(number);
}
std::string padded(std::string text) {
  text.resize((text.size() + 8) / 8 * 8, '\0');
  return text;
}
std::string record(std::uint32_t type, std::uint16_t misc, const std::string& body) {
  return octets_of(perf_event_header{type, misc, static_cast<std::uint16_t>(8 + body.size())}) + body;
}

constexpr std::uint64_t kSampleType =
    PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_PERIOD | PERF_SAMPLE_CALLCHAIN;

std::string sample(std::uint32_t tid, std::uint64_t time, std::uint64_t period,
                   const std::vector<std::uint64_t>& chain, std::uint32_t pid = 7) {
  std::string body = u64(chain.back()) + u32(pid) + u32(tid) + u64(time) + u64(period) + u64(chain.size());
  for (const std::uint64_t entry : chain) body += u64(entry);
  return record(PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER, body);
}
// Ids as sample_id_all puts them behind a record: the thread, then the time.
std::string ids(std::uint32_t tid, std::uint64_t time) {
  return u32(7) + u32(tid) + u64(time);
}
std::string mapping(std::uint64_t start, std::uint64_t length, const std::string& path, std::uint64_t time,
                    std::uint32_t pid = 7) {
  return record(PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER,
                u32(pid) + u32(pid) + u64(start) + u64(length) + u64(0) + std::string(24, '\0') + u32(5) +
                    u32(2) + padded(path) + ids(pid, time));
}
// PERF_RECORD_FORK and PERF_RECORD_EXIT: a thread of a process, and whose child it is.
std::string begun(std::uint32_t pid, std::uint32_t tid, std::uint32_t parent, std::uint64_t time,
                  std::uint16_t misc = 0) {
  return record(PERF_RECORD_FORK, misc,
                u32(pid) + u32(parent) + u32(tid) + u32(parent) + u64(time) + ids(parent, time));
}
std::string ended(std::uint32_t pid, std::uint32_t tid, std::uint64_t time) {
  return record(PERF_RECORD_EXIT, 0, u32(pid) + u32(1) + u32(tid) + u32(1) + u64(time) + ids(tid, time));
}
std::string named(std::uint32_t tid, const std::string& name, std::uint64_t time) {
  return record(PERF_RECORD_COMM, 0, u32(7) + u32(tid) + padded(name) + ids(tid, time));
}

perf_event_attr cpu_clock() {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_CPU_CLOCK;
  attributes.sample_type = kSampleType;
  attributes.sample_id_all = 1;
  attributes.freq = 1;
  return attributes;
}

// A file with one event, cpu-clock, and these records.
std::string file_of(const std::string& records) {
  const perf_event_attr attributes = cpu_clock();
  const std::uint64_t header_bytes = 104;
  const std::uint64_t entry_bytes = sizeof attributes + 16;
  std::string out = "PERFILE2" + u64(header_bytes) + u64(entry_bytes);
  out += u64(header_bytes) + u64(entry_bytes);                   // events
  out += u64(header_bytes + entry_bytes) + u64(records.size());  // records
  out += u64(0) + u64(0) + std::string(32, '\0');                // no features
  return out + octets_of(attributes) + u64(0) + u64(0) + records;
}

// As perf writes it into a pipe: what stands before and behind the records of a file are records, too.
std::string pipe_of(const std::string& records) {
  return "PERFILE2" + u64(16) + record(64, 0, octets_of(cpu_clock()) + u64(1)) + records;
}

// What a pipe tells of a file.
std::string build_id(const std::string& path, const std::string& id) {
  std::string told = id;
  told.resize(20, '\0');
  constexpr std::uint16_t kUserWithSize = PERF_RECORD_MISC_USER | 1U << 15;
  return record(67, kUserWithSize, u32(7) + told + u32(static_cast<std::uint32_t>(id.size())) + padded(path));
}

std::string usual_records() {
  return named(7, "work", 10) + mapping(0x10000, 0x1000, "/nonexistent/program", 20) +
         named(8, "helper", 30) + sample(8, 50, 1000, {PERF_CONTEXT_USER, 0x10100, 0x10200}) +
         sample(7, 40, 500, {PERF_CONTEXT_USER, 0x10100, 0x99999}) +
         record(PERF_RECORD_LOST, 0, u64(0) + u64(3) + ids(7, 60));
}

struct ReadWithNotes {
  Profile profile;
  std::vector<std::string> notes;
  bool notes_have(std::string_view words) const {
    return std::any_of(notes.begin(), notes.end(),
                       [&](const std::string& note) { return note.find(words) != std::string::npos; });
  }
};

ReadWithNotes read_with_notes(const std::string& octets) {
  ReadWithNotes out;
  auto profile = read_perf_data(octets, kMaxBytes, out.notes);
  EXPECT_TRUE(profile) << profile.error().message;
  if (profile) out.profile = std::move(*profile);
  return out;
}
Profile read(const std::string& octets) {
  return read_with_notes(octets).profile;
}

// What the row of [lost] has in each column; empty: there is none.
std::vector<std::int64_t> lost_of(const Profile& profile) {
  const std::size_t columns = profile.value_types.size();
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    const Frame& frame = profile.frames[profile.stacks[profile.samples[i].stack].frame];
    if (profile.strings[profile.functions[frame.function].name] != "[lost]") continue;
    const auto row = profile.values.begin() + static_cast<std::ptrdiff_t>(i * columns);
    return {row, row + static_cast<std::ptrdiff_t>(columns)};
  }
  return {};
}

// Whether the leaf of a sample lies in a file.
bool is_in_file(const Profile& profile, std::size_t sample) {
  return profile.frames[profile.stacks[profile.samples[sample].stack].frame].mapping != 0;
}

constexpr std::uint16_t kDroppedByFilter = 1U << 15;

std::string ring_lost(std::uint64_t count) {
  return record(PERF_RECORD_LOST, 0, u64(5) + u64(count) + ids(7, 60));
}
std::string samples_lost(std::uint64_t count, std::uint16_t misc = 0) {
  return record(PERF_RECORD_LOST_SAMPLES, misc, u64(count) + ids(7, 60));
}

}  // namespace

TEST(PerfData, HasSamplesInOrderWithTheirThreadsAndAddresses) {
  const Profile profile = read(file_of(usual_records()));
  ASSERT_EQ(profile.samples.size(), 3U);
  ASSERT_EQ(profile.value_types.size(), 2U);
  EXPECT_EQ(profile.value_types[1].type, "cpu");
  EXPECT_EQ(profile.samples[0].time_ns, 0);
  EXPECT_EQ(profile.samples[1].time_ns, 10);
  EXPECT_EQ(profile.values[1], 500);
  EXPECT_EQ(profile.values[3], 1000);
  EXPECT_EQ(profile.strings[profile.threads[profile.samples[0].thread].name], "work");
  EXPECT_EQ(profile.strings[profile.threads[profile.samples[1].thread].name], "helper");
  EXPECT_EQ(profile.strings[profile.threads[profile.samples[1].thread].process], "work");
  // A caller's address lies in its call; what no memory was mapped at has no file.
  const auto leaf = profile.stacks[profile.samples[1].stack];
  EXPECT_EQ(profile.frames[leaf.frame].address, 0x10100U);
  const auto caller = profile.stacks[leaf.parent];
  EXPECT_EQ(profile.frames[caller.frame].address, 0x101ffU);
  EXPECT_EQ(profile.strings[profile.mappings[profile.frames[caller.frame].mapping].path],
            "/nonexistent/program");
  const auto outside = profile.stacks[profile.stacks[profile.samples[0].stack].parent];
  EXPECT_EQ(profile.frames[outside.frame].mapping, 0U);
  EXPECT_EQ(profile.values[4], 3) << "lost samples";
  EXPECT_EQ(profile.values[5], 3 * (500 + 1000) / 2) << "what they stand for";
}

// The ring tells what had no room in it, and when perf ends it reads from the event the same losses again.
TEST(PerfData, WhatIsToldTwiceWasLostOnce) {
  const std::string samples =
      sample(7, 40, 1000, {PERF_CONTEXT_USER, 0x1}) + sample(7, 50, 3000, {PERF_CONTEXT_USER, 0x1});
  using Row = std::vector<std::int64_t>;
  EXPECT_EQ(lost_of(read(file_of(samples + ring_lost(3) + ring_lost(4)))), (Row{7, 14'000}));
  EXPECT_EQ(lost_of(read(file_of(samples + ring_lost(7) + samples_lost(5)))), (Row{7, 14'000}));
  EXPECT_EQ(lost_of(read(file_of(samples + ring_lost(5) + samples_lost(4) + samples_lost(5)))),
            (Row{9, 18'000}));
  EXPECT_TRUE(read_with_notes(file_of(samples + samples_lost(9))).notes_have("9 samples lost"));
}

TEST(PerfData, WhatAFilterDroppedIsNotLost) {
  const std::string samples = sample(7, 40, 1000, {PERF_CONTEXT_USER, 0x1});
  const auto dropped = read_with_notes(file_of(samples + samples_lost(100, kDroppedByFilter)));
  EXPECT_TRUE(lost_of(dropped.profile).empty());
  EXPECT_FALSE(dropped.notes_have("lost"));
  EXPECT_EQ(lost_of(read(file_of(samples + samples_lost(100, kDroppedByFilter) + samples_lost(2))))[0], 2);
}

TEST(PerfData, HugeCountsOfLostSamplesStayAtTheEndOfTheRange) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  std::string records = sample(7, 40, 1000, {PERF_CONTEXT_USER, 0x1});
  for (int i = 0; i < 3; ++i) records += ring_lost(std::uint64_t{1} << 63) + samples_lost(kMost);
  EXPECT_EQ(lost_of(read(file_of(records))), (std::vector<std::int64_t>{kMost, kMost}));
}

TEST(PerfData, AChildHasTheMemoryOfItsParent) {
  const std::string child_samples = sample(9, 50, 1, {PERF_CONTEXT_USER, 0x10100}, 9);
  const std::string parent = mapping(0x10000, 0x1000, "/nonexistent/program", 20);
  EXPECT_TRUE(is_in_file(read(file_of(parent + begun(9, 9, 7, 30) + child_samples)), 0));
  // Of a process that ran before perf did, perf itself tells what lies where, behind this record.
  const std::string told = begun(9, 9, 7, 30, PERF_RECORD_MISC_FORK_EXEC);
  EXPECT_FALSE(is_in_file(read(file_of(parent + told + child_samples)), 0));
}

TEST(PerfData, WithItsLastThreadAProcessIsForgotten) {
  const auto at = [](std::uint32_t tid, std::uint64_t time) {
    return sample(tid, time, 1, {PERF_CONTEXT_USER, 0x10100});
  };
  const Profile profile = read(file_of(mapping(0x10000, 0x1000, "/nonexistent/program", 10) +
                                       begun(7, 8, 7, 20) + at(7, 30) + ended(7, 7, 40) + at(8, 50) +
                                       ended(7, 8, 60) + at(7, 70)));  // whoever has the number then
  ASSERT_EQ(profile.samples.size(), 3U);
  EXPECT_TRUE(is_in_file(profile, 0));
  EXPECT_TRUE(is_in_file(profile, 1)) << "of the thread that goes on";
  EXPECT_FALSE(is_in_file(profile, 2));
}

// What is copied for each child would be 80 million regions here: gigabytes.
TEST(PerfData, ManyForksOfAProcessWithMuchMemoryStayInMemory) {
  constexpr std::uint32_t kRegions = 4'000;
  constexpr std::uint32_t kForks = 20'000;
  std::string records;
  for (std::uint32_t i = 0; i < kRegions; ++i)
    records += mapping(0x10000 + std::uint64_t{i} * 0x2000, 0x1000, "/nonexistent/program", 10);
  for (std::uint32_t i = 0; i < kForks; ++i) records += begun(100 + i, 100 + i, 7, 20);
  const std::uint32_t last = 100 + kForks - 1;
  records += sample(last, 30, 1, {PERF_CONTEXT_USER, 0x10000 + (kRegions - 1) * 0x2000}, last);
  const auto all = read_with_notes(file_of(records));
  EXPECT_TRUE(is_in_file(all.profile, 0));
  EXPECT_FALSE(all.notes_have("more memory than is followed"));
}

// A child that maps one more needs its own copy of all: so many that they are more than is followed.
TEST(PerfData, ForksThatCopyMoreThanIsFollowedAreToldOf) {
  constexpr std::uint32_t kRegions = 4'000;
  const std::uint32_t forks = static_cast<std::uint32_t>(PerfDataSpaces::kMaxCopiedRegions / kRegions) + 2;
  std::string records;
  for (std::uint32_t i = 0; i < kRegions; ++i)
    records += mapping(0x10000 + std::uint64_t{i} * 0x2000, 0x1000, "/nonexistent/program", 10);
  const std::uint64_t beside = 0x10000 + kRegions * 0x2000;
  for (std::uint32_t i = 0; i < forks; ++i) {
    const std::uint32_t child = 100 + i;
    const std::uint64_t time = 20 + std::uint64_t{i} * 3;
    records += begun(child, child, 7, time) + mapping(beside, 0x1000, "/nonexistent/more", time + 1, child);
    if (i + 1 < forks) records += ended(child, child, time + 2);
  }
  const std::uint32_t last = 100 + forks - 1;
  records += sample(last, 1'000'000, 1, {PERF_CONTEXT_USER, 0x10000}, last) +
             sample(last, 1'000'001, 1, {PERF_CONTEXT_USER, beside}, last);
  const auto all = read_with_notes(file_of(records));
  ASSERT_EQ(all.profile.samples.size(), 2U);
  EXPECT_FALSE(is_in_file(all.profile, 0));
  EXPECT_TRUE(is_in_file(all.profile, 1)) << "what it mapped itself";
  EXPECT_TRUE(all.notes_have("2 processes inherited more memory than is followed"));
}

TEST(PerfData, CompressedRecordsAreThoseInThem) {
  const std::string records = usual_records();
  std::string packed(ZSTD_compressBound(records.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), records.data(), records.size(), 3));
  // Cut in two where it comes: the stream goes on in the next record.
  const std::string whole = record(81, 0, packed.substr(0, 20)) + record(81, 0, packed.substr(20));
  const Profile expected = read(file_of(records));
  const Profile profile = read(file_of(whole));
  ASSERT_EQ(profile.samples.size(), expected.samples.size());
  EXPECT_EQ(profile.values, expected.values);
  EXPECT_EQ(profile.frames.size(), expected.frames.size());
}

TEST(PerfData, APipeTellsBuildIdsInRecords) {
  const std::string told = build_id("/nonexistent/program", "\x01\x23\x45\x67\x89\xab\xcd\xef");
  for (const std::string& octets :
       {pipe_of(usual_records() + told), pipe_of(told + usual_records()), file_of(usual_records() + told)}) {
    const Profile profile = read(octets);
    const auto leaf = profile.stacks[profile.samples[1].stack];
    const Mapping& mapping = profile.mappings[profile.frames[leaf.frame].mapping];
    EXPECT_EQ(profile.strings[mapping.path], "/nonexistent/program");
    EXPECT_EQ(profile.strings[mapping.build_id], "0123456789abcdef");
  }
  const Profile untold = read(pipe_of(usual_records()));
  for (const Mapping& mapping : untold.mappings) EXPECT_EQ(untold.strings[mapping.build_id], "");
}

TEST(PerfData, OctetsOfATraceAreSkipped) {
  // PERF_RECORD_AUXTRACE tells how many octets follow it that are no records.
  const std::string trace = record(71, 0, u64(24) + std::string(32, '\0')) + std::string(24, '\xff');
  EXPECT_EQ(read(file_of(trace + usual_records())).samples.size(), 3U);
}

TEST(PerfData, OfAFileThatIsCutThereIsWhatCameBefore) {
  std::string octets = file_of(usual_records());
  octets.resize(octets.size() - 20);  // within the last record, of the lost ones
  const auto cut = read_with_notes(octets);
  EXPECT_EQ(cut.profile.samples.size(), 2U);
  EXPECT_TRUE(cut.notes_have("the file is cut"));
}

TEST(PerfData, RefusesWhatIsNone) {
  const std::string good = file_of(usual_records());
  std::string no_event = good;
  std::memset(no_event.data() + 32, 0, 8);
  std::string odd_events = good;
  std::memset(odd_events.data() + 16, 0, 8);
  std::string beyond = good;
  std::memset(beyond.data() + 40, 0x7f, 8);
  const std::string no_size = file_of(std::string(16, '\0'));
  const struct {
    std::string octets;
    const char* says;
  } cases[] = {
      {"", "offset 0"},
      {"PERFFILE" + std::string(100, '\0'), "does not begin"},
      {"2ELIFREP" + std::string(100, '\0'), "other order"},
      {good.substr(0, 90), "header of perf.data is cut"},
      {no_event, "no event"},
      {odd_events, "offset 16"},
      {beyond, "ends before its records"},
      {no_size, "without its size"},
      {file_of(""), "without a sample"},
      {file_of(record(81, 0, "this is no zstd ")), "compressed record is broken"},
  };
  for (const auto& each : cases) {
    std::vector<std::string> notes;
    const auto profile = read_perf_data(each.octets, kMaxBytes, notes);
    ASSERT_FALSE(profile) << each.says;
    EXPECT_EQ(profile.error().kind, ErrorKind::bad_input);
    EXPECT_NE(profile.error().message.find(each.says), std::string::npos) << profile.error().message;
  }
  std::vector<std::string> notes;
  const std::string zeros(std::size_t{1} << 20, '\0');
  std::string bomb(ZSTD_compressBound(zeros.size()), '\0');
  bomb.resize(ZSTD_compress(bomb.data(), bomb.size(), zeros.data(), zeros.size(), 3));
  EXPECT_FALSE(read_perf_data(file_of(record(81, 0, bomb)), 1 << 16, notes));
}

TEST(PerfData, OfChangedOctetsNothingIsReadBeyondThem) {
  const std::string good = file_of(usual_records());
  std::uint64_t random = 88172645463325252;  // xorshift64
  std::size_t read_ones = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string octets = good;
    for (int change = 0; change < 3; ++change) {
      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      octets[random % octets.size()] = static_cast<char>(random >> 56);
    }
    std::vector<std::string> notes;
    const auto profile = read_perf_data(octets, kMaxBytes, notes);
    if (!profile) continue;
    ++read_ones;
    for (const Sample& each : profile->samples) ASSERT_LT(each.stack, profile->stacks.size());
  }
  EXPECT_GT(read_ones, 1000U);
}

namespace {

// Stacks with how many samples they have. Names of what is not the program's or the kernel's are left open:
// of several names of one address each reader takes its own.
std::map<std::string, std::int64_t> stacks_of(const Profile& profile) {
  std::map<std::string, std::int64_t> out;
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    std::string stack;
    for (StackId at = profile.samples[i].stack; at != 0; at = profile.stacks[at].parent) {
      const Frame& frame = profile.frames[profile.stacks[at].frame];
      if (frame.kind == FrameKind::inlined) continue;
      const std::string_view module = profile.strings[profile.mappings[frame.mapping].path];
      const std::string_view name = profile.strings[profile.functions[frame.function].name];
      const bool is_ours = module.ends_with("/busy");
      stack.insert(0, (is_ours ? std::string(name) : frame.kind == FrameKind::kernel ? "kernel" : "*") + ";");
    }
    out[stack] += profile.values[i * profile.value_types.size()];
  }
  return out;
}

}  // namespace

// What perf itself makes of a recording, read as its text, beside the recording.
TEST(PerfData, HasTheStacksThatPerfScriptPrints) {
  const TemporaryDirectory folder;
  const std::string source = (folder.path() / "busy.c").string();
  const std::string program = (folder.path() / "busy").string();
  ASSERT_TRUE(write_file_atomically(source, R"(
#include <unistd.h>
volatile double sum;
__attribute__((noinline)) void leaf(int n) { for (int i = 0; i < n; ++i) sum = sum * 0.5 + i; }
__attribute__((noinline)) void middle(int n) { leaf(n); sum += 1; leaf(2 * n); sum += 1; }
__attribute__((noinline)) void other(int n) { leaf(n); sum += 2; }
int main(void) { for (int i = 0; i < 10000; ++i) { middle(1000); other(1000); if (i % 16 == 0) getppid(); } return 0; }
)"));
  const auto compiled = run_process({"cc", "-O0", "-fno-omit-frame-pointer", "-o", program, source});
  if (!compiled || compiled->exit_code != 0) GTEST_SKIP() << "no C compiler here";
  const std::string data = (folder.path() / "perf.data").string();
  const auto probe = run_process({"perf", "record", "-q", "-o", data, "true"});
  if (!probe || probe->exit_code != 0) GTEST_SKIP() << "perf record is not there or is refused";
  const std::string piped = "perf record -q -e cpu-clock -g -F 997 -o - '" + program + "' >'" + data + "'";
  const std::vector<std::vector<std::string>> ways = {
      {"perf", "record", "-q", "-e", "cpu-clock", "-g", "-F", "997", "-o", data, program},
      {"perf", "record", "-q", "-e", "cpu-clock", "-g", "-F", "997", "-z", "-o", data, program},
      {"sh", "-c", piped},
  };
  for (const auto& way : ways) {
    const auto recorded = run_process(way);
    ASSERT_TRUE(recorded && recorded->exit_code == 0) << way[0];
    ProcessOptions options;
    options.max_output_bytes = std::size_t{1} << 28;
    const auto script = run_process({"perf", "script", "--no-inline", "-i", data}, options);
    ASSERT_TRUE(script && script->exit_code == 0);
    PerfScriptNotes ignored;
    const auto theirs = read_perf_script(script->output, ignored);
    ASSERT_TRUE(theirs) << theirs.error().message;
    const auto ours = import_profile(read_file(data).value());
    ASSERT_TRUE(ours) << ours.error().message;
    EXPECT_EQ(ours->format, ProfileFormat::perf_data);
    const auto stacks = stacks_of(ours->profile);
    EXPECT_EQ(stacks, stacks_of(*theirs));
    const auto is_whole = [](const auto& each) {
      return each.first.find("main;middle;leaf;") != std::string::npos;
    };
    EXPECT_TRUE(std::any_of(stacks.begin(), stacks.end(), is_whole));
  }
}

}  // namespace signalbox::profile
