// What evidence proves of a checklist: its type and what it says, by the tables of docs/commands/train.md.
#include "instruments/train/boarding/evidence_finder.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/evidence/recorder.hpp"
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

// A log of test results about commits that are named by numbers.
class Finder : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("XDG_DATA_HOME", keys_.path().c_str(), 1);
    book_.emplace(*evidence::EvidenceBook::open(find_workspace(folder_.path()).value(), clock_, ""));
    own_.emplace(*book_->signing_key());
    trust_ = evidence::self_trust(evidence::KeyStore(keys_directory()).stored().value());
  }
  static std::string commit(int number) { return std::string(36, 'a') + std::to_string(1000 + number); }
  static std::string tests_about(int number, const evidence::SigningKey& key,
                                 const std::string& type = "evidence/tests/v1") {
    evidence::Statement statement;
    statement.subjects = {{"repository", {{"gitCommit", commit(number)}}}};
    statement.predicate_type = std::string(evidence::kPredicatePrefix) + type;
    statement.predicate = good_tests();
    const auto payload = evidence::write_statement(statement);
    return evidence::write_envelope(evidence::sign_envelope(evidence::kPayloadType, *payload, {&key}));
  }
  void log(const std::vector<std::string>& envelopes) { ASSERT_TRUE(book_->append(envelopes)); }
  // Index of what is found; -1: nothing.
  std::int64_t newest(const std::set<std::string>& commits) {
    const auto found = EvidenceFinder(&book_->ledger(), trust_).newest("evidence/tests/v1", commits);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found && *found ? static_cast<std::int64_t>((*found)->index) : -1;
  }

  TemporaryDirectory keys_, folder_;
  FixedClock clock_{Time(std::chrono::seconds(1'750'000'000))};
  std::optional<evidence::EvidenceBook> book_;
  std::optional<evidence::SigningKey> own_;
  evidence::Trust trust_;
};

TEST_F(Finder, EvidenceIsFoundHoweverManyEntriesCameAfterIt) {
  log({tests_about(1, *own_)});
  log(std::vector<std::string>(1'500, tests_about(2, *own_)));
  EXPECT_EQ(newest({commit(1)}), 0);
  EXPECT_EQ(newest({commit(2)}), 1500);
  EXPECT_EQ(newest({commit(1), commit(2)}), 1500);
  EXPECT_EQ(newest({commit(3)}), -1);
  EXPECT_EQ(newest({}), -1);
}

TEST_F(Finder, TheNewestIsFoundAmongMoreCommitsThanAreAskedForAtOnce) {
  std::set<std::string> commits;
  for (int i = 0; i < 900; ++i) commits.insert(commit(i));
  EXPECT_EQ(newest(commits), -1);
  log({tests_about(5, *own_), tests_about(850, *own_), tests_about(450, *own_), tests_about(950, *own_)});
  EXPECT_EQ(newest(commits), 2);
}

TEST_F(Finder, WhatAStrangerSignedAndWhatIsOfAnotherTypeIsPassedOver) {
  const evidence::SigningKey stranger = evidence::SigningKey::generate("stranger");
  log({tests_about(1, *own_), tests_about(1, stranger), tests_about(1, *own_, "evidence/findings/v1")});
  for (int i = 0; i < 20; ++i) log({tests_about(1, stranger)});
  EXPECT_EQ(newest({commit(1)}), 0);
}

}  // namespace
}  // namespace signalbox::train
