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

}  // namespace
}  // namespace signalbox::evidence_command
