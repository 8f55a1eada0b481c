// Events on a real log, signed with real keys.
#include "instruments/train/events/event.hpp"

#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "instruments/train/events/events_of_kinds.hpp"
#include "instruments/train/events/signatory.hpp"

namespace signalbox::train {
namespace {

class Events : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("XDG_DATA_HOME", keys_.path().c_str(), 1);
    workspace_ = find_workspace(folder_.path()).value();
    book_.emplace(open());
  }
  evidence::EvidenceBook open() {
    auto book = evidence::EvidenceBook::open(workspace_, clock_, "");
    EXPECT_TRUE(book) << (book ? "" : book.error().message);
    return std::move(*book);
  }
  static evidence::Trust trust() {
    return evidence::self_trust(evidence::KeyStore(keys_directory()).stored().value());
  }
  NewEvent event(const std::string& kind, int number, const std::string& train = "2026-12") const {
    return {train, kind, Json::object({{"number", number}}), {}, {}};
  }
  TrainEvents read(const std::string& train = "2026-12") {
    auto events = read_events(book_->ledger(), trust(), train);
    EXPECT_TRUE(events) << (events ? "" : events.error().message);
    return events ? std::move(*events) : TrainEvents();
  }
  std::int64_t append(const NewEvent& event) {
    const auto receipt = append_event(*book_, event, read(event.train).last_index);
    EXPECT_TRUE(receipt) << (receipt ? "" : receipt.error().message);
    return receipt ? static_cast<std::int64_t>(receipt->index) : -2;
  }
  // A statement about the train, appended as any evidence is: with no expectation.
  void append_raw(const std::string& type, Json predicate) {
    evidence::Statement statement{{train_subject("2026-12")}, type, std::move(predicate)};
    const auto receipt = book_->record(statement);
    ASSERT_TRUE(receipt) << receipt.error().message;
  }

  TemporaryDirectory keys_, folder_;
  FixedClock clock_{Time(std::chrono::seconds(1'750'000'000))};
  Workspace workspace_;
  std::optional<evidence::EvidenceBook> book_;
};

TEST(TrainId, IsWhatFitsInAnAddressAndAFileName) {
  for (const char* good : {"2026-12", "v1.4.0", "a", "0", "x_y"}) EXPECT_TRUE(check_train_id(good)) << good;
  EXPECT_TRUE(check_train_id(std::string(64, 'a')));
  for (const char* bad : {"", "-a", ".a", "_a", "A", "a b", "a/b", "ä", "a\n"})
    EXPECT_FALSE(check_train_id(bad)) << bad;
  EXPECT_FALSE(check_train_id(std::string(65, 'a')));
  EXPECT_EQ(check_train_id("../x").error().kind, ErrorKind::bad_input);
}

// printf 'signalbox/train/v1\n2026-12' | sha256sum
TEST(TrainId, TheSubjectIsTheDigestThatSha256sumGives) {
  const evidence::Subject subject = train_subject("2026-12");
  EXPECT_EQ(subject.name, "train:2026-12");
  EXPECT_EQ(subject.digest.at("sha256"), "5f7050e4e0fbf56788a36fbcfaf22d7025eb8f53a848c8666c472613e041c18e");
}

TEST_F(Events, ComeBackInTheOrderOfTheLogWithTimeAndSigner) {
  EXPECT_EQ(read().last_index, -1);
  append(event("schedule", 1));
  append(event("schedule", 7, "other"));
  clock_.advance(std::chrono::minutes(5));
  NewEvent second = event("passenger", 2);
  second.also_about = {{"repository", {{"gitCommit", std::string(40, 'c')}}}};
  append(second);
  const TrainEvents events = read();
  ASSERT_EQ(events.events.size(), 2U);
  EXPECT_EQ(events.last_index, 2);
  EXPECT_EQ(events.events[0].kind, "schedule");
  EXPECT_EQ(events.events[1].kind, "passenger");
  EXPECT_EQ(events.events[1].index, 2U);
  EXPECT_EQ(events.events[1].time - events.events[0].time, std::chrono::minutes(5));
  EXPECT_EQ(events.events[1].predicate["number"].as_integer(), 2);
  EXPECT_EQ(events.events[1].predicate["train"].as_string(), "2026-12");
  EXPECT_EQ(events.events[1].predicate["after"].as_integer(), 0);
  EXPECT_EQ(events.events[1].subjects.at(1).digest.at("gitCommit"), std::string(40, 'c'));
  EXPECT_EQ(events.events[1].signer, book_->own_key().name);
  EXPECT_TRUE(events.ignored.empty());
}

TEST_F(Events, APersonSignsWithAKeyOfTheirOwn) {
  ASSERT_TRUE(evidence::KeyStore(keys_directory()).create("ada", {}, {"approver"}));
  NewEvent signed_by_ada = event("approval", 1);
  signed_by_ada.key = "ada";
  append(signed_by_ada);
  EXPECT_EQ(read().events.at(0).signer, "ada");
  EXPECT_EQ(read().events.at(0).roles, std::vector<std::string>{"approver"});
  signed_by_ada.key = "nobody";
  EXPECT_FALSE(append_event(*book_, signed_by_ada, 0));
}

TEST_F(Events, AWriterWhoKnowsAnOlderStateIsToldWhoCameFirst) {
  append(event("schedule", 1));
  append(event("passenger", 2));
  const auto late = append_event(*book_, event("passenger", 3), 0);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::conflict);
  EXPECT_EQ(late.error().message,
            "entry 1 about train:2026-12 came in between, at 2025-06-15T15:06:40Z, signed by key " +
                book_->own_key().id() + " (" + book_->own_key().name + ")");
  EXPECT_EQ(read().events.size(), 2U);
}

TEST_F(Events, OneOfManyWritersAtOnceComesNext) {
  append(event("schedule", 1));
  constexpr int kWriters = 4;
  std::vector<evidence::EvidenceBook> books;
  for (int i = 0; i < kWriters; ++i) books.push_back(open());
  std::vector<int> won(kWriters, 0);
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i)
    threads.emplace_back([&, i] { won[i] = append_event(books[i], event("lease", i), 0) ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(won.begin(), won.end(), 1), 1);
  EXPECT_EQ(read().events.size(), 2U);
}

TEST_F(Events, WhatNobodyTrustedSignedIsIgnoredAndStillTheNewestEntry) {
  append(event("schedule", 1));
  ASSERT_TRUE(evidence::KeyStore(keys_directory()).create("mallory", {}));
  NewEvent foreign = event("schedule", 2);
  foreign.key = "mallory";
  append(foreign);
  const evidence::Trust trusted = evidence::self_trust(std::vector<evidence::PublicKey>{book_->own_key()});
  auto events = read_events(book_->ledger(), trusted, "2026-12");
  ASSERT_TRUE(events);
  EXPECT_EQ(events->events.size(), 1U);
  EXPECT_EQ(events->last_index, 1);
  ASSERT_EQ(events->ignored.size(), 1U);
  EXPECT_EQ(events->ignored[0].message, "log #1 does not count: signed by " +
                                            evidence::KeyStore(keys_directory()).find("mallory")->key.id() +
                                            ": unknown key");
  append(event("schedule", 3));  // follows the foreign entry
  events = read_events(book_->ledger(), trusted, "2026-12");
  EXPECT_EQ(events->events.size(), 2U);
}

TEST_F(Events, AnOldEventAppendedAgainDoesNotCount) {
  append(event("schedule", 1));
  append(event("schedule", 2));
  ASSERT_TRUE(book_->append({book_->ledger().entry(0)->envelope}));
  const TrainEvents events = read();
  ASSERT_EQ(events.events.size(), 2U);
  EXPECT_EQ(events.events.back().predicate["number"].as_integer(), 2);
  ASSERT_EQ(events.ignored.size(), 1U);
  EXPECT_EQ(events.ignored[0].message,
            "log #2 does not count: it was written to follow entry -1, and follows 1: somebody appended it "
            "again");
}

TEST_F(Events, WhatSomebodySignsIsReadBeforeItIsWrittenAsItWouldBeAfterwards) {
  const evidence::SigningKey key = book_->signing_key().value();
  const std::string envelope = sign_event(event("schedule", 1), key, -1).value();
  const auto would_be = read_signed_event(envelope, trust(), clock_.now());
  ASSERT_TRUE(would_be) << would_be.error().message;
  EXPECT_EQ(would_be->signer, key.public_key().name);
  EXPECT_EQ(would_be->kind, "schedule");
  ASSERT_TRUE(append_signed_event(*book_, "2026-12", envelope, -1));
  EXPECT_EQ(read().events.at(0).predicate.canonical(), would_be->predicate.canonical());
  // Nobody trusts the key: neither it nor its signature is taken for anything.
  const evidence::Trust others = evidence::self_trust(std::vector<evidence::StoredKey>());
  EXPECT_EQ(read_signed_event(envelope, others, clock_.now()).error().kind, ErrorKind::denied);
  EXPECT_EQ(find_signatory(others, key.public_key().name).error().kind, ErrorKind::denied);
  EXPECT_EQ(find_signatory(trust(), "nobody").error().kind, ErrorKind::not_found);
}

// In events a key has the name by which trust knows it, whatever the key store calls it.
TEST_F(Events, ASignatoryHasTheNameThatTrustGives) {
  evidence::Trust renamed = trust();
  renamed.keys.at(0).key.name = "the-builder";
  const auto signatory = find_signatory(renamed, book_->own_key().name);
  ASSERT_TRUE(signatory) << signatory.error().message;
  EXPECT_EQ(signatory->key.key.name, "the-builder");
  EXPECT_EQ(signatory->stored_as, book_->own_key().name);
}

TEST_F(Events, OnlyEventsOfThisTrainCount) {
  append_raw(event_type("schedule"), Json::object({{"train", "other"}, {"after", -1}}));
  append_raw(event_type("schedule"), Json::object({{"train", "2026-12"}}));
  append_raw("https://signalbox.dev/evidence/document/v1", Json::object({{"train", "2026-12"}}));
  const TrainEvents events = read();
  EXPECT_TRUE(events.events.empty());
  EXPECT_EQ(events.last_index, 2);
  ASSERT_EQ(events.ignored.size(), 2U);
  EXPECT_NE(events.ignored[0].message.find("about the train 'other'"), std::string::npos);
  EXPECT_NE(events.ignored[1].message.find("which entry it follows"), std::string::npos);
  EXPECT_TRUE(list_trains(book_->ledger(), trust())->size() == 1);
}

TEST_F(Events, AnEnvelopePutInAnothersPlaceIsAConflict) {
  append(event("schedule", 1));
  append(event("schedule", 2));
  ASSERT_TRUE(book_->database().execute(
      "update evidence_blob set body = (select body from evidence_blob where id = 0) where id = 1"));
  const auto events = read_events(book_->ledger(), trust(), "2026-12");
  ASSERT_FALSE(events);
  EXPECT_EQ(events.error().kind, ErrorKind::conflict);
  EXPECT_EQ(events.error().message.rfind("envelope 1: ", 0), 0U);
}

TEST_F(Events, TrainsAreListedTheNewestFirst) {
  EXPECT_TRUE(list_trains(book_->ledger(), trust())->empty());
  append(event("schedule", 1, "2026-10"));
  append(event("schedule", 1, "2026-11"));
  append(event("passenger", 1, "2026-10"));
  append(event("schedule", 2, "2026-10"));  // moved: its place stays
  EXPECT_EQ(*list_trains(book_->ledger(), trust()), (std::vector<std::string>{"2026-11", "2026-10"}));
}

TEST_F(Events, MoreEntriesThanAreReadAtOnceAreAllRead) {
  constexpr int kEntries = 1001;
  evidence::Statement statement{{train_subject("long")}, event_type("passenger"), {}};
  const evidence::SigningKey key = book_->signing_key().value();
  std::vector<std::string> envelopes;
  for (int i = 0; i < kEntries; ++i) {
    statement.predicate = Json::object({{"train", "long"}, {"after", i - 1}});
    envelopes.push_back(evidence::write_envelope(evidence::sign_envelope(
        evidence::kPayloadType, evidence::write_statement(statement).value(), {&key})));
  }
  ASSERT_TRUE(book_->append(envelopes));
  const TrainEvents events = read("long");
  EXPECT_EQ(events.events.size(), 1001U);
  EXPECT_EQ(events.last_index, 1000);
}

// The same events as train by train, and the same that do not count.
TEST_F(Events, OfKindsAreThoseThatCountForTheirTrains) {
  append(event("review", 1));
  append(event("lease", 2));
  append(event("action", 3));
  append(event("action", 4, "other"));
  append_raw(event_type("action"), Json::object({{"train", "2026-12"}, {"after", -1}, {"number", 5}}));
  const auto trains = read_events_of_kinds(book_->ledger(), trust(), {"action", "review"});
  ASSERT_TRUE(trains) << trains.error().message;
  ASSERT_EQ(trains->size(), 2U);
  const TrainEvents& one = trains->at(0);
  EXPECT_EQ(one.train, "2026-12");
  ASSERT_EQ(one.events.size(), 2U);
  EXPECT_EQ(one.events[0].predicate["number"].as_integer(), 1);
  EXPECT_EQ(one.events[1].predicate["number"].as_integer(), 3);
  EXPECT_EQ(one.ignored.size(), 1U);
  EXPECT_EQ(trains->at(1).train, "other");
  ASSERT_EQ(trains->at(1).events.size(), 1U);
}

// Its record names no entry before it: it lists no subjects, only how many they are.
TEST_F(Events, OfKindsThatAreAboutManyThingsCountToo) {
  append(event("review", 1));
  NewEvent wide = event("action", 2);
  for (int i = 0; i < 70; ++i)
    wide.also_about.push_back({"", {{"gitCommit", std::string(38, 'c') + std::to_string(10 + i)}}});
  append(wide);
  append(event("action", 3));
  const auto trains = read_events_of_kinds(book_->ledger(), trust(), {"action"});
  ASSERT_TRUE(trains) << trains.error().message;
  ASSERT_EQ(trains->size(), 1U);
  EXPECT_EQ(trains->at(0).events.size(), 2U);
  EXPECT_TRUE(trains->at(0).ignored.empty());
}

}  // namespace
}  // namespace signalbox::train
