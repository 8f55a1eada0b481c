// The routes of trains, over a real log and a real repository.
#include "instruments/train/boarding/routes.hpp"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "core/evidence/recorder.hpp"
#include "core/git/scratch_repository.hpp"
#include "instruments/train/boarding/desk.hpp"
#include "instruments/train/boarding/fixture.hpp"

namespace signalbox::train {
namespace {

TEST(BoardingRoutes, TellOfTrainsAndTheirPassengers) {
  const TemporaryDirectory keys;
  ::setenv("XDG_DATA_HOME", keys.path().c_str(), 1);
  git::History history;
  history.commit("feat: begin");
  const git::ScratchRepository scratch(history);
  const Workspace workspace = find_workspace(scratch.path()).value();
  const FixedClock clock(TestLog::start());
  auto book = evidence::EvidenceBook::open(workspace, clock, "").value();
  ScheduleEvent made;
  made.departs = TestLog::start() + std::chrono::hours(500);
  const auto receipt = append_event(book, {"2026-12", "schedule", to_json(made), {}, {}}, -1);
  ASSERT_TRUE(receipt);
  const PassengerEvent comes{complete_record("pr-1"), {}, SeatState::candidate, "", {}, {}};
  ASSERT_TRUE(append_event(book, {"2026-12", "passenger", to_json(comes), {}, {}},
                           static_cast<std::int64_t>(receipt->index)));

  auto services = std::make_shared<Services>(Services{workspace, clock, "", {}, nullptr});
  services->database = [&]() -> Result<store::Database*> { return &book.database(); };
  const std::vector<http::Route> all = boarding_routes(services);
  const auto ask = [&](const std::string& path, http::Role role, const std::string& id = "2026-12") {
    const auto route = std::find_if(all.begin(), all.end(),
                                    [&](const http::Route& each) { return each.path.ends_with(path); });
    EXPECT_NE(route, all.end()) << path;
    http::Request request;
    request.parameters["id"] = id;
    request.principal = {"someone", role};
    return route->handle(request);
  };
  const auto json_of = [](const Result<http::Response>& response) {
    EXPECT_TRUE(response) << (response ? "" : response.error().message);
    return response ? parse_json(response->body).value() : Json();
  };
  const Json list = json_of(ask("/trains", http::Role::viewer));
  EXPECT_EQ(list["data"]["trains"].items().at(0)["train"].as_string(), "2026-12");
  EXPECT_EQ(json_of(ask("/{id}", http::Role::viewer))["data"]["passengers"].as_integer(), 1);
  const Json riders = json_of(ask("/passengers", http::Role::operator_));
  EXPECT_EQ(riders["passengers"].items().at(0)["passenger"].as_string(), "pr-1");
  EXPECT_EQ(riders["passengers"].items().at(0)["state"].as_string(), "candidate");
  EXPECT_EQ(riders["passengers"].items().at(0)["rollback"]["plan"].as_string(), "docs/rollback.md");

  // What a manifest hides is not told to viewers.
  for (const std::string path : {"/passengers", "/{id}"}) {
    const Json answer = json_of(ask(path, http::Role::viewer));
    const Json& seats = path == "/{id}" ? answer["data"]["passenger_list"] : answer["passengers"];
    const Json& seat = seats.items().at(0);
    EXPECT_EQ(seat["owner"].as_string(), "ada");
    EXPECT_EQ(seat["checks"]["answered"].as_integer(), 12);
    for (const std::string hidden : {"note", "rollback", "estimate", "checklist", "score"})
      EXPECT_EQ(seat.find(hidden), nullptr) << path << " " << hidden;
    EXPECT_EQ(answer.dump().find("docs/rollback.md"), std::string::npos) << path;
  }

  EXPECT_EQ(ask("/manifest", http::Role::viewer).error().kind, ErrorKind::not_found);
  EXPECT_EQ(ask("/{id}", http::Role::viewer, "2026-13").error().kind, ErrorKind::not_found);
  EXPECT_EQ(ask("/passengers", http::Role::viewer, "../x").error().kind, ErrorKind::bad_input);
}

// No log is no trains; a log that cannot be read is an error, and never an empty list.
TEST(BoardingRoutes, AStoreThatFailsIsNoEmptyList) {
  git::History history;
  history.commit("feat: begin");
  const git::ScratchRepository scratch(history);
  const FixedClock clock(TestLog::start());
  auto services =
      std::make_shared<Services>(Services{find_workspace(scratch.path()).value(), clock, "", {}, nullptr});
  const auto empty = store::open_database("sqlite:" + (scratch.path() / "empty.db").string()).value();
  services->database = [&]() -> Result<store::Database*> { return empty.get(); };
  const std::vector<http::Route> all = boarding_routes(services);
  const auto none = all[0].handle({});
  ASSERT_TRUE(none);
  EXPECT_EQ(parse_json(none->body).value()["data"]["trains"].size(), 0U);

  services->database = []() -> Result<store::Database*> {
    return fail(ErrorKind::unavailable, "the disk is gone");
  };
  EXPECT_EQ(all[0].handle({}).error().message, "the disk is gone");
  services->database = [&]() -> Result<store::Database*> { return empty.get(); };
  ASSERT_TRUE(empty->execute("create table evidence_head (x integer)"));
  const auto broken = all[0].handle({});
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace signalbox::train
