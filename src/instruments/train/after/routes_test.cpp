// The routes of what follows a departure, over a real log and a real repository.
#include "instruments/train/after/routes.hpp"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "core/evidence/recorder.hpp"
#include "core/evidence/sequencer.hpp"
#include "core/git/scratch_repository.hpp"
#include "instruments/train/after/action.hpp"
#include "instruments/train/after/fixture.hpp"

namespace signalbox::train::after {
namespace {

using std::chrono::hours;

constexpr std::int64_t kFirstCommit = 1'764'489'600;   // 2025-11-30T08:00:00Z
constexpr std::int64_t kSecondCommit = 1'764'532'800;  // 2025-11-30T20:00:00Z

// A repository with two commits, of which the second departs as v1.1.0 at 2025-12-01T08:00:00Z; now is ten
// o'clock.
class AfterRoutes : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("XDG_DATA_HOME", keys_.path().c_str(), 1);
    const int first = history_.commit({"feat: begin", {}, kFirstCommit, "A <a@a>", {}});
    history_.tag("v1.0.0", first);
    history_.commit({"feat: pay", {first}, kSecondCommit, "A <a@a>", {}});
    scratch_ = std::make_unique<git::ScratchRepository>(history_);
    const Workspace workspace = find_workspace(scratch_->path()).value();
    book_ =
        std::make_unique<evidence::EvidenceBook>(evidence::EvidenceBook::open(workspace, clock_, "").value());
    services_ = std::make_shared<Services>(Services{workspace, clock_, "", {}, nullptr});
    services_->database = [this]() -> Result<store::Database*> { return &book_->database(); };
    routes_ = after_routes(services_);
    ScheduleEvent made;
    made.departs = TestLog::start() + hours(500);
    append("schedule", to_json(made));
    clock_.advance(hours(2));
  }

  void append(const std::string& kind, const Json& predicate) {
    const auto receipt = append_event(*book_, {"2026-12", kind, predicate, {}, {}}, last_);
    ASSERT_TRUE(receipt) << receipt.error().message;
    last_ = static_cast<std::int64_t>(receipt->index);
  }
  void depart() {
    append("departure", departed("v1.1.0", TestLog::start(), scratch_->git({"rev-parse", "HEAD"})));
  }
  // Its action a1 was to be done an hour ago.
  void promise() {
    ActionEvent action;
    action.item = {"a1", ActionClass::detect, "alarm", "ada", TestLog::start() + hours(1)};
    append("action", to_json(action));
  }

  const http::Route& route(const std::string& end) const {
    const auto found = std::find_if(routes_.begin(), routes_.end(),
                                    [&](const http::Route& each) { return each.path.ends_with(end); });
    EXPECT_NE(found, routes_.end()) << end;
    return *found;
  }
  Result<http::Response> ask(const std::string& end, const std::string& id = "2026-12",
                             std::map<std::string, std::string, std::less<>> query = {}) const {
    http::Request request;
    request.parameters["id"] = id;
    request.query = std::move(query);
    request.principal = {"someone", http::Role::operator_};
    return route(end).handle(request);
  }
  static Json report_in(const Result<http::Response>& response) {
    EXPECT_TRUE(response) << (response ? "" : response.error().message);
    return response ? parse_json(response->body).value() : Json();
  }
  static Json data_in(const Result<http::Response>& response) { return report_in(response)["data"]; }

  TemporaryDirectory keys_;
  git::History history_;
  FixedClock clock_{TestLog::start()};
  std::unique_ptr<git::ScratchRepository> scratch_;
  std::unique_ptr<evidence::EvidenceBook> book_;
  std::shared_ptr<Services> services_;
  std::vector<http::Route> routes_;
  std::int64_t last_ = -1;
};

TEST_F(AfterRoutes, TellOfReviewsAndOfWhatIsLate) {
  depart();
  promise();
  EXPECT_EQ(data_in(ask("/reviews"))["reviews"].items().at(0)["ending"].as_string(), "departed");
  EXPECT_EQ(data_in(ask("/review"))["actions"].items().at(0)["state"].as_string(), "overdue");
  EXPECT_EQ(data_in(ask("/actions"))["overdue"].as_integer(), 1);
  EXPECT_EQ(data_in(ask("/actions", "", {{"show", "all"}}))["actions"].size(), 1U);
}

// The second commit was twelve hours old when all traffic was on it.
TEST_F(AfterRoutes, TellTheMeasuresOfDelivery) {
  depart();
  const Json dora = data_in(ask("/dora", "", {{"since", "2025-12-01T00:00:00Z"}}));
  EXPECT_EQ(dora["lead_time_s"]["value"].as_number(), 12 * 3600);
  EXPECT_EQ(dora["lead_time_s"]["of"].as_integer(), 1);
  EXPECT_EQ(dora["releases"].items().at(0)["failed"].as_bool(), false);
}

TEST_F(AfterRoutes, TellThePageOfTheDayToOperatorsAlone) {
  const Json page = data_in(ask("/runbook"));
  EXPECT_EQ(page["train"].as_string(), "2026-12");
  EXPECT_EQ(page["baseline"].as_string(), "v1.0.0");
  EXPECT_EQ(page["steps"].items().at(0)["id"].as_string(), "lock");
  EXPECT_EQ(route("/runbook").role, http::Role::operator_);
}

// The server signs a tick, once, and says who asked for it; without a key to sign with it says what to do.
TEST_F(AfterRoutes, TickAStepOfPeople) {
  const auto post = [&](const std::string& body) {
    http::Request request;
    request.parameters["id"] = "2026-12";
    request.principal = {"ada", http::Role::operator_};
    request.body = body;
    return route("/ticks").handle(request);
  };
  EXPECT_EQ(route("/ticks").role, http::Role::operator_);
  EXPECT_EQ(post(R"({"what":"done","step":"readout"})").error().kind, ErrorKind::denied);
  const std::string url = "sqlite:" + services_->workspace.database().string();
  services_->sequencer = evidence::Sequencer::start([url] { return store::open_database(url); }, clock_,
                                                    book_->log_signing_key().value())
                             .value();
  services_->signing_key = std::make_shared<const evidence::SigningKey>(std::move(*book_->signing_key()));
  const Json page = data_in(post(R"({"what":"done","step":"readout","note":"all are here"})"));
  const auto& steps = page["steps"].items();
  const auto readout = std::find_if(steps.begin(), steps.end(),
                                    [](const Json& step) { return step["id"].as_string() == "readout"; });
  ASSERT_NE(readout, steps.end());
  EXPECT_EQ((*readout)["state"].as_string(), "done");
  EXPECT_NE((*readout)["found"].as_string().find("said by ada at the console: all are here"),
            std::string_view::npos);
  EXPECT_EQ(post(R"({"what":"done","step":"readout"})").error().kind, ErrorKind::conflict);
  EXPECT_EQ(post(R"({"what":"done","step":"lock"})").error().kind, ErrorKind::conflict);
  EXPECT_EQ(post(R"({"what":"done","step":"coffee"})").error().kind, ErrorKind::not_found);
  EXPECT_EQ(post(R"({"step":"readout"})").error().kind, ErrorKind::bad_input);
  EXPECT_EQ(post("readout").error().kind, ErrorKind::bad_input);
}

TEST_F(AfterRoutes, TellTheHealthThatWasRecordedAndAskNobody) {
  EXPECT_TRUE(data_in(ask("/health"))["ending"].is_null());
  depart();
  promise();
  const Json unrecorded = report_in(ask("/health"));
  EXPECT_EQ(unrecorded["verdict"].as_string(), "none");
  EXPECT_TRUE(unrecorded["data"]["recorded"].is_null());
  EXPECT_EQ(unrecorded["data"]["actions"]["overdue"].as_integer(), 1);
  append("health", Json::object({{"result", "pass"}}));
  const Json recorded = report_in(ask("/health"));
  EXPECT_EQ(recorded["verdict"].as_string(), "pass");
  EXPECT_EQ(recorded["data"]["recorded"]["time"].as_string(), "2025-12-01T10:00:00Z");
}

TEST_F(AfterRoutes, RefuseWhatIsNotThere) {
  for (const char* each : {"/review", "/runbook", "/health"}) {
    EXPECT_EQ(ask(each, "2026-13").error().kind, ErrorKind::not_found) << each;
    EXPECT_EQ(ask(each, "../x").error().kind, ErrorKind::bad_input) << each;
  }
  EXPECT_EQ(ask("/actions", "", {{"show", "none"}}).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(ask("/dora", "", {{"since", "soon"}}).error().kind, ErrorKind::bad_input);
}

}  // namespace
}  // namespace signalbox::train::after
