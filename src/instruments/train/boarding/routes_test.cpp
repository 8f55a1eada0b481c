// The routes of trains, over a real log and a real repository.
#include "instruments/train/boarding/routes.hpp"

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
  EventWriter writer(book, "2026-12", std::nullopt);
  ScheduleEvent made;
  made.departs = TestLog::start() + std::chrono::hours(500);
  ASSERT_TRUE(writer.append("schedule", to_json(made)));
  ASSERT_TRUE(writer.append({complete_record("pr-1"), {}, SeatState::candidate, "", {}, {}}, workspace.name));

  auto services = std::make_shared<Services>(Services{workspace, clock, "", {}, nullptr});
  services->database = [&]() -> Result<store::Database*> { return &book.database(); };
  const std::vector<http::Route> all = boarding_routes(services);
  ASSERT_EQ(all.size(), 3U);
  const auto json_of = [](const Result<http::Response>& response) {
    EXPECT_TRUE(response) << (response ? "" : response.error().message);
    return response ? parse_json(response->body).value() : Json();
  };
  const Json list = json_of(all[0].handle({}));
  EXPECT_EQ(list["data"]["trains"].items().at(0)["train"].as_string(), "2026-12");
  http::Request request;
  request.parameters["id"] = "2026-12";
  EXPECT_EQ(json_of(all[1].handle(request))["data"]["passengers"].as_integer(), 1);
  const Json riders = json_of(all[2].handle(request));
  EXPECT_EQ(riders["passengers"].items().at(0)["passenger"].as_string(), "pr-1");
  EXPECT_EQ(riders["passengers"].items().at(0)["state"].as_string(), "candidate");
  request.parameters["id"] = "2026-13";
  EXPECT_EQ(all[1].handle(request).error().kind, ErrorKind::not_found);
  request.parameters["id"] = "../x";
  EXPECT_EQ(all[2].handle(request).error().kind, ErrorKind::bad_input);
}

}  // namespace
}  // namespace signalbox::train
