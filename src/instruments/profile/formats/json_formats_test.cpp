#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "instruments/profile/formats/chrome_trace.hpp"
#include "instruments/profile/formats/cpuprofile.hpp"
#include "instruments/profile/formats/folded.hpp"
#include "instruments/profile/formats/format.hpp"
#include "instruments/profile/formats/speedscope.hpp"
#include "instruments/profile/formats/testing.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

std::string folded(const Profile& profile) {
  FoldedOptions options;
  options.names = FoldedNames::whole;
  options.process = FoldedProcess::none;
  return write_folded(profile, options);
}

ImportedProfile import_of(const std::string& text) {
  auto imported = import_profile(text);
  EXPECT_TRUE(imported) << imported.error().message;
  return std::move(*imported);
}

TEST(Speedscope, EachThreadIsAProfileWhoseWeightsAddUpToItsEnd) {
  const Json file = parse_json(write_speedscope(testing_profile(), 1)).value();
  const Json::Array& profiles = file["profiles"].items();
  ASSERT_EQ(profiles.size(), 3U);
  EXPECT_EQ(profiles[0]["name"].as_string(), "app 100/101 worker 1");
  EXPECT_EQ(profiles[0]["unit"].as_string(), "nanoseconds");
  for (const Json& profile : profiles) {
    std::int64_t sum = profile["startValue"].as_integer();
    for (const Json& weight : profile["weights"].items()) sum += weight.as_integer();
    EXPECT_EQ(sum, profile["endValue"].as_integer());
    EXPECT_EQ(profile["weights"].size(), profile["samples"].size());
  }
  // Root first.
  const Json& leaf = profiles[0]["samples"].items()[0].items().back();
  EXPECT_EQ(file["shared"]["frames"].items()[leaf.as_integer()]["name"].as_string(), "hot(int)");
  EXPECT_EQ(file["name"].as_string(), "app --fast");
}

// The schema that comes with speedscope itself, and a validator of JSON Schema.
TEST(Speedscope, WhatWeWriteIsValidByItsOwnSchema) {
  const TemporaryDirectory folder;
  ProcessOptions options;
  options.directory = folder.path();
  const auto packed = run_process({"npm", "pack", "--silent", "speedscope@1.25.0"}, options);
  if (!packed || packed->exit_code != 0) GTEST_SKIP() << "npm cannot be reached";
  ASSERT_EQ(run_process({"tar", "xzf", "speedscope-1.25.0.tgz"}, options)->exit_code, 0);
  ASSERT_TRUE(replace_file(folder.path() / "ours.json", write_speedscope(testing_profile(), 0)));
  const auto valid = run_process({"/usr/bin/python3", "-c",
                                  "import json, jsonschema\n"
                                  "schema = json.load(open('package/dist/release/file-format-schema.json'))\n"
                                  "ours = json.load(open('ours.json'))\n"
                                  "jsonschema.validate(ours, schema)\n"
                                  "del ours['profiles'][0]['unit']\n"
                                  "try:\n  jsonschema.validate(ours, schema)\n"
                                  "except jsonschema.ValidationError: print('ok')\n"},
                                 options);
  ASSERT_TRUE(valid);
  EXPECT_EQ(valid->output, "ok\n") << valid->errors;
}

TEST(Speedscope, SampledAndEventedProfilesAreRead) {
  const std::string start =
      R"({"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{"frames":[{"name":"a"},)"
      R"({"name":"b","file":"b.c","line":3}]},"profiles":[)";
  const ImportedProfile imported = import_of(
      start +
      R"({"type":"sampled","name":"s","unit":"milliseconds","startValue":0,"endValue":3,"samples":[[0],[0,1]],"weights":[1,2]},)"
      R"({"type":"evented","name":"e","unit":"microseconds","startValue":0,"endValue":9,"events":[)"
      R"({"type":"O","frame":0,"at":0},{"type":"O","frame":1,"at":4},{"type":"C","frame":1,"at":6},{"type":"C","frame":0,"at":9}]},)"
      R"({"type":"sampled","name":"x","unit":"bytes","startValue":0,"endValue":1,"samples":[[0]],"weights":[1]}]})");
  EXPECT_EQ(imported.format, ProfileFormat::speedscope);
  EXPECT_EQ(imported.profile.value_types, (std::vector<ValueType>{{"time", "nanoseconds"}}));
  EXPECT_EQ(folded(imported.profile), "a 1007000\na;b 2002000\n");
  EXPECT_EQ(imported.notes,
            (std::vector<std::string>{"profile 3 left out: its unit is not that of the first"}));
}

TEST(Speedscope, WhatWeWriteIsReadTheSame) {
  const Profile profile = testing_profile();
  FoldedOptions options;
  options.names = FoldedNames::whole;
  options.process = FoldedProcess::none;
  const Profile again = read_profile(write_speedscope(profile, 1)).value();
  EXPECT_EQ(again.total(0), profile.total(1));
  EXPECT_EQ(again.annotations, profile.annotations);
}

TEST(Speedscope, FilesOfOthersAreReadAndBrokenOnesRefused) {
  const auto corpus = testing::corpus_directory();
  if (!corpus) GTEST_SKIP() << "no corpus";
  const fs::path folder = *corpus / "profile" / "speedscope";
  const auto read = [&](const char* name) { return read_profile(*read_file(folder / name)); };
  // The weights that stand in the file, seconds, once for each of the two profiles.
  EXPECT_EQ(folded(read("speedscope.0.6.0.two-sampled.speedscope.json").value()),
            "a;b 10000000000\na;b;c 10000000000\na;b;d 8000000000\n");
  EXPECT_TRUE(read("speedscope.0.0.1.simple.speedscope.json"));
  EXPECT_TRUE(read("speedscope.0.1.2.simple-sampled.speedscope.json"));
  const auto incomplete = read("speedscope.invalid.incomplete-trace.json");
  ASSERT_FALSE(incomplete);
  EXPECT_EQ(incomplete.error().message, "$.profiles[0].events: 1 never closed");
  const auto disordered = read("speedscope.invalid.out-of-order-events.json");
  ASSERT_FALSE(disordered);
  EXPECT_TRUE(disordered.error().message.starts_with("$.profiles[0].events[6]: "));
  EXPECT_EQ(read("stackcollapse.alternating.txt")->value_types[0].type, "samples");
}

TEST(CpuProfile, ASampleLastsUntilTheNext) {
  const ImportedProfile imported = import_of(
      R"j({"nodes":[{"id":1,"callFrame":{"functionName":"(root)","lineNumber":-1},"children":[2,4]},)j"
      R"j({"id":2,"callFrame":{"functionName":"main","url":"a.js","lineNumber":0,"columnNumber":9},)j"
      R"j("hitCount":1,"children":[3]},)j"
      R"j({"id":3,"callFrame":{"functionName":"","url":"a.js","lineNumber":4},"hitCount":1},)j"
      R"j({"id":4,"callFrame":{"functionName":"(idle)","lineNumber":-1},"hitCount":1}],)j"
      R"j("startTime":1000,"endTime":1100,"samples":[2,3,4],"timeDeltas":[10,20,30]})j");
  EXPECT_EQ(imported.format, ProfileFormat::cpuprofile);
  const Profile& profile = imported.profile;
  EXPECT_EQ(folded(profile), "(idle) 40000\nmain 20000\nmain;(anonymous) 30000\n");
  EXPECT_EQ(profile.samples[1].time_ns, 30000);
  EXPECT_EQ(profile.duration_ns, 100000);
  EXPECT_EQ(profile.frames[profile.stacks[profile.samples[1].stack].frame].line, 5);
}

TEST(CpuProfile, WhatNodeWritesIsRead) {
  if (!find_program("node")) GTEST_SKIP() << "no node here";
  const TemporaryDirectory folder;
  ASSERT_TRUE(replace_file(folder.path() / "spin.js",
                           "function spin(until) { let n = 0; while (Date.now() < until) n++; return n; }\n"
                           "spin(Date.now() + 300);\n"));
  ProcessOptions options;
  options.directory = folder.path();
  ASSERT_EQ(
      run_process({"node", "--cpu-prof", "--cpu-prof-name=x.cpuprofile", "spin.js"}, options)->exit_code, 0);
  const Profile profile = read_profile(*read_file(folder.path() / "x.cpuprofile")).value();
  std::int64_t spin_ns = 0;
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    const StackId stack = profile.samples[i].stack;
    if (stack != 0 && profile.name_of_frame(profile.stacks[stack].frame) == "spin")
      spin_ns += profile.values_of(i)[1];
  }
  EXPECT_GT(spin_ns, 200'000'000);
  EXPECT_LE(profile.total(1), profile.duration_ns);
}

TEST(CpuProfile, TheOldNestedFormIsReadToo) {
  const auto corpus = testing::corpus_directory();
  if (!corpus) GTEST_SKIP() << "no corpus";
  const auto profile =
      read_profile(*read_file(*corpus / "profile" / "speedscope" / "node.10.11.0.example.cpuprofile"));
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_NE(folded(*profile).find(";a;b;d "), std::string::npos) << folded(*profile);
}

TEST(CpuProfile, WhatIsBrokenIsRefusedWithItsPlace) {
  const auto message = [](const char* text) {
    const auto profile = read_cpuprofile(text);
    return profile ? "read" : profile.error().message;
  };
  EXPECT_EQ(message(R"({"nodes":[]})"), "$.nodes: no node");
  EXPECT_EQ(message(R"({"nodes":[{"id":1,"children":[7]}]})"), "$.nodes[0].children: no node 7");
  EXPECT_EQ(message(R"({"nodes":[{"id":1,"children":[1]}]})"),
            "$.nodes[0].children: a node with two parents");
  EXPECT_EQ(message(R"({"nodes":[{"id":1},{"id":1}]})"), "$.nodes[1].id: the same as another's");
  EXPECT_EQ(message(R"({"nodes":[{"id":1}],"samples":[2],"timeDeltas":[1]})"), "$.samples[0]: no node 2");
  EXPECT_EQ(message(R"({"nodes":[{"id":1}],"samples":[1,1],"timeDeltas":[1]})"),
            "$.samples: 2 samples with 1 times");
}

TEST(ChromeTrace, DurationsAreNestedByTime) {
  const ImportedProfile imported = import_of(
      R"({"traceEvents":[{"ph":"M","name":"process_name","pid":7,"tid":0,"args":{"name":"browser"}},)"
      R"({"ph":"X","name":"outer","pid":7,"tid":1,"ts":100,"dur":50},)"
      R"({"ph":"X","name":"inner","pid":7,"tid":1,"ts":110,"dur":10},)"
      R"({"ph":"B","name":"begun","pid":7,"tid":2,"ts":5},{"ph":"E","pid":7,"tid":2,"ts":8},{"ph":"E","pid":7,"tid":2,"ts":9}]})");
  EXPECT_EQ(imported.format, ProfileFormat::chrome_trace);
  EXPECT_EQ(write_folded(imported.profile),
            "browser;begun 3000\nbrowser;outer 40000\nbrowser;outer;inner 10000\n");
  EXPECT_EQ(imported.notes, (std::vector<std::string>{"1 end without a beginning left out"}));
}

TEST(ChromeTrace, AListThatIsCutOffIsReadAsFarAsItGoes) {
  EXPECT_EQ(folded(import_of(R"([{"ph":"X","name":"a","pid":1,"tid":1,"ts":1,"dur":2},)").profile),
            "a 2000\n");
  std::vector<std::string> notes;
  EXPECT_FALSE(read_chrome_trace("[]", notes));
  EXPECT_FALSE(read_chrome_trace("{", notes));
}

TEST(ProfileFormat, IsKnownByNameAndByHowFilesAreCalled) {
  EXPECT_EQ(profile_format_from("speedscope"), ProfileFormat::speedscope);
  EXPECT_EQ(profile_format_from("out/x.speedscope.json"), ProfileFormat::speedscope);
  EXPECT_EQ(profile_format_from("x.pb.gz"), ProfileFormat::pprof);
  EXPECT_EQ(profile_format_from("x.folded"), ProfileFormat::folded);
  EXPECT_EQ(profile_format_from("x.svg"), std::nullopt);
  EXPECT_TRUE(is_written(ProfileFormat::pprof));
  EXPECT_FALSE(is_written(ProfileFormat::perf_script));
  const auto refused = write_profile(testing_profile(), ProfileFormat::perf_script);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::bad_input);
  EXPECT_FALSE(read_profile("what is this"));
  EXPECT_FALSE(read_profile("{}"));
}

}  // namespace
}  // namespace signalbox::profile
