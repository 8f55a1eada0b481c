// One train of a service on the track, over a real log: who is seen there, and who keeps it after a race.
#include "instruments/train/ramp/track.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/evidence/recorder.hpp"
#include "instruments/train/ramp/simulation.hpp"

namespace signalbox::train::ramp {
namespace {

using testing::Simulation;

class Track : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("XDG_DATA_HOME", folder_.path().c_str(), 1);
    workspace_ = find_workspace(folder_.path()).value();
    book_ = std::make_unique<evidence::EvidenceBook>(
        evidence::EvidenceBook::open(workspace_, clock_, "").value());
    trust_ = evidence::self_trust(std::vector<evidence::PublicKey>{book_->own_key()});
  }

  std::uint64_t append(const std::string& train, const std::string& kind, const Json& predicate) {
    const std::int64_t last = read_events(book_->ledger(), trust_, train)->last_index;
    const auto receipt = append_event(*book_, {train, kind, predicate, {}, {}}, last);
    EXPECT_TRUE(receipt) << (receipt ? "" : receipt.error().message);
    return receipt ? receipt->index : 0;
  }
  // Index of its first entry; a controller has taken the lease.
  std::uint64_t begin(const std::string& train, const std::string& service = "shop") {
    StepEvent event;
    event.begin = Simulation().begin;
    event.begin->service = service;
    const std::uint64_t attempt = append(train, "step", to_json(event));
    LeaseEvent lease;
    lease.holder = {"box, process 1", "here", 1, 1};
    lease.ttl = std::chrono::seconds(60);
    append(train, "lease", to_json(lease));
    return attempt;
  }
  Ramp ramp(const std::string& train) { return fold(*read_events(book_->ledger(), trust_, train)); }
  StepEvent step(const std::string& train, StepEvent::What what) {
    const Ramp now = ramp(train);
    StepEvent out;
    out.what = what;
    out.attempt = now.attempt;
    out.token = now.lease->token;
    out.step = now.attempt + ".set-5";
    out.weight = 5;
    return out;
  }
  void depart(const std::string& train) {
    append(train, "step", to_json(step(train, StepEvent::What::intent)));
    const Ramp now = ramp(train);
    append(train, "departure", Json::object({{"attempt", now.attempt}, {"token", now.lease->token}}));
    ASSERT_EQ(ramp(train).phase, Phase::departed);
  }
  std::vector<std::string> seen_by(const std::string& train, const std::string& service = "shop") {
    std::vector<std::string> out;
    const std::vector<Ramp> others = others_on_track(book_->ledger(), trust_, train, service).value();
    for (const Ramp& other : others) out.push_back(other.train);
    return out;
  }

  TemporaryDirectory folder_;
  FixedClock clock_{Time(std::chrono::seconds(1'750'000'000))};
  Workspace workspace_;
  std::unique_ptr<evidence::EvidenceBook> book_;
  evidence::Trust trust_;
};

using Names = std::vector<std::string>;

TEST_F(Track, IsFreeOfTrainsThatAreOverAndOfOtherServices) {
  EXPECT_EQ(seen_by("c"), Names{});
  EXPECT_FALSE(newest_train(book_->ledger()));
  begin("a");
  depart("a");
  begin("b");
  append("b", "step", to_json(step("b", StepEvent::What::abandoned)));
  begin("other", "warehouse");
  EXPECT_EQ(seen_by("c"), Names{});
  EXPECT_EQ(seen_by("c", "warehouse"), Names{"other"});
  EXPECT_EQ(newest_train(book_->ledger()), "other");
}

TEST_F(Track, IsHeldByATrainOnItsWayHoweverManyStepsOfOthersFollow) {
  begin("a");
  const std::uint64_t other = begin("other", "warehouse");
  StepEvent pause;
  pause.what = StepEvent::What::resumed;
  pause.attempt = std::to_string(other);
  pause.token = ramp("other").lease->token;
  const evidence::SigningKey key = book_->signing_key().value();
  std::vector<std::string> envelopes;
  for (int i = 0; i < 1100; ++i)  // more than one page of the log
    envelopes.push_back(sign_event({"other", "step", to_json(pause), {}, {}}, key, i).value());
  ASSERT_TRUE(book_->append(envelopes));
  EXPECT_EQ(seen_by("c"), Names{"a"});
  const Status refused = check_track(*others_on_track(book_->ledger(), trust_, "c", "shop"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_EQ(refused.error().message, "train a of shop is on its way: countdown");
}

TEST_F(Track, IsHeldByATrainThatIsStuck) {
  begin("a");
  append("a", "step", to_json(step("a", StepEvent::What::intent)));
  append("a", "step", to_json(step("a", StepEvent::What::breached)));
  append("a", "step", to_json(step("a", StepEvent::What::stuck)));
  const Status refused = check_track(*others_on_track(book_->ledger(), trust_, "b", "shop"));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("nothing of shop departs before that is mended"), std::string::npos);
}

TEST_F(Track, OfTwoThatBeganAtOnceTheFirstInTheLogKeepsIt) {
  const std::string a = std::to_string(begin("a"));
  const std::string b = std::to_string(begin("b"));
  const auto ahead_of = [&](const std::string& train, const std::string& attempt) {
    return train_ahead(*others_on_track(book_->ledger(), trust_, train, "shop"), attempt);
  };
  EXPECT_EQ(ahead_of("a", a), "");
  EXPECT_EQ(ahead_of("b", b), "train a of shop began before it, and is on its way: countdown");
  append("a", "step", to_json(step("a", StepEvent::What::abandoned)));
  EXPECT_EQ(ahead_of("b", b), "");
}

TEST_F(Track, AnEntryThatNobodyTrustsHidesNoTrain) {
  begin("old");
  depart("old");
  begin("a");
  // Somebody who is not trusted writes another beginning of the train that departed.
  StepEvent forged;
  forged.begin = Simulation().begin;
  const evidence::SigningKey stranger = evidence::SigningKey::generate("stranger");
  const std::int64_t last = read_events(book_->ledger(), trust_, "old")->last_index;
  const auto envelope = sign_event({"old", "step", to_json(forged), {}, {}}, stranger, last);
  ASSERT_TRUE(envelope);
  ASSERT_TRUE(book_->append({*envelope}));
  EXPECT_EQ(seen_by("c"), Names{"a"});
}

}  // namespace
}  // namespace signalbox::train::ramp
