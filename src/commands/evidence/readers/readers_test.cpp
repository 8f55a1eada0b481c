#include "commands/evidence/readers/readers.hpp"

#include <gtest/gtest.h>

namespace signalbox::evidence_command {
namespace {

TEST(Junit, CasesAreCountedOnceEachWhateverTheAttributesClaim) {
  const auto read = read_junit(
      R"(<?xml version="1.0"?><testsuites name="gtest" tests="99"><testsuite>
        <testcase name="a" classname="S" time="0.5"/>
        <testcase name="b" classname="S" time="0.25"><failure/><failure/></testcase>
        <testcase name="c" classname="S"><error message="x"/><failure/></testcase>
        <testcase name="d" classname="S"><skipped/></testcase></testsuite></testsuites>)");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->tool, "gtest");
  EXPECT_EQ(read->tests, 4);
  EXPECT_EQ(read->failures, 1);
  EXPECT_EQ(read->errors, 1);
  EXPECT_EQ(read->skipped, 1);
  EXPECT_EQ(read->duration_ms, 750);
  EXPECT_EQ(read->failed, (std::vector<std::string>{"S.b", "S.c"}));
}

TEST(Junit, EntityBombsDeepNestingOtherRootsAndBrokenXmlAreRefusedWithTheirPlace) {
  const auto bomb = read_junit("<!DOCTYPE x [<!ENTITY a \"aaaa\">]><testsuites>&a;</testsuites>");
  ASSERT_FALSE(bomb);
  EXPECT_NE(bomb.error().message.find("document type"), std::string::npos);
  std::string deep = "<testsuites>";
  for (int i = 0; i < 100; ++i) deep += "<testsuite>";
  EXPECT_NE(read_junit(deep).error().message.find("deeper"), std::string::npos);
  EXPECT_FALSE(read_junit("<html/>"));
  const auto broken = read_junit("<testsuites>\n<testsuite></testsuites>");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().message.substr(0, 2), "2:");
  EXPECT_FALSE(read_junit(""));
}

TEST(Sarif, LevelsAreCountedSuppressedOnesApart) {
  const auto read = read_sarif(R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"lint"}},"results":[
    {"level":"error"},{},{"level":"note"},{"kind":"pass"},{"level":"error","suppressions":[{"kind":"inSource"}]}]}]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->tool, "lint");
  EXPECT_EQ(read->errors, 1);
  EXPECT_EQ(read->warnings, 1);
  EXPECT_EQ(read->notes, 1);
  EXPECT_EQ(read->suppressed, 1);
}

TEST(Sarif, ARunThatDidNotLookIsNoEvidence) {
  EXPECT_FALSE(read_sarif(R"({"version":"2.1.0","runs":[]})"));
  EXPECT_FALSE(read_sarif(R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}}}]})"));
  EXPECT_FALSE(read_sarif(R"({"version":"2.0.0","runs":[]})"));
  EXPECT_FALSE(read_sarif(
      R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[],"invocations":[{"executionSuccessful":false}]}]})"));
}

// The shape of the example in in-toto's specification of the predicate, with other names.
TEST(TestResult, AStatementAndItsPredicateAloneCountTheTestsThatTheyName) {
  const std::string predicate =
      R"({"result":"FAILED","configuration":[{"name":"ci.yml"}],"passedTests":["a","b"],"warnedTests":["c"],"failedTests":["d"]})";
  const std::string statement =
      R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"gitCommit":"aa"}}],"predicateType":")" +
      std::string(kTestResultType) + R"(","predicate":)" + predicate + "}";
  for (const std::string& text : {predicate, statement}) {
    const auto read = read_test_result(text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->results.tests, 4);
    EXPECT_EQ(read->results.failures, 1);
    EXPECT_EQ(read->results.failed, (std::vector<std::string>{"d"}));
  }
  EXPECT_EQ(read_test_result(statement)->subjects.size(), 1U);
}

TEST(TestResult, NothingNamedCountsNothingAndFailedIsAFailureEvenWithoutANameForIt) {
  const auto passed = read_test_result(R"({"result":"PASSED","configuration":[]})");
  ASSERT_TRUE(passed);
  EXPECT_EQ(passed->results.tests, 0);
  const auto failed = read_test_result(R"({"result":"FAILED","configuration":[],"passedTests":["a"]})");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->results.failures, 1);
  EXPECT_EQ(failed->results.tests, 2);
}

TEST(TestResult, WhatContradictsItselfIsOfAnotherTypeOrSignedIsRefused) {
  for (const std::string& text :
       {std::string(R"({"result":"PASSED","failedTests":["d"]})"), std::string(R"({"result":"passed"})"),
        std::string(R"({"result":"PASSED","passedTests":"a"})"),
        std::string(R"({"result":"PASSED","passedTests":[1]})"), std::string("{}"), std::string("[]"),
        std::string(R"({"predicateType":"https://slsa.dev/provenance/v1","predicate":{"result":"PASSED"}})"),
        std::string(R"({"payloadType":"application/vnd.in-toto+json","payload":"","signatures":[]})")})
    EXPECT_FALSE(read_test_result(text)) << text;
}

}  // namespace
}  // namespace signalbox::evidence_command
