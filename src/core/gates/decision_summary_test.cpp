#include "core/gates/decision_summary.hpp"

#include <gtest/gtest.h>

#include "core/gates/decision_entries.hpp"

namespace signalbox::gates {
namespace {

namespace ev = evidence;

const std::string kHex = "47dea43e8bf0e2b5a8c0b7d2f1a9c3e4d5f60718293a4b5c6d7e8f9001122334";

SummaryInput input_of(const std::string& word, const std::string& conditions) {
  SummaryInput input;
  input.decision.subjects = {{"shop", {{"gitCommit", std::string(40, 'a')}}}};
  input.decision.predicate_type = std::string(kDecisionType);
  input.decision.predicate =
      parse_json(R"({"decision":")" + word + R"(","policy":{"source":"v1","digest":"sha256:)" + kHex +
                 R"("},"evaluator":"signalbox 1.2.3","conditions":)" + conditions +
                 R"(,"approvals":[{"gate":"p","entries":[9,4]}],"exceptions":[{"request":7,"approval":8}]})")
          .value();
  input.time = parse_rfc3339("2026-03-03T09:00:00Z").value();
  input.verifier = "https://ci.example/train";
  input.resource = "pkg:generic/shop@1.2.0";
  input.inputs = {std::string(64, 'b')};
  return input;
}

// The member names and values are those that SLSA's page of the summary asks for.
TEST(DecisionSummary, GoIsPassedAndClaimsNoSlsaLevel) {
  const auto made = slsa_summary(input_of("GO", "[]"));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->predicate_type, "https://slsa.dev/verification_summary/v1");
  EXPECT_EQ(made->predicate,
            parse_json(
                R"({"verifier":{"id":"https://ci.example/train","version":{"signalbox":"1.2.3"}},
  "timeVerified":"2026-03-03T09:00:00Z","resourceUri":"pkg:generic/shop@1.2.0",
  "policy":{"uri":"ni:///sha-256;R96kPovw4rWowLfS8anD5NX2BxgpOktcbX6PkAESIzQ",
            "digest":{"sha256":"47dea43e8bf0e2b5a8c0b7d2f1a9c3e4d5f60718293a4b5c6d7e8f9001122334"}},
  "inputAttestations":[{"digest":{"sha256":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}}],
  "verificationResult":"PASSED","verifiedLevels":["SIGNALBOX_TRAIN_GO"],"slsaVersion":"1.1"})")
                .value())
      << made->predicate.pretty();
}

TEST(DecisionSummary, NoGoIsFailedAndInputsThatAreNotAllKnownAreNotListed) {
  SummaryInput input = input_of("NO-GO", "[]");
  input.inputs.reset();
  const auto made = slsa_summary(input);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->predicate["verificationResult"].as_string(), "FAILED");
  EXPECT_EQ(made->predicate["verifiedLevels"], parse_json(R"(["FAILED"])").value());
  EXPECT_EQ(made->predicate.find("inputAttestations"), nullptr);
}

TEST(DecisionSummary, AnSvrHoldsWhatPassedAndOfTwoGatesWithOneNameBothMustHave) {
  const auto made =
      simple_result(input_of("NO-GO",
                             R"([{"name":"unit tests","result":"pass"},{"name":"unit-tests","result":"fail"},
                   {"name":"SBOM","result":"pass"},{"name":"slo","result":"warn"}])"));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->predicate_type, "https://in-toto.io/attestation/svr/v0.1");
  EXPECT_EQ(made->predicate["properties"], parse_json(R"(["SIGNALBOX_GATE_SBOM"])").value());
  EXPECT_EQ(made->predicate["timeCreated"].as_string(), "2026-03-03T09:00:00Z");
  const auto go = simple_result(input_of("GO", R"([{"name":"a b","result":"pass"}])"));
  EXPECT_EQ(go->predicate["properties"],
            parse_json(R"(["SIGNALBOX_TRAIN_GO","SIGNALBOX_GATE_A_B"])").value());
}

TEST(DecisionSummary, TheNameOfATrainIsNoSubject) {
  SummaryInput input = input_of("GO", "[]");
  input.decision.subjects.insert(input.decision.subjects.begin(),
                                 {"train:2026-12", {{"sha256", std::string(64, 'c')}}});
  for (const auto& made : {slsa_summary(input), simple_result(input)}) {
    ASSERT_TRUE(made);
    ASSERT_EQ(made->subjects.size(), 1U);
    EXPECT_EQ(made->subjects.front().name, "shop");
  }
}

TEST(DecisionSummary, WhatIsNoDecisionIsRefused) {
  SummaryInput other = input_of("GO", "[]");
  other.decision.predicate_type = "https://signalbox.dev/evidence/tests/v1";
  EXPECT_FALSE(slsa_summary(other));
  EXPECT_FALSE(slsa_summary(input_of("MAYBE", "[]")));
  EXPECT_FALSE(simple_result(input_of("", "[]")));
}

TEST(DecisionSummary, TheEntriesBehindADecisionAreThoseOfConditionsApprovalsAndExceptions) {
  const SummaryInput input =
      input_of("GO", R"([{"name":"t","result":"pass","inputs":[{"index":3},{"index":7}]}])");
  EXPECT_EQ(entries_behind(input.decision.predicate), (std::vector<std::uint64_t>{3, 4, 7, 8, 9}));
}

}  // namespace
}  // namespace signalbox::gates
