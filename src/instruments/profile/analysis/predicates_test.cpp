#include "instruments/profile/analysis/predicates.hpp"

#include <gtest/gtest.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/gates/documented_conditions.hpp"
#include "instruments/profile/analysis/fixture.hpp"

namespace signalbox::profile {
namespace {

// A recording as whoever records it annotates it.
Profile recorded(std::string_view stolen, int lost, int parse) {
  fixture::StackWriter writer;
  writer.annotate("mode", "cpu")
      .annotate("event", "cpu-clock")
      .annotate("rate", "99 Hz")
      .annotate("sampler", "perf: frame pointers")
      .annotate("work_units", "10")
      .annotate("kernel", "6.18.0")
      .annotate("host", "box")
      .annotate("git.commit", std::string(40, 'a'))
      .annotate("git.dirty", "no")
      .annotate("command", "app --password=***")
      .annotate("overhead.stolen", std::string(stolen))
      .annotate("overhead.beside", "0.001")
      .add("main@/bin/app;parse@/bin/app", parse)
      .add("main@/bin/app;print@/bin/app", 700)
      .add("[truncated: no table];deep@/bin/app", 3)
      .add("[lost]", lost);
  ProfileBuilder& builder = writer.builder();
  const MappingId stripped =
      builder.mapping({0x1000, 0x2000, 0, builder.string("/lib/libz.so.1"), builder.string("00ff")});
  const std::int64_t two[] = {2, 2 * fixture::kPeriod_ns};
  builder.add({builder.stack(0, builder.frame({0, stripped, 0x1010}))}, two);
  builder.profile().duration_ns = 30'000'000'000;
  return writer.finish();
}

CheckResult checked(const Profile& base, const Profile& fresh) {
  CheckSide before{{{"base", &base}}, {10}};
  CheckSide after{{{"new", &fresh}}, {10}};
  return check(before, after, {}, {}).value();
}

TEST(RunPredicate, SaysWhatWasMeasuredAndHowFarItCanBeTrusted) {
  const Json predicate = run_predicate(recorded("0.0021", 5, 300));
  EXPECT_EQ(predicate["mode"].as_string(), "cpu");
  EXPECT_EQ(predicate["samples"].as_integer(), 1'010);
  EXPECT_EQ(predicate["lost"].as_integer(), 5);
  EXPECT_EQ(predicate["truncated"].as_integer(), 3);
  EXPECT_EQ(predicate["unsymbolized"].as_integer(), 2);
  EXPECT_EQ(predicate["cpu_ns"].as_integer(), 1'010 * fixture::kPeriod_ns);
  EXPECT_EQ(predicate["rate_hz"], Json(99));
  EXPECT_EQ(predicate["rung"].as_string(), "perf: frame pointers");
  EXPECT_EQ(predicate["work_units"], Json(10));
  EXPECT_EQ(predicate["overhead"]["stolen"], Json(0.0021));
  EXPECT_EQ(predicate["git"]["dirty"], Json(false));
  EXPECT_TRUE(predicate["git"]["branch"].is_null());
  EXPECT_EQ(predicate["top"].items()[0]["function"].as_string(), "print");
  EXPECT_EQ(predicate["top"].items()[0]["self_ns"].as_integer(), 700 * fixture::kPeriod_ns);
}

TEST(RunPredicate, WhatAProfileDoesNotSayIsNull) {
  fixture::StackWriter writer;
  for (int i = 0; i < 60; ++i) writer.add("main;f" + std::to_string(i), 1);
  writer.annotate("work_units", "many").annotate("overhead.stolen", "");
  const Json predicate = run_predicate(writer.finish());
  for (const char* key : {"mode", "event", "rate_hz", "duration_ns", "rung", "work_units", "kernel", "host"})
    EXPECT_TRUE(predicate[key].is_null()) << key;
  EXPECT_TRUE(predicate["overhead"]["stolen"].is_null());
  EXPECT_EQ(predicate["top"].size(), kTopOfPredicate);
}

TEST(Subjects, AreTheArtifactAndEachBinaryWithABuildId) {
  const auto subjects = subjects_of(recorded("0", 0, 1), "x.pb.gz", std::string(64, 'b'));
  ASSERT_EQ(subjects.size(), 2U);
  EXPECT_EQ(subjects[0].digest.at("sha256"), std::string(64, 'b'));
  EXPECT_EQ(subjects[1].name, "libz.so.1");
  EXPECT_EQ(subjects[1].digest.at("gnuBuildId"), "00ff");
  evidence::Statement statement{subjects, std::string(kRunPredicate), run_predicate(recorded("0", 0, 1))};
  EXPECT_TRUE(evidence::write_statement(statement));
}

// The conditions of docs/profile_gates.md: each is yes of a good run, no of a bad one, and says yes for a
// reason.
TEST(ProfileGates, EveryConditionOfThePageTellsGoodFromBad) {
  const Profile base = recorded("0.002", 2, 300);
  const Profile good = recorded("0.002", 2, 301);
  const Profile bad = recorded("0.02", 200, 450);
  const auto input = [&](const Profile& candidate) {
    const CheckResult result = checked(base, candidate);
    Json predicate = regression_predicate(candidate, result, std::string(64, 'c'));
    if (&candidate == &bad) predicate.set("unsymbolized", 500);
    return Json::object({{"predicate", predicate}, {"statement", Json::object({{"predicate", predicate}})}});
  };
  const Json of_good = input(good);
  const Json of_bad = input(bad);
  EXPECT_EQ(gates::try_documented_conditions("docs/profile_gates.md", of_good, of_bad), 5);
}

TEST(RegressionPredicate, NamesWhatRegressedAndTheBudgetsThatJudged) {
  const Profile base = recorded("0.002", 0, 300);
  const Profile fresh = recorded("0.002", 0, 450);
  CheckResult result = checked(base, fresh);
  result.policy = Json::object({{"total", 5}});
  const Json predicate = regression_predicate(fresh, result, "d");
  EXPECT_EQ(predicate["check"]["verdict"].as_string(), "regressed");
  EXPECT_EQ(predicate["check"]["base_digest"].as_string(), "d");
  const auto& regressions = predicate["check"]["regressions"].items();
  const auto parse = std::find_if(regressions.begin(), regressions.end(),
                                  [](const Json& row) { return row["function"].as_string() == "parse"; });
  ASSERT_NE(parse, regressions.end());
  EXPECT_NEAR((*parse)["rel"].as_number(), 0.5, 1e-9);
  // sha256 of {"total":5}
  EXPECT_EQ(predicate["check"]["policy_digest"].as_string(), to_hex(sha256(R"({"total":5})")));
}

// What python3-jsonschema says of a predicate: its exit code.
int judged_by_schema(const Json& predicate, const char* schema) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "predicate.json";
  EXPECT_TRUE(write_file_atomically(file, predicate.dump()));
  constexpr const char* kValidate =
      "import json,sys,jsonschema\n"
      "read=lambda name: json.load(open(name))\n"
      "jsonschema.Draft202012Validator(read(sys.argv[2])).validate(read(sys.argv[1]))";
  const auto path = testing::source_directory() / "docs/schemas" / schema;
  const auto result = run_process({"python3", "-c", kValidate, file.string(), path.string()});
  EXPECT_TRUE(result);
  return result ? result->exit_code : -1;
}

TEST(ProfilePredicates, KeepTheirSchemas) {
  const auto there = run_process({"python3", "-c", "import jsonschema"});
  if (!there || there->exit_code != 0) GTEST_SKIP() << "no python3-jsonschema";
  const Profile base = recorded("0.002", 0, 300);
  const Profile fresh = recorded("0.002", 0, 450);
  const Profile silent = fixture::StackWriter().add("main", 1).finish();
  EXPECT_EQ(judged_by_schema(run_predicate(fresh), "profile-run-v1.json"), 0);
  EXPECT_EQ(judged_by_schema(run_predicate(silent), "profile-run-v1.json"), 0);
  EXPECT_EQ(judged_by_schema(regression_predicate(fresh, checked(base, fresh), std::string(64, 'c')),
                             "profile-regression-v1.json"),
            0);
  Json wrong = run_predicate(fresh);
  wrong.set("lost", "many");
  EXPECT_NE(judged_by_schema(wrong, "profile-run-v1.json"), 0);
}

}  // namespace
}  // namespace signalbox::profile
