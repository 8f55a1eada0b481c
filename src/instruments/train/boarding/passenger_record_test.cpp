#include "instruments/train/boarding/passenger_record.hpp"

#include <gtest/gtest.h>

#include "instruments/train/boarding/fixture.hpp"

namespace signalbox::train {
namespace {

PassengerEvent full_event() {
  PassengerEvent event;
  event.record = complete_record("pr-12", Risk::high);
  event.record.commits.push_back(std::string(40, 'b'));
  event.record.risk_note = "touches checkout";
  event.record.note = "behind a flag";
  event.record.flags = {"new-checkout", "b"};
  event.record.epic = "checkout";
  event.record.migration = {MigrationStep::Kind::expand, "orders-v2"};
  event.record.estimate = estimate_risk({{{"migrations/1.sql", 400, 2}}, 1}, {});
  event.from = SeatState::approved;
  event.to = SeatState::dry_run;
  event.evidence = 9;
  event.exception = 8;
  return event;
}

TEST(PassengerEvent, ComesBackFromItsJson) {
  const Json json = to_json(full_event());
  const auto read = read_passenger_event(*parse_json(json.dump()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), json);
  EXPECT_EQ(read->record.migration.name, "orders-v2");
  EXPECT_EQ(read->record.flags.size(), 2U);
  EXPECT_EQ(*read->from, SeatState::approved);
  EXPECT_EQ(read->evidence, 9U);
  PassengerEvent first;
  first.record = complete_record("0123456789ab");
  const auto bare = read_passenger_event(to_json(first));
  ASSERT_TRUE(bare);
  EXPECT_FALSE(bare->from);
  EXPECT_FALSE(bare->exception);
}

TEST(PassengerEvent, EachMemberThatIsWrongIsNamed) {
  const std::vector<std::pair<std::string, Json>> cases = {{"passenger", "../x"},
                                                           {"passenger", Json()},
                                                           {"commits", Json::array()},
                                                           {"commits", "x"},
                                                           {"owner", ""},
                                                           {"owner", 7},
                                                           {"risk", "huge"},
                                                           {"rollback", Json()},
                                                           {"flags", "x"},
                                                           {"migration", Json::array()},
                                                           {"estimate", Json()},
                                                           {"checklist", 1},
                                                           {"state", "gone"},
                                                           {"from", "gone"},
                                                           {"evidence", -1},
                                                           {"exception", "x"}};
  for (const auto& [member, value] : cases) {
    Json json = to_json(full_event());
    json.set(member, value);
    const auto read = read_passenger_event(json);
    ASSERT_FALSE(read) << member;
    EXPECT_EQ(read.error().kind, ErrorKind::bad_input);
    EXPECT_EQ(read.error().message.rfind("predicate." + member, 0), 0U) << read.error().message;
  }
  EXPECT_FALSE(read_passenger_event(Json::array()));
}

TEST(PassengerId, IsAPullRequestOrDigits) {
  for (const char* good : {"pr-1", "pr-123456789012", "0123456", "0123456789ab"})
    EXPECT_TRUE(is_passenger_id(good)) << good;
  for (const char* bad : {"", "pr-", "pr-x", "pr-1234567890123", "01234", "0123456G", "ABCDEF0"})
    EXPECT_FALSE(is_passenger_id(bad)) << bad;
}

TEST(MigrationStep, HasAKindAndAName) {
  EXPECT_EQ(parse_migration_step("contract:orders-v2")->kind, MigrationStep::Kind::contract);
  EXPECT_EQ(parse_migration_step("expand:a:b")->name, "a:b");
  for (const char* bad : {"", "expand", "expand:", "none:x", "drop:x", ":x"})
    EXPECT_FALSE(parse_migration_step(bad)) << bad;
}

TEST(ScheduleEvent, ComesBackFromItsJson) {
  ScheduleEvent event;
  event.action = ScheduleEvent::Action::move;
  event.departs = TestLog::start();
  event.sequence = 3;
  event.cadence = "monthly";
  event.kind = TrainKind::hotfix;
  event.base = "v1.2.0";
  event.reason = "holidays";
  const auto read = read_schedule_event(*parse_json(to_json(event).dump()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(event));
  for (const auto& [member, value] : std::vector<std::pair<std::string, Json>>{{"action", "stop"},
                                                                               {"kind", "fast"},
                                                                               {"departs", "soon"},
                                                                               {"departs", 7},
                                                                               {"sequence", -1},
                                                                               {"reason", ""},
                                                                               {"base", Json()}}) {
    Json json = to_json(event);
    json.set(member, value);
    EXPECT_FALSE(read_schedule_event(json)) << member;
  }
}

}  // namespace
}  // namespace signalbox::train
