#include "instruments/train/evidence_words.hpp"

#include <gtest/gtest.h>

namespace signalbox::train {
namespace {

std::string text_of(const char* type, const char* predicate) {
  const auto words = words_of(type, *parse_json(predicate));
  return words ? words->text : "unknown";
}

TEST(EvidenceWords, TellOfTestsFindingsAndComponents) {
  constexpr const char* tests = "https://signalbox.dev/evidence/tests/v1";
  EXPECT_EQ(text_of(tests, R"({"tests": 1, "failures": 0, "errors": 0})"), "1 test, none failed");
  EXPECT_EQ(text_of(tests, R"({"tests": 4, "failures": 1, "errors": 1, "failed": ["pays", "ships"]})"),
            "2 of 4 tests failed: pays and others");
  EXPECT_EQ(text_of(tests, R"({"tests": 0})"), "no test ran");
  constexpr const char* findings = "https://signalbox.dev/evidence/findings/v1";
  EXPECT_EQ(text_of(findings, R"({"counts": {"error": 0, "warning": 0, "note": 0}})"), "nothing found");
  EXPECT_EQ(text_of(findings, R"({"counts": {"error": 0, "warning": 2, "note": 1}})"), "2 warnings, 1 note");
  EXPECT_EQ(text_of("https://signalbox.dev/evidence/sbom/v1", R"({"components": 103})"), "103 components");
}

TEST(EvidenceWords, AreNotMadeUpForTypesOfOthers) {
  EXPECT_EQ(text_of("https://example.com/tests/v1", R"({"tests": 1})"), "unknown");
  EXPECT_EQ(text_of("https://signalbox.dev/evidence/tests/v1x", R"({"tests": 1})"), "unknown");
  EXPECT_EQ(text_of("https://signalbox.dev/evidence/findings/v1", R"({"counts": "none"})"), "nothing found");
}

}  // namespace
}  // namespace signalbox::train
