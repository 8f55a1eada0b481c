#include "instruments/train/schedule/cadence.hpp"

#include <gtest/gtest.h>

#include "instruments/train/schedule/milestones.hpp"

namespace signalbox::train::schedule {
namespace {

Result<Cadence> cadence_of(const std::string& yaml) {
  return config::parse_yaml("cadence: " + yaml, "f").and_then([](const config::Node& node) {
    return parse_cadence(node["cadence"]);
  });
}

Time at(std::string_view text) {
  return *parse_rfc3339(text);
}

std::vector<std::string> departures(const Cadence& cadence, std::string_view from, std::string_view until) {
  std::vector<std::string> out;
  const std::vector<Slot> found = slots(cadence, at(from), at(until)).value();
  for (const Slot& slot : found) out.push_back(slot.name + " " + to_rfc3339(slot.departs));
  return out;
}

// First Tuesdays at ten in Berlin: the instants are libical's.
TEST(Cadences, KeepTheirTimeOnTheWall) {
  const auto cadence = cadence_of("{preset: monthly, from: 2026-03-03T10:00, timezone: Europe/Berlin}");
  ASSERT_TRUE(cadence) << cadence.error().message;
  const auto found = slots(*cadence, at("2026-01-01T00:00:00Z"), at("2026-12-01T00:00:00Z")).value();
  ASSERT_EQ(found.size(), 9U);
  EXPECT_EQ(found[0].departs, Time(std::chrono::seconds(1772528400)));
  EXPECT_EQ(found[1].departs, Time(std::chrono::seconds(1775548800)));
  EXPECT_EQ(found[8].departs, Time(std::chrono::seconds(1793696400)));
  EXPECT_EQ(found[8].name, "2026-11");
}

// ISO 8601: 2026 has 53 weeks, because it begins on a Thursday.
TEST(Cadences, NameTheirTrains) {
  const std::vector<std::string> weekly = {"2026-w53 2026-12-29T10:00:00Z", "2027-w01 2027-01-05T10:00:00Z"};
  EXPECT_EQ(departures(*preset("weekly"), "2026-12-25T00:00:00Z", "2027-01-08T00:00:00Z"), weekly);
  const std::vector<std::string> daily = {"2026-12-04 2026-12-04T10:00:00Z",
                                          "2026-12-07 2026-12-07T10:00:00Z"};
  EXPECT_EQ(departures(*preset("daily"), "2026-12-04T00:00:00Z", "2026-12-08T00:00:00Z"), daily);
  const auto pi = cadence_of("{preset: pi, from: 2026-01-06T10:00, length: 8w, iteration: 2w}");
  ASSERT_TRUE(pi) << pi.error().message;
  const std::vector<std::string> increments = {"2026-01-06 2026-01-06T10:00:00Z",
                                               "2026-03-03 2026-03-03T10:00:00Z"};
  EXPECT_EQ(departures(*pi, "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"), increments);
  EXPECT_TRUE(departures(*preset("continuous"), "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z").empty());
}

TEST(Cadences, OfAnIncrementHaveIterationsThatEndTogether) {
  const Cadence pi = *preset("pi");
  ASSERT_EQ(pi.milestones.size(), 8U) << "ten weeks in iterations of two, release, stabilising, review";
  EXPECT_EQ(pi.milestones[0].id, "iteration-1");
  EXPECT_EQ(pi.milestones[0].first_day, -70);
  EXPECT_EQ(pi.milestones[0].last_day, -57);
  EXPECT_EQ(pi.milestones[4].last_day, -1);
}

TEST(Cadences, OfTheMonthHaveTheSixMilestones) {
  struct Expected {
    const char* id;
    int first, last;
  };
  constexpr Expected kExpected[] = {{"selection", -21, -15}, {"integration", -14, -8}, {"hardening", -7, -1},
                                    {"release", 0, 0},       {"stabilise", 1, 3},      {"review", 7, 7}};
  const std::vector<Milestone> found = preset("monthly")->milestones;
  ASSERT_EQ(found.size(), std::size(kExpected));
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].id, kExpected[i].id);
    EXPECT_EQ(found[i].first_day, kExpected[i].first);
    EXPECT_EQ(found[i].last_day, kExpected[i].last);
    EXPECT_FALSE(found[i].owner.empty());
    EXPECT_FALSE(found[i].entry.empty() && found[i].exit.empty());
  }
}

TEST(Cadences, ThatAreNoneAreRefusedWithTheirPlace) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"monthley", "f:1:10: cadence: there is no cadence `monthley`"},
      {"[monthly]", "f:1:10: cadence: a cadence is a name or a map"},
      {"{timezone: UTC}", "f:1:10: cadence: a cadence has a preset or an rrule"},
      {"{preset: weekly, rrule: FREQ=DAILY}", "f:1:10: cadence: a cadence has a preset or an rrule"},
      {"{preset: weekly, timezone: Mars/Base}",
       "f:1:37: cadence.timezone: there is no time zone `Mars/Base`"},
      {"{preset: weekly, length: 8w}", "f:1:35: cadence.length: goes with the preset pi alone"},
      {"{preset: pi, length: 9w}", "f:1:31: cadence.length: 9 weeks are not whole iterations of 2"},
      {"{preset: pi, iteration: 36h}", "f:1:34: cadence.iteration: whole weeks"},
      {"{preset: weekly, from: soon}", "f:1:33: cadence.from: `soon` is no time on the wall"},
      {"{preset: weekly, owners: {nobody: ada}}", "f:1:36: cadence.owners.nobody: the key"},
      {"{rrule: FREQ=WEEKLY}", "f:1:10: cadence: a rule has a first departure"},
      {"{rrule: FREQ=WEAKLY, from: 2026-01-01}", "f:1:18: cadence.rrule: column 6"}};
  for (const auto& [yaml, message] : kWrong) {
    const auto cadence = cadence_of(yaml);
    ASSERT_FALSE(cadence) << yaml;
    EXPECT_EQ(cadence.error().kind, ErrorKind::bad_input);
    EXPECT_TRUE(cadence.error().message.starts_with(message)) << yaml << "\n" << cadence.error().message;
  }
}

Train train_of(std::string_view departs) {
  Train train;
  train.id = "2026-04";
  train.schedule = Schedule{};
  train.schedule->departs = at(departs);
  return train;
}

std::vector<std::string> overdue(const Train& train, std::string_view now, Reviewed reviewed = Reviewed::no) {
  std::vector<std::string> out;
  for (const MilestoneState& one : milestones_of(train, *preset("monthly"), reviewed, at(now))) {
    if (one.state == MilestoneState::State::overdue) out.push_back(one.milestone.id + ": " + one.lacks);
  }
  return out;
}

// It departs on April 7: selection ends with March 23, integration begins on the 24th.
TEST(Milestones, AreOverdueWhereTheirTimeHasComeAndTheirConditionHasNot) {
  using Names = std::vector<std::string>;
  Train train = train_of("2026-04-07T10:00:00Z");
  EXPECT_EQ(overdue(train, "2026-03-23T23:59:59Z"), Names());
  EXPECT_EQ(overdue(train, "2026-03-24T00:00:00Z"),
            (Names{"selection: a passenger has boarded", "integration: a passenger has boarded"}));
  Seat seat;
  seat.record.id = "a";
  seat.state = SeatState::slotted;
  train.seats = {seat};
  EXPECT_EQ(overdue(train, "2026-03-31T00:00:00Z"), Names{"hardening: every passenger is approved"});
  train.seats[0].state = SeatState::aboard;
  EXPECT_EQ(overdue(train, "2026-04-07T10:00:00Z"), Names{"release: the scope is locked"});
  train.lock = Lock{};
  EXPECT_EQ(overdue(train, "2026-04-08T00:00:00Z"), Names{"stabilise: the train has departed"});
  train.phase = Phase::departed;
  EXPECT_EQ(overdue(train, "2026-04-14T23:00:00Z"), Names());
  EXPECT_EQ(overdue(train, "2026-04-15T00:00:00Z"), Names{"review: the review is published"});
  EXPECT_EQ(overdue(train, "2026-04-15T00:00:00Z", Reviewed::yes), Names());
  train.phase = Phase::cancelled;
  EXPECT_EQ(overdue(train, "2026-04-15T00:00:00Z"), Names());
}

// The review is on April 14: that the train has departed was due when it began, the review when it ended.
TEST(Milestones, AreOverdueSinceTheConditionWasDue) {
  Train train = train_of("2026-04-07T10:00:00Z");
  const auto last_alarm = [&] {
    const auto all = milestones_of(train, *preset("monthly"), Reviewed::no, at("2026-04-16T00:00:00Z"));
    return alarms_of(all).back().message;
  };
  EXPECT_EQ(last_alarm(),
            "review (release engineer) is overdue since 2026-04-14T00:00:00Z: "
            "not yet true that the train has departed");
  train.phase = Phase::departed;
  EXPECT_EQ(last_alarm(),
            "review (release engineer) is overdue since 2026-04-15T00:00:00Z: "
            "not yet true that the review is published");
}

}  // namespace
}  // namespace signalbox::train::schedule
