// Whole decisions about a train: `check TRAIN` and `depart TRAIN` rest on these.
#include "instruments/train/gating/train_standing.hpp"

#include "core/base/digest.hpp"
#include "instruments/train/boarding/fixture.hpp"
#include "instruments/train/boarding/manifest.hpp"
#include "instruments/train/departure_fixture.hpp"

namespace signalbox::train {
namespace {

class Standing : public Departure {
 protected:
  void SetUp() override {
    Departure::SetUp();
    evidence::KeyStore store(keys_directory());
    ASSERT_TRUE(store.create("builder", {}, {"builder"}));
    ASSERT_TRUE(store.create("ada", {}, {"approver"}));
    make({{"signalbox.yaml", kNoGates}}, {});
  }

  void append(const Event& event) {
    const NewEvent made{log_.events_.train, event.kind, event.predicate, {}, event.signer};
    const auto receipt = append_event(*book_, made, last_);
    ASSERT_TRUE(receipt) << receipt.error().message;
    last_ = static_cast<std::int64_t>(receipt->index);
  }
  // Scheduled, with one passenger aboard.
  void put_aboard() {
    log_.schedule();
    log_.bring(complete_record("pr-1"), SeatState::aboard);
    for (const Event& event : log_.events_.events) append(event);
  }
  void lock(const std::vector<std::string>& passengers) {
    Json list = Json::array();
    for (const std::string& id : passengers) list.push_back(Json::object({{"passenger", id}}));
    TrainManifest manifest;
    manifest.hidden = Json::array();
    manifest.view = Json::object({{"train", log_.events_.train},
                                  {"version", "1.1.0"},
                                  {"head", scratch_->git({"rev-parse", "HEAD"})},
                                  {"passengers", std::move(list)}});
    digest_ = manifest.digest = to_hex(sha256(manifest.view.canonical()));
    append(log_.add("manifest", manifest_predicate(manifest)));
  }
  Decision judged_train(std::optional<std::string> head = {}) {
    DepartureQuery query;
    query.train = log_.events_.train;
    query.head = std::move(head);
    return judged(query);
  }

  TestLog log_;
  std::int64_t last_ = -1;
  std::string digest_;
};

TEST_F(Standing, ATrainThatWasNeverLockedDoesNotLeave) {
  put_aboard();
  EXPECT_TRUE(judged().is_go()) << "the commit alone may";
  const Decision decision = judged_train();
  EXPECT_EQ(decision.blockers(), std::vector<std::string>{"manifest"});
  EXPECT_EQ(check_of(decision, "manifest").reason, "missing");
  EXPECT_EQ(decision.fix, "signalbox train lock 2026-12");
}

TEST_F(Standing, TheCommitOfTheManifestIsJudgedAndNotWhatCameAfter) {
  put_aboard();
  const std::string locked = scratch_->git({"rev-parse", "HEAD"});
  lock({"pr-1"});
  scratch_->git({"commit", "-q", "--allow-empty", "-m", "feat: too late"});
  const Decision decision = judged_train();
  EXPECT_TRUE(decision.is_go()) << decision.fix;
  EXPECT_EQ(decision.candidate.commit, locked);
  EXPECT_EQ(decision.candidate.manifest, digest_);
  EXPECT_EQ(decision_statement(decision, "me").predicate["manifest"].as_string(), "sha256:" + digest_);
  EXPECT_EQ(decision_report(decision).next, std::vector<std::string>{"signalbox train depart 2026-12"});
  const Decision other = judged_train("HEAD");
  EXPECT_EQ(other.blockers(), std::vector<std::string>{"manifest"});
  EXPECT_EQ(check_of(other, "manifest").reason, "subject");
}

TEST_F(Standing, AManifestOfNobodyLetsNothingLeave) {
  put_aboard();
  lock({});
  EXPECT_EQ(check_of(judged_train(), "manifest").reason, "empty");
}

TEST_F(Standing, ACancelledTrainDoesNotLeave) {
  put_aboard();
  lock({"pr-1"});
  ScheduleEvent cancel;
  cancel.action = ScheduleEvent::Action::cancel;
  cancel.departs = TestLog::start() + std::chrono::hours(24 * 21);
  cancel.sequence = 1;
  cancel.reason = "no";
  append(log_.add("schedule", to_json(cancel)));
  EXPECT_EQ(judged_train().blockers(), std::vector<std::string>{"train"});
}

TEST_F(Standing, ATrainThatNobodyMadeIsNotFound) {
  DepartureQuery query;
  query.train = "2026-13";
  const auto decision = judge(query);
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().kind, ErrorKind::not_found);
}

TEST(TrainRows, NoExceptionCoversThemAndNoGateTakesTheirName) {
  TrainStanding train;
  train.id = "2026-12";
  std::vector<Check> checks = checks_of(train, std::string(40, 'a'));
  gates::Exception exception;
  exception.request.scope.gates = {kTrainCheck, kManifestCheck};
  exception.approval.emplace();
  EXPECT_TRUE(except_checks(InForce{{&exception}}, checks).empty());
  EXPECT_EQ(checks.at(1).verdict, Verdict::fail);
  const auto policy = parse_policy(
      config::parse_yaml("gates: [{name: manifest, kind: time, not_before: 2026-01-01T00:00:00Z}]", "x")
          .value(),
      [](const std::string& path) -> Result<std::string> { return fail(ErrorKind::not_found, path); });
  ASSERT_FALSE(policy);
  EXPECT_NE(policy.error().message.find("a second gate of the name manifest"), std::string::npos);
}

}  // namespace
}  // namespace signalbox::train
