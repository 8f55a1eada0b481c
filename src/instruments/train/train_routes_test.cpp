// The routes of one train: the decision about it, its gates, its notes.
#include <algorithm>

#include <gtest/gtest.h>

#include "core/base/digest.hpp"
#include "instruments/train/boarding/schedule.hpp"
#include "instruments/train/departure_fixture.hpp"
#include "instruments/train/events/event.hpp"
#include "instruments/train/routes.hpp"

namespace signalbox::train {
namespace {

class TrainRoutes : public Departure {
 protected:
  void make_train() {
    make({}, {{"CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n- More.\n"}});
    ScheduleEvent event;
    event.departs = clock_.now() + std::chrono::hours(500);
    ASSERT_TRUE(append_event(*book_, {"2026-12", "schedule", to_json(event), {}, {}}, -1));
    auto services = std::make_shared<Services>(Services{workspace_, clock_, "", {}, nullptr});
    services->database = [this]() -> Result<store::Database*> { return &book_->database(); };
    routes_ = routes(services);
  }
  Result<Json> ask(std::string_view end, const std::string& train = "2026-12") const {
    const auto route = std::find_if(routes_.begin(), routes_.end(), [&](const http::Route& each) {
      return each.path == "/api/v1/train/trains/{id}" + std::string(end);
    });
    http::Request request;
    request.parameters["id"] = train;
    SIGNALBOX_TRY(const http::Response response, route->handle(request));
    return parse_json(response.content());
  }
  std::vector<http::Route> routes_;
};

TEST_F(TrainRoutes, TellTheDecisionTheGatesAndTheNotes) {
  make_train();
  const Json decision = ask("/decision").value();
  EXPECT_EQ(decision["data"]["decision"].as_string(), "NO-GO");
  const Json gates = ask("/gates").value();
  EXPECT_EQ(gates["decision"].as_string(), "NO-GO");
  EXPECT_EQ(gates["gates"].size(), decision["checks"].size());
  const auto& all = gates["gates"].items();
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const Json& gate) {
    return gate["name"].as_string() == "tests" && gate["verdict"].as_string() == "fail";
  }));
  const Json notes = ask("/notes").value();
  EXPECT_EQ(notes["previous_tag"].as_string(), "v1.0.0");
  EXPECT_EQ(notes["tag"].as_string(), "v1.1.0");
  EXPECT_EQ(notes["commits"]["total"].as_integer(), 1);
  EXPECT_NE(notes["markdown"].as_string().find("second"), std::string::npos);
}

// What was locked is told, and not what came after it.
TEST_F(TrainRoutes, TellTheNotesOfTheLockedCommit) {
  make_train();
  Json manifest = Json::object({{"train", "2026-12"},
                                {"head", scratch_->git({"rev-parse", "HEAD"})},
                                {"base", "v1.0.0"},
                                {"version", "1.1.0"},
                                {"passengers", Json::array()}});
  manifest.set("digest", "sha256:" + to_hex(sha256(manifest.canonical())));
  ASSERT_TRUE(append_event(*book_, {"2026-12", "manifest", manifest, {}, {}}, 0));
  scratch_->git(
      {"-c", "user.name=A", "-c", "user.email=a@a", "commit", "-q", "--allow-empty", "-m", "feat: third"});
  const Json notes = ask("/notes").value();
  EXPECT_EQ(notes["commits"]["total"].as_integer(), 1);
  EXPECT_NE(notes["markdown"].as_string().find("second"), std::string::npos);
  EXPECT_EQ(notes["markdown"].as_string().find("third"), std::string::npos);
}

TEST_F(TrainRoutes, KnowNoTrainThatNobodyMade) {
  make_train();
  for (const std::string_view end : {"/decision", "/gates", "/notes"}) {
    EXPECT_EQ(ask(end, "2027-01").error().kind, ErrorKind::not_found) << end;
    EXPECT_EQ(ask(end, "../x").error().kind, ErrorKind::bad_input) << end;
  }
}

}  // namespace
}  // namespace signalbox::train
