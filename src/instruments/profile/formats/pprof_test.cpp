#include "instruments/profile/formats/pprof.hpp"

#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>

#include "core/base/file.hpp"
#include "core/base/gzip.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "instruments/profile/formats/folded.hpp"
#include "instruments/profile/formats/format.hpp"
#include "instruments/profile/formats/pprof_fields.hpp"
#include "instruments/profile/formats/testing.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

// What Go's own reader makes of a profile; nullopt: no Go here.
std::optional<std::string> by_go(const std::string& octets, std::vector<std::string> arguments) {
  if (!find_program("go")) return std::nullopt;
  const TemporaryDirectory folder;
  const fs::path file = folder.path() / "profile.pb.gz";
  EXPECT_TRUE(replace_file(file, octets));
  std::vector<std::string> argv{"go", "tool", "pprof", "-symbolize=none"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  argv.push_back(file);
  ProcessOptions options;
  options.environment = {{"PPROF_TMPDIR", folder.path()}, {"HOME", folder.path()}, {"TZ", "UTC"}};
  const auto result = run_process(argv, options);
  EXPECT_TRUE(result && result->exit_code == 0) << (result ? result->errors : result.error().message);
  return result ? result->output : "";
}

#define SIGNALBOX_NEEDS_GO() \
  if (!find_program("go")) GTEST_SKIP() << "no go here"

TEST(Pprof, GoReadsWhatWeWrite) {
  SIGNALBOX_NEEDS_GO();
  const std::string octets = write_pprof(testing_profile());
  const std::string raw = *by_go(octets, {"-raw"});
  // Hand-worked from testing_profile(): locations in the order of first use, leaf first; lines innermost
  // first.
  EXPECT_NE(raw.find("PeriodType: cpu nanoseconds\nPeriod: 10101010\n"), std::string::npos) << raw;
  EXPECT_NE(raw.find("Time: 2026-01-02 03:04:05"), std::string::npos) << raw;
  EXPECT_NE(raw.find("Duration: 10s"), std::string::npos) << raw;
  EXPECT_NE(raw.find("samples/count cpu/nanoseconds[dflt]"), std::string::npos) << raw;
  EXPECT_NE(raw.find("          3   30303030: 1 2 3 \n"
                     "                process:[app] thread:[worker 1]\n"
                     "                pid:[100] tid:[101]\n"),
            std::string::npos)
      << raw;
  EXPECT_NE(raw.find("1: 0x401010 M=1 hot(int) hot.h:7 s=0(_Z3hoti)\n"
                     "             work work.cpp:12 s=0\n"),
            std::string::npos)
      << raw;
  // The program comes first although a library was mapped before it.
  EXPECT_NE(raw.find("1: 0x400000/0x500000/0x0 /usr/bin/app 0123abcd [FN][FL][LN][IN]\n"), std::string::npos)
      << raw;
  EXPECT_NE(raw.find("2: 0x7f0000000000/0x7f0000100000/0x26000 /usr/lib/libc.so.6"), std::string::npos)
      << raw;
  EXPECT_NE(raw.find("command=app --fast"), std::string::npos) << raw;
}

TEST(Pprof, GoSumsAsWeDo) {
  SIGNALBOX_NEEDS_GO();
  const std::string top = *by_go(write_pprof(testing_profile()), {"-top", "-sample_index=samples"});
  EXPECT_NE(top.find("Showing nodes accounting for 6, 100% of 6 total"), std::string::npos) << top;
  EXPECT_NE(top.find("         3 50.00% 50.00%          3 50.00%  hot"), std::string::npos) << top;
  EXPECT_NE(top.find("         0     0%   100%          4 66.67%  main"), std::string::npos) << top;
}

TEST(Pprof, WhatWeWriteIsReadTheSame) {
  const Profile profile = testing_profile();
  for (const Compression compression : {Compression::none, Compression::gzip}) {
    const Profile again = read_profile(write_pprof(profile, {compression, SampleTimes::kept})).value();
    EXPECT_EQ(words_of(again), words_of(profile));
  }
}

TEST(Pprof, TimesAreMergedUnlessTheyAreAskedFor) {
  ProfileBuilder builder({ValueType{"samples", "count"}});
  const StackId stack = builder.stack(0, builder.frame({builder.function("f")}));
  const std::int64_t one = 1;
  for (const std::int64_t time : {5, 6, 7}) builder.add({stack, 0, 0, time}, std::span(&one, 1));
  const Profile profile = std::move(builder).finish();
  const Profile merged = read_profile(write_pprof(profile)).value();
  ASSERT_EQ(merged.samples.size(), 1U);
  EXPECT_EQ(merged.samples[0].time_ns, -1);
  EXPECT_EQ(merged.total(0), 3);
  const Profile kept = read_profile(write_pprof(profile, {Compression::gzip, SampleTimes::kept})).value();
  ASSERT_EQ(kept.samples.size(), 3U);
  EXPECT_EQ(kept.samples[2].time_ns, 7);
}

void expect_go_sees_no_difference(const std::string& theirs) {
  const auto profile = read_profile(theirs);
  ASSERT_TRUE(profile) << profile.error().message;
  const std::string ours = write_pprof(*profile);
  for (std::size_t i = 0; i < profile->value_types.size(); ++i) {
    const std::string index = "-sample_index=" + std::to_string(i);
    EXPECT_EQ(*by_go(ours, {"-traces", index}), *by_go(theirs, {"-traces", index}));
    EXPECT_EQ(*by_go(ours, {"-top", "-lines", index}), *by_go(theirs, {"-top", "-lines", index}));
  }
}

TEST(Pprof, ProfilesOfOthersAreReadAndWrittenWithoutADifferenceThatGoSees) {
  SIGNALBOX_NEEDS_GO();
  const auto corpus = testing::corpus_directory();
  if (!corpus) GTEST_SKIP() << "no corpus";
  expect_go_sees_no_difference(
      read_file(*corpus / "profile" / "pprof" / "internal.driver" / "cppbench.cpu_no_samples_type").value());
}

constexpr const char* kGoProgram = R"(package main

import (
	"os"
	"runtime"
	"runtime/pprof"
	"time"
)

var sink []byte

func spin(until time.Time) (n int) {
	for time.Now().Before(until) {
		n++
	}
	return n
}

func main() {
	cpu, _ := os.Create(os.Args[1])
	pprof.StartCPUProfile(cpu)
	spin(time.Now().Add(200 * time.Millisecond))
	for i := 0; i < 100; i++ {
		sink = make([]byte, 1<<20)
	}
	pprof.StopCPUProfile()
	cpu.Close()
	runtime.GC()
	heap, _ := os.Create(os.Args[2])
	pprof.WriteHeapProfile(heap)
	heap.Close()
}
)";

TEST(Pprof, WhatGosRuntimeWritesIsReadWhole) {
  SIGNALBOX_NEEDS_GO();
  const TemporaryDirectory folder;
  ASSERT_TRUE(replace_file(folder.path() / "main.go", kGoProgram));
  ProcessOptions options;
  options.directory = folder.path();
  options.environment = {{"GOCACHE", folder.path() / "cache"}, {"GO111MODULE", "off"}};
  const auto run = run_process({"go", "run", "main.go", "cpu", "heap"}, options);
  ASSERT_TRUE(run && run->exit_code == 0) << (run ? run->errors : run.error().message);
  const std::string cpu = read_file(folder.path() / "cpu").value();
  const std::string heap = read_file(folder.path() / "heap").value();
  const Profile profile = read_profile(cpu).value();
  EXPECT_EQ(profile.value_types, (std::vector<ValueType>{{"samples", "count"}, {"cpu", "nanoseconds"}}));
  EXPECT_NE(write_folded(profile).find("main.spin"), std::string::npos);
  EXPECT_EQ(read_profile(heap)->value_types.size(), 4U);
  expect_go_sees_no_difference(cpu);
  expect_go_sees_no_difference(heap);
}

using namespace pprof;

// A profile with one sample type and the texts "", "samples", "count", followed by what `more` adds.
template <class More>
std::string with(const More& more) {
  std::string octets;
  protozero::pbf_writer out(octets);
  {
    protozero::pbf_writer type(out, profile_field::sample_type);
    type.add_int64(value_type_field::type, 1);
    type.add_int64(value_type_field::unit, 2);
  }
  for (const char* text : {"", "samples", "count"}) out.add_string(profile_field::string_table, text);
  more(out);
  return octets;
}

std::string with_location(protozero::pbf_writer& out, std::uint64_t id, std::uint64_t mapping) {
  protozero::pbf_writer location(out, profile_field::location);
  location.add_uint64(location_field::id, id);
  location.add_uint64(location_field::mapping_id, mapping);
  location.add_uint64(location_field::address, 0x1000);
  return {};
}

TEST(Pprof, PackedAndUnpackedNumbersAreBothRead) {
  for (const bool packed : {true, false}) {
    const std::string octets = with([&](protozero::pbf_writer& out) {
      with_location(out, 7, 0);
      with_location(out, std::uint64_t{1} << 60, 0);
      protozero::pbf_writer sample(out, profile_field::sample);
      const std::vector<std::uint64_t> ids{7, std::uint64_t{1} << 60, 7};
      if (packed) {
        sample.add_packed_uint64(sample_field::location_id, ids.begin(), ids.end());
        const std::int64_t value = 5;
        sample.add_packed_int64(sample_field::value, &value, &value + 1);
      } else {
        for (const std::uint64_t id : ids) sample.add_uint64(sample_field::location_id, id);
        sample.add_int64(sample_field::value, 5);
      }
    });
    const Profile profile = read_pprof(octets).value();
    ASSERT_EQ(profile.samples.size(), 1U);
    EXPECT_EQ(profile.values_of(0)[0], 5);
    EXPECT_EQ(profile.stacks.size(), 4U);  // three frames and the empty one
  }
}

struct Bad {
  const char* why;
  std::string octets;
  const char* message;
};

std::vector<Bad> bad_profiles() {
  const std::string good = with([](protozero::pbf_writer&) {});
  const auto sample_of = [](std::uint64_t location, int values) {
    return [=](protozero::pbf_writer& out) {
      with_location(out, 1, 0);
      protozero::pbf_writer sample(out, profile_field::sample);
      sample.add_uint64(sample_field::location_id, location);
      for (int i = 0; i < values; ++i) sample.add_int64(sample_field::value, 1);
    };
  };
  return {
      {"nothing", "", "no sample type"},
      {"a length beyond the end",
       good + "\x32\x7f"
              "abc",
       "offset 24: no protobuf: end of buffer exception"},
      {"a length of many gigabytes", good + "\x32\xff\xff\xff\xff\x7f", "offset 24: no protobuf"},
      {"a varint without an end", good + "\x48\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
       "offset 24: no protobuf: varint too long exception"},
      {"a location that is not there", with(sample_of(9, 1)), "location 9 is not there"},
      {"location 0", with(sample_of(0, 1)), "location 0 is not there"},
      {"too few values", with(sample_of(1, 0)), "a sample with 0 values for 1 sample types"},
      {"too many values", with(sample_of(1, 2)), "a sample with 2 values for 1 sample types"},
      {"a mapping that is not there", with([](protozero::pbf_writer& out) { with_location(out, 1, 3); }),
       "mapping 3 is not there"},
      {"an id twice", with([](protozero::pbf_writer& out) {
         with_location(out, 1, 0);
         with_location(out, 1, 0);
       }),
       "location 1 is there twice"},
      {"no id", with([](protozero::pbf_writer& out) { with_location(out, 0, 0); }),
       "a location without an id"},
      {"a text that is not there",
       with([](protozero::pbf_writer& out) { out.add_int64(profile_field::comment, 99); }), "text 99 of 3"},
      {"a first text that is not empty",
       "\x32\x01"
       "a",
       "the first text is not empty"},
  };
}

TEST(Pprof, WhatIsBrokenIsRefusedWithItsOffset) {
  for (const Bad& bad : bad_profiles()) {
    const auto profile = read_pprof(bad.octets);
    ASSERT_FALSE(profile) << bad.why;
    EXPECT_EQ(profile.error().kind, ErrorKind::bad_input) << bad.why;
    EXPECT_TRUE(profile.error().message.starts_with("offset ")) << profile.error().message;
    EXPECT_NE(profile.error().message.find(bad.message), std::string::npos)
        << bad.why << ": " << profile.error().message;
  }
}

TEST(Pprof, AProfileCutOffAnywhereIsRefusedOrShorter) {
  const std::string whole = write_pprof(testing_profile(), {Compression::none, SampleTimes::kept});
  const std::string compressed = gzip(whole);
  for (std::size_t size = 0; size < whole.size(); ++size) (void)read_pprof(whole.substr(0, size));
  for (std::size_t size = 2; size < compressed.size(); ++size)
    EXPECT_FALSE(read_profile(compressed.substr(0, size))) << size;
}

TEST(Pprof, NothingIsExpandedBeyondTheLimit) {
  ReadOptions options;
  options.max_bytes = 1000;
  const auto bomb = read_profile(gzip(std::string(1 << 20, '\0')), options);
  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.error().kind, ErrorKind::bad_input);
  EXPECT_NE(bomb.error().message.find("expands to more than 1000 bytes"), std::string::npos);
}

}  // namespace
}  // namespace signalbox::profile
