// What evidence proves of a checklist: its type and what it says, by the tables of docs/commands/train.md.
#include "instruments/train/boarding/evidence_finder.hpp"

#include <gtest/gtest.h>

#include "core/evidence/statement.hpp"

namespace signalbox::train {
namespace {

FoundEvidence of(const std::string& type, Json predicate) {
  FoundEvidence out;
  out.type = std::string(evidence::kPredicatePrefix) + type;
  out.predicate = std::move(predicate);
  return out;
}

const Json& good_tests() {
  static const Json json = Json::object({{"tests", 3}, {"failures", 0}, {"errors", 0}});
  return json;
}

TEST(Proof, AnItemIsProvedByItsOwnTypeAlone) {
  const FoundEvidence tests = of("evidence/tests/v1", good_tests());
  const FoundEvidence passed = of("team/anything/v1", Json::object({{"result", "pass"}}));
  EXPECT_EQ(objection_to(tests, CheckItem::tests), "");
  EXPECT_EQ(objection_to(tests, CheckItem::integration_tests), "");
  EXPECT_NE(objection_to(tests, CheckItem::security_scan), "");
  EXPECT_NE(objection_to(passed, CheckItem::tests), "");
  EXPECT_EQ(objection_to(passed, CheckItem::observability), "");
  EXPECT_EQ(objection_to(tests, CheckItem::data_rollback), "") << "tests of the way back are a proof of it";
}

TEST(Proof, WhatDoesNotSayThatItPassedProvesNothing) {
  EXPECT_NE(failing(of("team/x/v1", Json::object())), "");
  EXPECT_NE(failing(of("team/x/v1", Json::object({{"result", "fail"}}))), "");
  EXPECT_NE(failing(of("team/x/v1", Json::object({{"result", true}}))), "");
  EXPECT_NE(failing(of("evidence/tests/v1", Json::object({{"result", "pass"}}))), "");
  EXPECT_EQ(failing(of("team/x/v1", Json::object({{"result", "pass"}}))), "");
}

TEST(Proof, AnEventOfATrainProvesNothingOfAPassenger) {
  const Json pass = Json::object({{"result", "pass"}});
  EXPECT_NE(failing(of("train/schedule/v1", pass)), "");
  EXPECT_NE(objection_to(of("train/departure/v1", pass), CheckItem::business_impact), "");
}

}  // namespace
}  // namespace signalbox::train
