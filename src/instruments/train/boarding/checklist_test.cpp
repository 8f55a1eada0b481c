#include "instruments/train/boarding/checklist.hpp"

#include <gtest/gtest.h>

namespace signalbox::train {
namespace {

CheckAnswer answer(CheckState state) {
  CheckAnswer out;
  out.state = state;
  if (state != CheckState::open) out.text = "because";
  if (state == CheckState::attested) out.by = "ada";
  if (state == CheckState::proved) {
    out.evidence = 12;
    out.envelope = std::string(64, 'a');
  }
  return out;
}

TEST(Checklist, HasTheTwelveItemsOfBothForms) {
  EXPECT_EQ(
      check_item_names(),
      (std::vector<std::string>{"tests", "merged-ci", "integration-tests", "security-scan", "migration-plan",
                                "migration-reversible", "data-rollback", "feature-toggle", "toggle-exists",
                                "observability", "business-impact", "notes-entry"}));
  for (const CheckItem item : check_items()) EXPECT_EQ(check_item_from(name_of(item)), item);
  EXPECT_EQ(Checklist().open().size(), 12U);
}

TEST(Checklist, AnAnswerIsEvidenceAReasonOrASentence) {
  EXPECT_EQ(parse_check_answer("#12")->evidence, 12U);
  EXPECT_EQ(parse_check_answer("#12")->state, CheckState::proved);
  EXPECT_EQ(parse_check_answer("#12 was seen")->state, CheckState::attested);
  for (const char* text : {"n/a: no data", "N/A no data", " n/a:  no data "}) {
    const auto parsed = parse_check_answer(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->state, CheckState::not_applicable);
    EXPECT_EQ(parsed->text, "no data");
  }
  EXPECT_EQ(parse_check_answer("n/ab")->state, CheckState::attested);
  EXPECT_EQ(parse_check("tests=seen = done")->second.text, "seen = done");
  for (const char* bad : {"", "  ", "n/a", "n/a:", "n/a:   "}) EXPECT_FALSE(parse_check_answer(bad)) << bad;
  EXPECT_FALSE(parse_check_answer(std::string(2001, 'x')));
  EXPECT_FALSE(parse_check_answer("\xff"));
  EXPECT_FALSE(parse_check("tests"));
  EXPECT_EQ(parse_check("test=x").error().hint, "did you mean tests?");
}

// Rows are what is there, columns what comes: only a lower rank is turned away.
TEST(Checklist, AHigherRankIsNeverLost) {
  const std::vector<CheckState> ranks = {CheckState::open, CheckState::not_applicable, CheckState::attested,
                                         CheckState::proved};
  for (std::size_t there = 0; there < ranks.size(); ++there) {
    for (std::size_t comes = 0; comes < ranks.size(); ++comes) {
      Checklist checklist;
      checklist[CheckItem::tests] = answer(ranks[there]);
      Checklist more;
      more[CheckItem::tests] = answer(ranks[comes]);
      answer_more(checklist, more);
      EXPECT_EQ(checklist[CheckItem::tests].state, ranks[std::max(there, comes)]) << there << comes;
    }
  }
}

TEST(Checklist, ComesBackFromItsJson) {
  Checklist checklist;
  checklist[CheckItem::tests] = answer(CheckState::proved);
  checklist[CheckItem::observability] = answer(CheckState::attested);
  checklist[CheckItem::migration_plan] = answer(CheckState::not_applicable);
  checklist[CheckItem::notes_entry].state = CheckState::proved;
  checklist[CheckItem::notes_entry].text = "in the section Features of the notes";
  const auto read = read_checklist(*parse_json(to_json(checklist).dump()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, checklist);
  EXPECT_EQ(to_json(checklist)["tests"]["state"].as_string(), "proved");
  EXPECT_EQ(to_json(checklist)["migration-plan"]["state"].as_string(), "n/a");
  EXPECT_EQ(to_json(checklist)["business-impact"]["state"].as_string(), "open");
}

TEST(Checklist, WhatIsNoAnswerIsRefusedByName) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"typo":{"state":"open"}})", "no item 'typo'"},
      {R"({"tests":{}})", "predicate.checklist.tests.state"},
      {R"({"tests":{"state":"done"}})", "none of proved, attested, n/a, open"},
      {R"({"tests":{"state":"n/a"}})", "predicate.checklist.tests.reason"},
      {R"({"tests":{"state":"attested","text":"x"}})", "predicate.checklist.tests.by"},
      {R"({"tests":{"state":"proved"}})", "names what proves it"},
      {R"({"tests":{"state":"proved","evidence":1}})", "predicate.checklist.tests.envelope"},
      {R"({"tests":{"state":"proved","evidence":-1}})", "a number from 0 on"},
      {R"({"tests":{"state":"proved","evidence":1,"envelope":"sha256:xy"}})", "no sha256"},
      {R"({"tests":[]})", "is no object"}};
  for (const auto& [json, why] : cases) {
    const auto read = read_checklist(*parse_json(json));
    ASSERT_FALSE(read) << json;
    EXPECT_EQ(read.error().kind, ErrorKind::bad_input);
    EXPECT_NE(read.error().message.find(why), std::string::npos) << read.error().message;
  }
}

}  // namespace
}  // namespace signalbox::train
