// The routes of a train on its way, over a real log: what they tell, and orders that come into it.
#include "instruments/train/ramp/routes.hpp"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "core/evidence/recorder.hpp"
#include "core/evidence/sequencer.hpp"
#include "core/git/scratch_repository.hpp"
#include "instruments/train/ramp/ramp_story.hpp"
#include "instruments/train/ramp/simulation.hpp"

namespace signalbox::train::ramp {
namespace {

using testing::Simulation;

// A train that holds its first weight, its controller alive.
class RampRoutes : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("XDG_DATA_HOME", keys_.path().c_str(), 1);
    history_.commit("feat: begin");
    scratch_ = std::make_unique<git::ScratchRepository>(history_);
    workspace_ = find_workspace(scratch_->path()).value();
    book_ = std::make_unique<evidence::EvidenceBook>(
        evidence::EvidenceBook::open(workspace_, clock_, "").value());
    write_ramp();
    const std::string url = "sqlite:" + workspace_.database().string();
    services_ = std::make_shared<Services>(Services{workspace_, clock_, "", {}, nullptr});
    services_->database = [this]() -> Result<store::Database*> { return &book_->database(); };
    services_->sequencer = evidence::Sequencer::start([url] { return store::open_database(url); }, clock_,
                                                      book_->log_signing_key().value())
                               .value();
    services_->signing_key = std::make_shared<const evidence::SigningKey>(std::move(*book_->signing_key()));
    routes_ = routes(services_);
  }

  void write_ramp() {
    StepEvent begin;
    begin.begin = Simulation().begin;
    begin.begin->depart_at = clock_.now();
    const std::uint64_t attempt = append("step", to_json(begin));
    LeaseEvent lease;
    lease.holder = {"box, process 1", "here", 1, 1};
    lease.ttl = std::chrono::seconds(60);
    lease.token = 0;
    token_ = append("lease", to_json(lease));
    StepEvent step;
    step.attempt = std::to_string(attempt);
    step.token = token_;
    step.step = step.attempt + ".set-5";
    step.weight = 5;
    step.what = StepEvent::What::intent;
    append("step", to_json(step));
    step.what = StepEvent::What::outcome;
    append("step", to_json(step));
    lease.what = LeaseEvent::What::renew;
    lease.token = token_;
    lease.watched =
        parse_json(R"({"weight":5,"why":"fine","metrics":[{"name":"errors","log_e":1.5}]})").value();
    append("lease", to_json(lease));
  }

  std::uint64_t append(const std::string& kind, const Json& predicate) {
    const auto receipt = append_event(*book_, {"2026-12", kind, predicate, {}, {}}, last_);
    EXPECT_TRUE(receipt) << (receipt ? "" : receipt.error().message);
    last_ = static_cast<std::int64_t>(receipt->index);
    return receipt->index;
  }

  const http::Route& route(std::string_view end) const {
    return *std::find_if(routes_.begin(), routes_.end(),
                         [&](const http::Route& each) { return each.path.ends_with(end); });
  }
  http::Request request(const std::string& body = "") const {
    http::Request out;
    out.parameters["id"] = "2026-12";
    out.principal = {"ada", http::Role::operator_};
    out.body = body;
    return out;
  }
  Json ramp_now() const { return parse_json(route("/ramp").handle(request())->body).value()["data"]; }

  TemporaryDirectory keys_;
  git::History history_;
  FixedClock clock_{Time(std::chrono::seconds(1'764'576'000))};
  std::unique_ptr<git::ScratchRepository> scratch_;
  Workspace workspace_;
  std::unique_ptr<evidence::EvidenceBook> book_;
  std::shared_ptr<Services> services_;
  std::vector<http::Route> routes_;
  std::int64_t last_ = -1;
  std::uint64_t token_ = 0;
};

TEST_F(RampRoutes, TellWhereItStandsWhatTheJudgesSaidAndWhatHappened) {
  const Json data = ramp_now();
  EXPECT_EQ(data["phase"].as_string(), "ramping");
  EXPECT_EQ(data["weight"].as_integer(), 5);
  ASSERT_EQ(data["looks"].size(), 1U);
  EXPECT_EQ(data["looks"].items()[0]["metrics"].items()[0]["log_e"].as_number(), 1.5);
  std::vector<std::string> texts;
  for (const Json& line : data["story"].items()) texts.emplace_back(line["text"].as_string());
  const std::vector<std::string> wanted = {"v1.3.0 begins its way, moved by simulated", "box, process 1 acts",
                                           "5 % of the traffic"};
  EXPECT_EQ(texts, wanted);
  http::Request other = request();
  other.parameters["id"] = "2027-01";
  EXPECT_EQ(route("/ramp").handle(other).error().kind, ErrorKind::not_found);
}

struct Sink final : http::EventSink {
  bool send(std::string_view event, std::string_view id, std::string_view) override {
    sent.push_back(std::string(event) + " " + std::string(id));
    return true;
  }
  std::vector<std::string> sent;
};

TEST_F(RampRoutes, TheStreamSendsEachStateOnceAndGoesOnFromTheLastId) {
  Sink sink;
  const std::string first = route("/stream").events(request(), "", sink).value();
  EXPECT_EQ(first, std::to_string(last_));
  EXPECT_EQ(route("/stream").events(request(), first, sink).value(), first);
  ASSERT_TRUE(route("/orders").handle(request(R"({"order":"pause"})")));
  const std::string second = route("/stream").events(request(), first, sink).value();
  const std::vector<std::string> wanted = {"ramp " + first, "ramp " + second};
  EXPECT_EQ(sink.sent, wanted);
  EXPECT_NE(first, second);
}

TEST_F(RampRoutes, AnOrderIsTheEventThatTheCommandWrites) {
  EXPECT_EQ(route("/orders").role, http::Role::operator_);
  EXPECT_FALSE(route("/orders").runs_commands);
  const auto paused = route("/orders").handle(request(R"({"order":"pause","reason":"lunch"})"));
  ASSERT_TRUE(paused) << paused.error().message;
  EXPECT_EQ(paused->status, 202);
  EXPECT_TRUE(parse_json(paused->body).value()["somebody_acts"].as_bool());
  const Json pause = ramp_now()["pause"];
  EXPECT_NE(pause["why"].as_string().find("asked for by ada at the console: lunch"), std::string::npos);
  EXPECT_EQ(route("/orders").handle(request(R"({"order":"pause"})")).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(route("/orders").handle(request(R"({"order":"resume"})")));
  EXPECT_TRUE(ramp_now()["pause"].is_null());

  clock_.advance(std::chrono::hours(1));  // the controller is gone
  const auto back = route("/orders").handle(request(R"({"order":"rollback","reason":"smoke"})"));
  ASSERT_TRUE(back) << back.error().message;
  const Json answer = parse_json(back->body).value();
  EXPECT_FALSE(answer["somebody_acts"].as_bool(true));
  EXPECT_EQ(answer["next"].as_string(), "signalbox train depart 2026-12");
  EXPECT_EQ(ramp_now()["phase"].as_string(), "going-back");
  EXPECT_EQ(route("/orders").handle(request(R"({"order":"rollback"})")).error().kind, ErrorKind::conflict);
}

TEST_F(RampRoutes, OrdersThatAreNoneAreRefused) {
  for (const std::string body : {"", "[]", R"({"order":"stop"})", R"({"order":7})"})
    EXPECT_EQ(route("/orders").handle(request(body)).error().kind, ErrorKind::bad_input) << body;
  const std::string long_reason = R"({"order":"pause","reason":")" + std::string(501, 'x') + "\"}";
  EXPECT_EQ(route("/orders").handle(request(long_reason)).error().kind, ErrorKind::bad_input);
  services_->signing_key = nullptr;
  EXPECT_EQ(route("/orders").handle(request(R"({"order":"pause"})")).error().kind, ErrorKind::denied);
  EXPECT_EQ(ramp_now()["last_index"].as_integer(), last_);
}

// A whole ramp that breaks at its second weight, as people are told of it.
TEST(RampStory, TellsOfABreachInOrderAndLeavesOutWhatDoesNotCount) {
  Simulation world;
  world.judge = [](const Ramp& ramp, Time, Watched& out) {
    out.metrics.push_back(Json::object({{"name", "errors"}, {"weight", ramp.weight}}));
    if (ramp.weight < 50) return;
    out.now = out.at_end = Watched::Standing::breach;
    out.reason = "metric";
    out.why = "errors: too many";
  };
  world.append_begin();
  Controller controller = world.controller(7);
  const Ramp ramp = world.run(controller);
  const TrainEvents events = world.read().value();
  std::vector<std::string> told;
  const Json story = story_json(events, ramp);
  for (const Json& line : story.items())
    told.push_back(std::string(line["tone"].as_string()) + ": " + std::string(line["text"].as_string()));
  const std::vector<std::string> wanted = {"plain: v1.3.0 begins its way, moved by simulated",
                                           "plain: process 7 acts",
                                           "plain: the baseline is measured",
                                           "plain: it is announced",
                                           "plain: 5 % of the traffic",
                                           "good: 5 % held well",
                                           "plain: 50 % of the traffic",
                                           "bad: breach: errors: too many",
                                           "caution: all traffic is back where it was",
                                           "bad: it was taken back"};
  EXPECT_EQ(told, wanted);
  const Json looks = looks_json(events, ramp);
  ASSERT_GE(looks.size(), 2U);
  EXPECT_EQ(looks.items().front()["weight"].as_integer(), 5);
  EXPECT_EQ(looks.items().back()["weight"].as_integer(), 50);
  Ramp with_ignored = ramp;
  with_ignored.ignored_indexes.push_back(events.events.back().index);
  EXPECT_EQ(story_json(events, with_ignored).size(), wanted.size() - 1);
}

}  // namespace
}  // namespace signalbox::train::ramp
