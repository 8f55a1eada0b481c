#include "instruments/profile/formats/firefox.hpp"

#include <gtest/gtest.h>

#include "core/base/json.hpp"
#include "instruments/profile/formats/folded.hpp"
#include "instruments/profile/formats/format.hpp"
#include "instruments/profile/formats/testing.hpp"

namespace signalbox::profile {
namespace {

std::string folded(const Profile& profile, std::size_t value) {
  FoldedOptions options;
  options.names = FoldedNames::whole;
  options.process = FoldedProcess::tid;
  options.mark_kernel = true;
  options.value = value;
  return write_folded(profile, options);
}

void expect_columns_of_one_length(const Json& table, const std::string& name) {
  const std::int64_t length = table["length"].as_integer(-1);
  ASSERT_GE(length, 0) << name;
  for (const Json::Member& column : table.members()) {
    if (column.second.is_array()) {
      EXPECT_EQ(column.second.size(), static_cast<std::size_t>(length)) << name << "." << column.first;
    }
  }
}

void expect_below(const Json& column, std::int64_t end, const std::string& name) {
  for (const Json& value : column.items()) {
    if (!value.is_null()) {
      EXPECT_LT(value.as_integer(end), end) << name;
    }
  }
}

TEST(Firefox, TablesHaveTheColumnsOfLayout56AndPointIntoEachOther) {
  const Json file = parse_json(write_firefox(testing_profile(), 1)).value();
  EXPECT_EQ(file["meta"]["preprocessedProfileVersion"].as_integer(), 56);
  EXPECT_DOUBLE_EQ(file["meta"]["interval"].as_number(), 10.10101);
  EXPECT_EQ(file["libs"].items()[1]["name"].as_string(), "app");
  const std::int64_t texts = static_cast<std::int64_t>(file["shared"]["stringArray"].size());
  ASSERT_EQ(file["threads"].size(), 3U);
  for (const Json& thread : file["threads"].items()) {
    for (const char* name :
         {"samples", "markers", "stackTable", "frameTable", "funcTable", "resourceTable", "nativeSymbols"})
      expect_columns_of_one_length(thread[name], name);
    const auto length = [&](const char* name) { return thread[name]["length"].as_integer(); };
    expect_below(thread["samples"]["stack"], length("stackTable"), "stack");
    expect_below(thread["stackTable"]["frame"], length("frameTable"), "frame");
    expect_below(thread["frameTable"]["func"], length("funcTable"), "func");
    expect_below(thread["frameTable"]["category"],
                 static_cast<std::int64_t>(file["meta"]["categories"].size()), "category");
    expect_below(thread["funcTable"]["name"], texts, "name");
    expect_below(thread["funcTable"]["fileName"], texts, "fileName");
    expect_below(thread["funcTable"]["resource"], length("resourceTable"), "resource");
    expect_below(thread["resourceTable"]["lib"], static_cast<std::int64_t>(file["libs"].size()), "lib");
    const Json::Array& prefixes = thread["stackTable"]["prefix"].items();
    for (std::size_t i = 0; i < prefixes.size(); ++i) {
      if (!prefixes[i].is_null()) {
        EXPECT_LT(prefixes[i].as_integer(), static_cast<std::int64_t>(i));
      }
    }
  }
  const Json& second = file["threads"].items()[1];
  EXPECT_EQ(second["samples"]["weightType"].as_string(), "tracing-ms");
  EXPECT_EQ(second["tid"].as_integer(), 102);
  EXPECT_DOUBLE_EQ(second["samples"]["weight"].items()[0].as_number(), 10.10101);
}

TEST(Firefox, WhatWeWriteIsReadTheSame) {
  const Profile profile = testing_profile();
  const ImportedProfile again = import_profile(write_firefox(profile, 1)).value();
  EXPECT_EQ(again.format, ProfileFormat::firefox);
  EXPECT_EQ(again.profile.total(1), profile.total(1));
  EXPECT_NE(folded(again.profile, 1).find("main;do_syscall_64_[k] 10101010\n"), std::string::npos)
      << folded(again.profile, 1);
  EXPECT_NE(folded(again.profile, 1).find("main;work;hot(int)_[i] 30303030\n"), std::string::npos);
  EXPECT_NE(folded(*read_profile(write_firefox(profile, 0)), 0).find("app-100/102;Thread.run 1\n"),
            std::string::npos);
}

// As samply writes it: shared tables, stacks by the distance to their prefix, times as differences.
TEST(Firefox, SharedTablesAndOffsetsOfLayout66AreRead) {
  const auto profile = read_profile(
      R"({"meta":{"interval":1,"startTime":1000,"preprocessedProfileVersion":66,"product":"app",)"
      R"("categories":[{"name":"Kernel","color":"orange","subcategories":["Other"]}]},)"
      R"("libs":[{"name":"app","path":"/bin/app","codeId":"abcd"}],)"
      R"("shared":{"stringArray":["main","work","a.c","sys"],"sources":{"length":1,"filename":[2]},)"
      R"("stackTable":{"length":3,"frame":[0,1,2],"prefixOffset":[0,1,2]},)"
      R"("frameTable":{"length":3,"address":[16,32,-1],"inlineDepth":[0,0,0],"category":[null,null,0],)"
      R"("func":[0,1,2],"line":[3,null,null],"column":[null,null,null]},)"
      R"("funcTable":{"length":3,"name":[0,1,3],"isJS":[false,false,false],"resource":[0,0,-1],"source":[0,null,null],)"
      R"("lineNumber":[1,null,null]},"resourceTable":{"length":1,"lib":[0],"name":[0],"host":[null],"type":[1]}},)"
      R"("threads":[{"name":"t","processName":"app","pid":"7","tid":"8",)"
      R"("samples":{"length":3,"stack":[1,2,null],"timeDeltas":[5,1,1],"weight":null,"weightType":"samples"}}]})");
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_EQ(folded(*profile, 0), "app-7/8;main;sys_[k] 1\napp-7/8;main;work 1\n");
  EXPECT_EQ(profile->samples[1].time_ns, 6'000'000);
  const Frame& main = profile->frames[1];
  EXPECT_EQ(profile->text(profile->functions[main.function].file), "a.c");
  EXPECT_EQ(profile->text(profile->mappings[main.mapping].build_id), "abcd");
  EXPECT_EQ(main.line, 3);
}

TEST(Firefox, WhatIsBrokenIsRefusedWithItsPlace) {
  const auto message = [](const std::string& rest) {
    const auto profile = read_firefox(R"({"meta":{"preprocessedProfileVersion":56},)" + rest + "}");
    return profile ? "read" : profile.error().message;
  };
  const std::string tables = R"("frameTable":{"func":[0]},"funcTable":{"name":[0]},"stringArray":["f"],)";
  EXPECT_EQ(message(R"("threads":[])"), "$.threads: no thread with a sample");
  EXPECT_EQ(message(R"("threads":[{)" + tables + R"("stackTable":{"frame":[1],"prefix":[null]}}])"),
            "$.threads[0].stackTable.frame[0]: no such frame");
  EXPECT_EQ(message(R"("threads":[{)" + tables + R"("stackTable":{"frame":[0],"prefix":[0]}}])"),
            "$.threads[0].stackTable.prefix[0]: no earlier stack");
  EXPECT_EQ(message(R"("threads":[{)" + tables +
                    R"("stackTable":{"frame":[0],"prefix":[null]},"samples":{"stack":[3],"time":[1]}}])"),
            "$.threads[0].samples.stack[0]: no such stack");
  EXPECT_FALSE(read_firefox(R"({"meta":{"preprocessedProfileVersion":999}})"));
}

}  // namespace
}  // namespace signalbox::profile
