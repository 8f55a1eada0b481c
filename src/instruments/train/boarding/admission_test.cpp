// Who may board: each reason by its code, and who is next where places are limited.
#include "instruments/train/boarding/admission.hpp"

#include <gtest/gtest.h>

#include "instruments/train/boarding/fixture.hpp"

namespace signalbox::train {
namespace {

class Admission : public ::testing::Test {
 protected:
  Admission() {
    log_.schedule();
    change_.id = "pr-9";
    change_.commits = {std::string(40, '9')};
    change_.is_merged = true;
    request_.change = "#9";
    request_.owner = "ada";
    request_.risk = Risk::low;
    request_.rollback_plan = "docs/rollback.md";
    record_ = complete_record("pr-9");
    plan_ = {"docs/rollback.md", "1. deploy the tag before\n"};
  }

  std::vector<std::string> codes() {
    std::vector<std::string> out;
    for (const Refusal& refusal : refusals()) out.push_back(refusal.code);
    return out;
  }
  std::vector<Refusal> refusals() {
    train_ = log_.fold(rules_);
    book_ = log_.book(rules_);
    return admission_refusals(request_, change_, plan_, record_,
                              {train_, others_, book_, flags_, now_, exception_});
  }

  using Codes = std::vector<std::string>;
  TestLog log_;
  Train train_;
  Change change_;
  PassengerRequest request_;
  PassengerRecord record_;
  RollbackPlan plan_;
  std::vector<Train> others_;
  BoardingRules rules_;
  Rulebook book_;
  std::vector<Flag> flags_;
  Time now_ = TestLog::start() + std::chrono::hours(1);
  std::optional<std::uint64_t> exception_;
};

TEST_F(Admission, WhoHasAllItNeedsBoards) {
  EXPECT_EQ(codes(), Codes{});
}

TEST_F(Admission, OwnerRiskAndPlanAreAskedForAllAtOnce) {
  record_.owner.clear();
  request_.risk.reset();
  plan_ = {};
  EXPECT_EQ(codes(), (Codes{"no-owner", "no-risk", "no-rollback"}));
  for (const Refusal& refusal : refusals()) {
    EXPECT_TRUE(refusal.remedy.starts_with("signalbox train board pr-9 --")) << refusal.remedy;
  }
}

TEST_F(Admission, APlanIsAFileWithSteps) {
  plan_.octets.reset();
  EXPECT_EQ(codes(), Codes{"no-rollback"});
  for (const char* bad : {"", "  \n", "# Title\n\nWe will think of something.\n", "\xff\xfe- x"}) {
    plan_.octets = bad;
    EXPECT_EQ(codes(), Codes{"no-rollback"}) << bad;
  }
  for (const char* good : {"- one", "* one\n", "Text\n\n1. one\n2. two\n", "12) x", "```sh\nx\n```"}) {
    plan_.octets = good;
    EXPECT_EQ(codes(), Codes{}) << good;
  }
}

TEST_F(Admission, AClaimBelowTheEstimateNeedsANote) {
  record_.estimate.risk = Risk::high;
  EXPECT_EQ(codes(), Codes{"note-needed"});
  record_.note = "generated code";
  EXPECT_EQ(codes(), Codes{});
  record_.note.clear();
  record_.risk = Risk::high;
  EXPECT_EQ(codes(), Codes{});
}

TEST_F(Admission, WhatHasLeftOrIsNotMergedStaysBehind) {
  change_.is_merged = false;
  EXPECT_EQ(codes(), Codes{"not-merged"});
  change_.shipped_in = "v1.2.0";
  EXPECT_EQ(codes(), Codes{"already-shipped"});
  EXPECT_EQ(refusals()[0].message, "pr-9 has left already: v1.2.0 holds it");
}

TEST_F(Admission, AFlagIsRegisteredAndNotExpired) {
  record_.flags = {"new"};
  EXPECT_EQ(codes(), Codes{"unknown-flag"});
  flags_.push_back({Flag::Kind::release, "new", false, "ada", now_ + std::chrono::hours(1)});
  EXPECT_EQ(codes(), Codes{});
  flags_[0].expires = now_;
  EXPECT_EQ(codes(), Codes{"expired-flag"});
}

TEST_F(Admission, OneTrainAtATime) {
  TestLog other("2027-01");
  other.schedule();
  other.bring(record_, SeatState::candidate);
  others_ = {other.fold()};
  EXPECT_EQ(codes(), Codes{"on-another-train"});
  other.move(record_, SeatState::candidate, SeatState::bumped);
  others_ = {other.fold()};
  EXPECT_EQ(codes(), Codes{});
  TestLog gone("2026-11");
  gone.schedule();
  gone.bring(record_, SeatState::aboard);
  gone.add("departure", Json::object({}));
  others_ = {gone.fold()};
  EXPECT_EQ(codes(), Codes{"already-shipped"});
}

TEST_F(Admission, AContractDoesNotRideWithItsExpand) {
  PassengerRecord expand = complete_record("pr-2");
  expand.migration = {MigrationStep::Kind::expand, "orders-v2"};
  log_.bring(expand, SeatState::candidate);
  record_.migration = {MigrationStep::Kind::contract, "orders-v2"};
  EXPECT_EQ(codes(), Codes{"contract-with-expand"});
  record_.migration.name = "users-v2";
  EXPECT_EQ(codes(), Codes{});
  record_.migration = {MigrationStep::Kind::migrate, "orders-v2"};  // of the middle step nothing is said
  EXPECT_EQ(codes(), Codes{});
  log_.move(expand, SeatState::candidate, SeatState::bumped);
  record_.migration = {MigrationStep::Kind::contract, "orders-v2"};
  EXPECT_EQ(codes(), Codes{});
}

TEST_F(Admission, AnExpandDoesNotBoardWhereItsContractIs) {
  PassengerRecord contract = complete_record("pr-2");
  contract.migration = {MigrationStep::Kind::contract, "orders-v2"};
  log_.bring(contract, SeatState::candidate);
  record_.migration = {MigrationStep::Kind::expand, "orders-v2"};
  EXPECT_EQ(codes(), Codes{"contract-with-expand"});
}

TEST_F(Admission, AContractWaitsUntilItsExpandHasLeft) {
  PassengerRecord expand = complete_record("pr-2");
  expand.migration = {MigrationStep::Kind::expand, "orders-v2"};
  TestLog other("2026-11");
  other.schedule();
  other.bring(expand, SeatState::aboard);
  others_ = {other.fold()};
  record_.migration = {MigrationStep::Kind::contract, "orders-v2"};
  EXPECT_EQ(codes(), Codes{"contract-before-expand"});
  other.add("departure", Json::object({}));
  others_ = {other.fold()};
  EXPECT_EQ(codes(), Codes{});
}

TEST_F(Admission, ALockedScopeIsClosedButForAnException) {
  now_ = log_.fold().schedule->departs - std::chrono::hours(72);
  EXPECT_EQ(codes(), Codes{"locked"});
  now_ -= std::chrono::milliseconds(1);
  EXPECT_EQ(codes(), Codes{});
  now_ = TestLog::start() + std::chrono::hours(1);
  rules_.lock_before = std::chrono::hours(24 * 21);
  exception_ = 4;
  EXPECT_EQ(codes(), Codes{"locked"});
  EXPECT_NE(refusals()[0].message.find("log #4 asks for no exception"), std::string::npos);
  exception_ = log_.except();
  EXPECT_EQ(codes(), Codes{});
}

TEST_F(Admission, WhatWasApprovedIsNotChanged) {
  log_.bring(record_, SeatState::aboard);
  EXPECT_EQ(codes(), Codes{});  // the same again
  record_.owner = "grace";
  EXPECT_EQ(codes(), Codes{"already-approved"});
}

PassengerRecord high(const std::string& id) {
  return complete_record(id, Risk::high);
}

TEST_F(Admission, AtMostTwoOfHighRiskRide) {
  log_.bring(high("pr-1"), SeatState::slotted);
  EXPECT_FALSE(slot_refusal(log_.fold(), high("pr-9"), rules_));
  log_.bring(high("pr-2"), SeatState::aboard);
  const auto refusal = slot_refusal(log_.fold(), high("pr-9"), rules_);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, "too-many-high-risk");
  EXPECT_EQ(refusal->message, "2026-12 takes at most 2 of high risk; 2 are before it");
  EXPECT_FALSE(slot_refusal(log_.fold(), high("pr-2"), rules_));  // it has its place
  EXPECT_FALSE(slot_refusal(log_.fold(), complete_record("pr-9", Risk::medium), rules_));
  rules_.max_medium_risk = 0;
  EXPECT_EQ(slot_refusal(log_.fold(), complete_record("pr-9", Risk::medium), rules_)->code,
            "too-many-medium-risk");
}

TEST_F(Admission, AFreePlaceGoesToWhoHasWaitedLongest) {
  rules_.max_high_risk = 1;
  log_.bring(high("pr-1"), SeatState::aboard);
  log_.bring(high("pr-3"), SeatState::described);
  log_.bring(high("pr-2"), SeatState::described);
  log_.bring(complete_record("pr-4"), SeatState::described);
  EXPECT_EQ(next_to_slot(log_.fold(rules_), rules_), Codes{"pr-4"});
  log_.move(high("pr-1"), SeatState::aboard, SeatState::bumped);
  EXPECT_EQ(next_to_slot(log_.fold(rules_), rules_), (Codes{"pr-3", "pr-4"}));
  // Who comes now does not pass those that wait, and who was bumped stands behind them.
  EXPECT_TRUE(slot_refusal(log_.fold(rules_), high("pr-9"), rules_));
  EXPECT_TRUE(slot_refusal(log_.fold(rules_), high("pr-1"), rules_));
}

TEST_F(Admission, AQuarterOfTheChurnInOnePassengerIsWorthAWord) {
  const auto with_churn = [](const std::string& id, std::uint64_t churn) {
    PassengerRecord record = complete_record(id);
    record.estimate.churn = churn;
    return record;
  };
  log_.bring(with_churn("pr-1", 26), SeatState::candidate);
  EXPECT_TRUE(large_shares(log_.fold(), rules_).empty());  // alone it is all of the train
  log_.bring(with_churn("pr-2", 24), SeatState::candidate);
  log_.bring(with_churn("pr-3", 25), SeatState::candidate);
  log_.bring(with_churn("pr-4", 25), SeatState::candidate);
  const auto shares = large_shares(log_.fold(), rules_);
  ASSERT_EQ(shares.size(), 1U);
  EXPECT_EQ(shares[0].passenger, "pr-1");
  EXPECT_DOUBLE_EQ(shares[0].percent, 26);
}

}  // namespace
}  // namespace signalbox::train
