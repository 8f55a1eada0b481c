// What the events of a train come to, hand-worked.
#include "instruments/train/boarding/train.hpp"

#include <set>

#include <gtest/gtest.h>

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "instruments/train/boarding/fixture.hpp"

namespace signalbox::train {
namespace {

const std::vector<SeatState> kStates = {SeatState::candidate, SeatState::described, SeatState::slotted,
                                        SeatState::approved,  SeatState::dry_run,   SeatState::aboard,
                                        SeatState::shipped,   SeatState::bumped,    SeatState::rolled_back};

Seat seat_in(SeatState state, Risk risk = Risk::low) {
  Seat seat;
  seat.record = complete_record("pr-1", risk);
  seat.state = state;
  seat.described_by = "builder";
  seat.authors = {"builder"};
  return seat;
}

std::string objection(const Seat& seat, const PassengerEvent& move, const std::string& signer = "ada",
                      std::vector<std::string> roles = {"approver"}) {
  Event event;
  event.signer = signer;
  event.roles = std::move(roles);
  return move_objection(seat, move, event, {});
}

PassengerEvent move_of(const Seat& seat, SeatState to) {
  return {seat.record, seat.state, to, "a reason", 7, {}};
}

// The state machine of the specification, as the set of its arrows, but for those of departures and
// rollbacks.
TEST(SeatMoves, AreThoseOfTheStateMachineAndNoOther) {
  using S = SeatState;
  const std::set<std::pair<S, S>> arrows = {
      {S::candidate, S::described}, {S::described, S::slotted}, {S::slotted, S::approved},
      {S::approved, S::dry_run},    {S::approved, S::aboard},   {S::dry_run, S::aboard},
      {S::candidate, S::bumped},    {S::described, S::bumped},  {S::slotted, S::bumped},
      {S::approved, S::bumped},     {S::dry_run, S::bumped},    {S::aboard, S::bumped},
      {S::bumped, S::candidate}};
  for (const S from : kStates) {
    for (const S to : kStates) {
      const Seat seat = seat_in(from);
      const bool stays = from == to && from <= S::aboard;
      const bool allowed = stays || arrows.count({from, to}) > 0;
      EXPECT_EQ(objection(seat, move_of(seat, to)).empty(), allowed) << name_of(from) << " → " << name_of(to);
    }
  }
}

TEST(SeatMoves, AHighRiskNeedsADryRunWithEvidence) {
  const Seat approved = seat_in(SeatState::approved, Risk::high);
  EXPECT_EQ(objection(approved, move_of(approved, SeatState::aboard)), "a high risk needs a dry run first");
  PassengerEvent unproved = move_of(approved, SeatState::dry_run);
  unproved.evidence.reset();
  EXPECT_EQ(objection(approved, unproved), "a dry run is proved by evidence");
  const Seat done = seat_in(SeatState::dry_run, Risk::high);
  EXPECT_EQ(objection(done, move_of(done, SeatState::aboard)), "");
}

TEST(SeatMoves, AnApproverHasTheRoleAndIsNotWhoDescribedIt) {
  Seat seat = seat_in(SeatState::slotted);
  EXPECT_EQ(objection(seat, move_of(seat, SeatState::approved), "eve", {"builder"}),
            "a key with the role approver approves, and eve has it not");
  seat.authors = {"builder", "ada"};  // not the last who wrote
  EXPECT_EQ(objection(seat, move_of(seat, SeatState::approved)), "ada described it and cannot approve it");
}

TEST(SeatMoves, APersonWithTwoKeysApprovesNothingOfTheirs) {
  Rulebook book;
  for (const char* key : {"builder", "ada-laptop"}) book.people.people[key] = {"ada@example.org"};
  const Seat seat = seat_in(SeatState::slotted);
  Event event;
  event.signer = "ada-laptop";
  event.roles = {"approver"};
  EXPECT_EQ(move_objection(seat, move_of(seat, SeatState::approved), event, book),
            "ada-laptop and builder, who described it, are one person: it cannot approve");
  event.signer = "grace";
  EXPECT_EQ(move_objection(seat, move_of(seat, SeatState::approved), event, book), "");
}

TEST(SeatMoves, WhatWasApprovedChangesInItsChecklistAloneAndOnlyForTheBetter) {
  Seat seat = seat_in(SeatState::approved);
  seat.record.checklist[CheckItem::tests].state = CheckState::attested;
  seat.record.checklist[CheckItem::tests].by = "builder";
  PassengerEvent better = move_of(seat, SeatState::approved);
  better.record.checklist[CheckItem::tests].state = CheckState::proved;
  better.record.checklist[CheckItem::tests].by.clear();
  EXPECT_EQ(objection(seat, better), "");
  PassengerEvent worse = move_of(seat, SeatState::approved);
  worse.record.checklist[CheckItem::tests].state = CheckState::not_applicable;
  EXPECT_EQ(objection(seat, worse), "tests is attested and cannot become n/a");
  PassengerEvent other = move_of(seat, SeatState::aboard);
  other.record.rollback_sha256 = std::string(64, '2');
  EXPECT_EQ(objection(seat, other), "what was approved cannot be changed: bump it and board it again");
  Seat slotted = seat_in(SeatState::slotted);
  PassengerEvent changed = move_of(slotted, SeatState::slotted);
  changed.record.owner = "grace";
  EXPECT_EQ(objection(slotted, changed), "");
}

TEST(SeatMoves, NobodyAttestsForAnother) {
  Seat seat = seat_in(SeatState::candidate);
  PassengerEvent move = move_of(seat, SeatState::candidate);
  move.record.checklist[CheckItem::tests] = {CheckState::attested, "seen", "grace", {}, ""};
  EXPECT_EQ(objection(seat, move), "grace attests tests, and ada signed it");
  EXPECT_EQ(objection(seat, move, "grace"), "");
  seat.record = move.record;  // what stands there already needs no second signature
  EXPECT_EQ(objection(seat, move), "");
}

TEST(SeatMoves, AnIncompleteChecklistGoesNoFurtherThanCandidate) {
  Seat seat = seat_in(SeatState::candidate);
  seat.record.checklist[CheckItem::tests] = {};
  EXPECT_EQ(objection(seat, move_of(seat, SeatState::described)), "its checklist has no answer to tests");
  EXPECT_EQ(objection(seat, move_of(seat, SeatState::candidate)), "");
  EXPECT_EQ(objection(seat, move_of(seat, SeatState::bumped)), "");
}

TEST(TrainFold, PassengersStandInTheOrderInWhichTheyCame) {
  TestLog log;
  log.schedule();
  log.bring(complete_record("pr-3"), SeatState::aboard);
  log.bring(complete_record("pr-1"), SeatState::candidate);
  log.bring(complete_record("pr-2", Risk::high), SeatState::aboard);
  log.move(complete_record("pr-3"), SeatState::aboard, SeatState::bumped);
  log.move(complete_record("pr-3"), SeatState::bumped, SeatState::candidate);
  const Train train = log.fold();
  EXPECT_TRUE(train.remarks.empty()) << train.remarks.front().message;
  std::vector<std::string> ids;
  for (const Seat& seat : train.seats) ids.push_back(seat.record.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"pr-1", "pr-2", "pr-3"}));  // who comes back stands at the end
  EXPECT_EQ(train.find("pr-2")->approved_by, "ada");
  EXPECT_EQ(train.find("pr-2")->dry_run, 7U);
  EXPECT_EQ(train.find("pr-3")->approved_by, "");
  EXPECT_EQ(train.slots_taken(Risk::high), 1U);
  EXPECT_EQ(train.last_index, static_cast<std::int64_t>(log.events_.events.size()) - 1);
}

TEST(TrainFold, AMoveThatTheRulesForbidIsPassedOverWithARemark) {
  TestLog log;
  log.schedule();
  log.bring(complete_record("pr-1"), SeatState::described);
  log.move(complete_record("pr-1"), SeatState::described, SeatState::aboard);
  log.move(complete_record("pr-2"), std::nullopt, SeatState::aboard);
  log.add("passenger", Json::object({{"passenger", "pr-9"}}));
  const Train train = log.fold();
  EXPECT_EQ(train.find("pr-1")->state, SeatState::described);
  EXPECT_EQ(train.seats.size(), 1U);
  ASSERT_EQ(train.remarks.size(), 3U);
  EXPECT_EQ(train.remarks[0].message,
            "log #3 (passenger of builder) does not count: pr-1: aboard does not follow described");
  EXPECT_NE(train.remarks[1].message.find("begins as a candidate"), std::string::npos);
  EXPECT_NE(train.remarks[2].message.find("predicate.commits"), std::string::npos);
}

TEST(TrainFold, TheScheduleMovesByOneNumberAtATime) {
  TestLog log;
  log.schedule(std::chrono::hours(100));
  ScheduleEvent move;
  move.action = ScheduleEvent::Action::move;
  move.departs = TestLog::start() + std::chrono::hours(200);
  move.sequence = 1;
  move.reason = "holidays";
  log.add("schedule", to_json(move));
  log.add("schedule", to_json(move));  // the same number again
  Train train = log.fold();
  EXPECT_EQ(train.schedule->sequence, 1U);
  EXPECT_EQ(train.schedule->departs, move.departs);
  EXPECT_EQ(train.remarks.size(), 1U);
  move.action = ScheduleEvent::Action::cancel;
  move.sequence = 2;
  log.add("schedule", to_json(move));
  train = log.fold();
  EXPECT_EQ(train.phase, Phase::cancelled);
  log.bring(complete_record("pr-1"), SeatState::candidate);
  EXPECT_TRUE(log.fold().seats.empty());
}

TEST(TrainFold, NothingCountsBeforeTheTrainWasMade) {
  TestLog log;
  log.bring(complete_record("pr-1"), SeatState::candidate);
  EXPECT_FALSE(log.fold().schedule);
  EXPECT_TRUE(log.fold().seats.empty());
}

// Signed over the canonical form of the rest.
Json signed_manifest(Json view) {
  view.set("digest", "sha256:" + to_hex(sha256(view.canonical())));
  return view;
}

Json manifest_of(const std::vector<std::string>& passengers, const std::string& version = "1.1.0",
                 std::optional<std::uint64_t> exception = {}) {
  Json list = Json::array();
  for (const std::string& id : passengers) list.push_back(Json::object({{"passenger", id}}));
  Json view =
      Json::object({{"head", std::string(40, 'e')}, {"version", version}, {"passengers", std::move(list)}});
  if (exception) view.set("exception", *exception);
  return signed_manifest(std::move(view));
}

std::string digest_in(const Json& manifest) {
  return std::string(manifest["digest"].as_string().substr(7));
}

TEST(TrainFold, AManifestIsWhatItsDigestSays) {
  TestLog log;
  log.schedule();
  log.bring(complete_record("pr-1"), SeatState::aboard);
  Json forged = manifest_of({"pr-1"});
  forged.set("version", "9.9.9");
  log.add("manifest", forged);
  EXPECT_FALSE(log.fold().lock);
  EXPECT_NE(log.fold().remarks.at(0).message.find("the manifest's digest is sha256:"), std::string::npos);
  log.add("manifest", manifest_of({"pr-1"}));
  EXPECT_EQ(log.fold().lock->version, "1.1.0");
}

TEST(TrainFold, PlacesAreLimitedWhoeverGivesThem) {
  TestLog log;
  log.schedule();
  for (const char* id : {"pr-1", "pr-2"}) log.bring(complete_record(id, Risk::high), SeatState::slotted);
  log.bring(complete_record("pr-3", Risk::high), SeatState::slotted);
  EXPECT_EQ(log.fold().find("pr-3")->state, SeatState::described);
  EXPECT_NE(log.fold().remarks.at(0).message.find("takes at most 2 of high risk"), std::string::npos);
  // Nor does who has a place of low risk become one of high risk.
  log.bring(complete_record("pr-4"), SeatState::slotted);
  log.move(complete_record("pr-4", Risk::high), SeatState::slotted, SeatState::slotted);
  EXPECT_EQ(log.fold().find("pr-4")->record.risk, Risk::low);
}

// A policy that changes says nothing about trains that were made before: made under four hours and one place.
TEST(TrainFold, ATrainStaysUnderTheTermsItWasMadeUnder) {
  TestLog log;
  ScheduleEvent made;
  made.departs = TestLog::start() + std::chrono::hours(48);
  made.terms = Terms{std::chrono::hours(4), 1, {}};
  log.add("schedule", to_json(made));
  for (const char* id : {"pr-1", "pr-2"}) log.bring(complete_record(id, Risk::high), SeatState::slotted);
  const Train train = log.fold();  // the rules there: 72 hours, two places
  EXPECT_EQ(train.locks_at({}), made.departs - std::chrono::hours(4));
  EXPECT_EQ(train.find("pr-1")->state, SeatState::slotted);
  EXPECT_EQ(train.find("pr-2")->state, SeatState::described);
  // A move puts it under those of then, and leaves alone what was before.
  ScheduleEvent move = made;
  move.action = ScheduleEvent::Action::move;
  move.sequence = 1;
  move.reason = "holidays";
  move.terms = Terms{std::chrono::hours(4), 2, {}};
  log.add("schedule", to_json(move));
  log.move(complete_record("pr-2", Risk::high), SeatState::described, SeatState::slotted);
  EXPECT_EQ(log.fold().find("pr-2")->state, SeatState::slotted);
}

TEST(TrainFold, ASecondDepartureShipsWhomARollbackTookBack) {
  TestLog log;
  log.schedule();
  log.bring(complete_record("pr-1"), SeatState::aboard);
  log.add("departure", Json::object({{"result", "departed"}}));
  log.add("rollback", Json::object({{"result", "rolled-back"}}));
  EXPECT_EQ(log.fold().find("pr-1")->state, SeatState::rolled_back);
  log.add("departure", Json::object({{"result", "departed"}}));
  EXPECT_EQ(log.fold().find("pr-1")->state, SeatState::shipped);
  EXPECT_EQ(log.fold().phase, Phase::departed);
}

PassengerEvent coming(const std::string& id, std::optional<std::uint64_t> exception) {
  return {complete_record(id), {}, SeatState::candidate, "", {}, exception};
}

TEST(TrainFold, AfterTheLockAPassengerMovesOnlyByAnException) {
  TestLog log;
  log.schedule();
  log.bring(complete_record("pr-1"), SeatState::aboard);
  const Json lock = manifest_of({"pr-1"});
  const std::uint64_t manifest = log.add("manifest", lock).index;
  log.bring(complete_record("pr-2"), SeatState::candidate);
  Train train = log.fold();
  EXPECT_EQ(train.phase, Phase::locked);
  EXPECT_EQ(train.lock->digest, digest_in(lock));
  EXPECT_EQ(train.seats.size(), 1U);
  // No number of any other entry opens it: not the manifest's, not one that is not there.
  for (const std::uint64_t number : {manifest, std::uint64_t{9999}})
    log.add("passenger", to_json(coming("pr-2", number)));
  train = log.fold();
  EXPECT_EQ(train.seats.size(), 1U);
  EXPECT_EQ(train.remarks.back().message,
            "log #9 (passenger of builder) does not count: pr-2: the scope is locked, and log #9999 asks for "
            "no exception");
  const std::uint64_t exception = log.except(digest_in(lock));
  log.add("passenger", to_json(coming("pr-2", exception)));
  EXPECT_EQ(log.fold().seats.size(), 2U);
  // An answer more is no change of the scope.
  const std::uint64_t answer = log.move(complete_record("pr-1"), SeatState::aboard, SeatState::aboard).index;
  EXPECT_EQ(log.fold().find("pr-1")->last_index, answer);
}

TEST(TrainFold, AnExceptionOfOneManifestOpensNoOther) {
  TestLog log;
  log.schedule();
  log.bring(complete_record("pr-1"), SeatState::aboard);
  const std::uint64_t of_time = log.except();
  log.add("manifest", manifest_of({"pr-1"}));
  log.add("passenger", to_json(coming("pr-2", of_time)));
  EXPECT_EQ(log.fold().seats.size(), 1U);
  const std::uint64_t of_lock = log.except(digest_in(manifest_of({"pr-1"})));
  log.add("passenger", to_json(coming("pr-2", of_lock)));
  EXPECT_EQ(log.fold().seats.size(), 2U);
}

TEST(TrainFold, AnotherManifestNeedsAnException) {
  TestLog log;
  log.schedule();
  log.bring(complete_record("pr-1"), SeatState::aboard);
  const std::string first = digest_in(manifest_of({"pr-1"}));
  log.add("manifest", manifest_of({"pr-1"}));
  log.add("manifest", manifest_of({"pr-1"}, "1.2.0"));
  EXPECT_EQ(log.fold().lock->digest, first);
  EXPECT_NE(log.fold().remarks.at(0).message.find("it names no exception"), std::string::npos);
  const std::uint64_t of_time = log.except();  // of the train before it was locked
  log.add("manifest", manifest_of({"pr-1"}, "1.2.0", of_time));
  EXPECT_EQ(log.fold().lock->digest, first);
  const std::uint64_t of_lock = log.except(first);
  log.add("manifest", manifest_of({"pr-1"}, "1.2.0", of_lock));
  EXPECT_EQ(log.fold().lock->version, "1.2.0");
}

// Three days ahead the scope locks at once; where the departure is moved away it stays locked.
TEST(TrainFold, AMoveOfTheDepartureOpensNoScopeThatTimeHasLocked) {
  TestLog log;
  log.schedule(std::chrono::hours(72));
  ScheduleEvent move;
  move.action = ScheduleEvent::Action::move;
  move.departs = TestLog::start() + std::chrono::hours(24 * 30);
  move.sequence = 1;
  move.reason = "holidays";
  log.add("schedule", to_json(move));
  log.bring(complete_record("pr-1"), SeatState::candidate);
  EXPECT_TRUE(log.fold().seats.empty());
  EXPECT_EQ(log.fold().closed_since, TestLog::start());
  log.add("passenger", to_json(coming("pr-1", log.except())));
  EXPECT_EQ(log.fold().seats.size(), 1U);
  // Moved while the scope is open, it locks three days before the new time.
  TestLog early;
  early.schedule();
  early.add("schedule", to_json(move));
  EXPECT_FALSE(early.fold().closed_since);
  EXPECT_EQ(early.fold().locks_at({}), move.departs - std::chrono::hours(72));
}

TEST(TrainFold, TheScopeLocksByTimeAlso) {
  TestLog log;
  log.schedule(std::chrono::hours(72));  // the lock is at once
  log.bring(complete_record("pr-1"), SeatState::candidate);
  EXPECT_TRUE(log.fold().seats.empty());
  BoardingRules rules;
  rules.lock_before = std::chrono::hours(1);
  EXPECT_EQ(log.fold(rules).seats.size(), 1U);
}

TEST(TrainFold, AManifestNamesOnlyWhoIsAboard) {
  TestLog log;
  log.schedule();
  log.bring(complete_record("pr-1"), SeatState::slotted);
  log.add("manifest", manifest_of({"pr-1"}));
  const Train train = log.fold();
  EXPECT_FALSE(train.lock);
  EXPECT_NE(train.remarks.at(0).message.find("not aboard"), std::string::npos);
}

TEST(TrainFold, ADepartureShipsAndARollbackTakesBack) {
  TestLog log;
  log.schedule();
  log.bring(complete_record("pr-1"), SeatState::aboard);
  log.bring(complete_record("pr-2"), SeatState::aboard);
  log.bring(complete_record("pr-3"), SeatState::candidate);
  log.add("departure", Json::object({{"result", "departed"}}));
  Train train = log.fold();
  EXPECT_EQ(train.phase, Phase::departed);
  EXPECT_EQ(train.find("pr-2")->state, SeatState::shipped);
  EXPECT_EQ(train.find("pr-3")->state, SeatState::candidate);
  Json one = Json::object({{"passengers", Json::array()}});
  one.members()[0].second.push_back("pr-2");
  log.add("rollback", one);
  train = log.fold();
  EXPECT_EQ(train.phase, Phase::departed);
  EXPECT_EQ(train.find("pr-1")->state, SeatState::shipped);
  EXPECT_EQ(train.find("pr-2")->state, SeatState::rolled_back);
  log.add("rollback", Json::object({{"result", "failed"}}));
  EXPECT_EQ(log.fold().phase, Phase::departed);
  log.add("rollback", Json::object({{"result", "rolled-back"}}));
  EXPECT_EQ(log.fold().phase, Phase::rolled_back);
}

TEST(NextTrain, IsTheOneThatLeavesFirst) {
  TestLog late("late");
  late.schedule(std::chrono::hours(500));
  TestLog soon("soon");
  soon.schedule(std::chrono::hours(400));
  TestLog gone("gone");
  gone.schedule(std::chrono::hours(300));
  gone.add("departure", Json::object({}));
  const std::vector<Train> trains = {late.fold(), soon.fold(), gone.fold()};
  EXPECT_EQ(next_train(trains)->id, "soon");
  EXPECT_EQ(next_train({}), nullptr);
}

}  // namespace
}  // namespace signalbox::train
