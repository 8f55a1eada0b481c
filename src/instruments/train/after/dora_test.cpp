// The five measures, worked by hand.
#include <gtest/gtest.h>

#include "core/git/scratch_repository.hpp"
#include "instruments/train/after/dora_report.hpp"
#include "instruments/train/after/fixture.hpp"
#include "instruments/train/after/incident.hpp"
#include "instruments/train/after/timeline.hpp"

namespace signalbox::train::after {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// 2025-12-01T00:00:00Z and days, hours after it.
Time at(int day, int hour = 0) {
  return Time(seconds(1'764'547'200)) + hours(24 * day + hour);
}

Delivered departed_at(std::uint64_t index, const std::string& version, Time all_traffic,
                      const std::vector<Time>& commits) {
  Delivered out{"t" + std::to_string(index), "shop", version, index, all_traffic};
  for (const Time time : commits) out.commits.push_back({time, time - hours(1)});
  return out;
}

// v1.1.0 is repaired by a hotfix six days later; v1.2.0 is taken back; v1.3.0 is taken back on its way,
// departs later and has an incident; v1.4.0 is well.
Deliveries december() {
  Deliveries out;
  out.since = at(0);
  out.until = at(30);
  out.releases = {departed_at(1, "v1.1.0", at(1, 12), {at(0, 12), at(1, 0)}),
                  departed_at(2, "v1.2.0", at(4), {at(0)}),
                  departed_at(3, "v1.1.1", at(7, 12), {at(7, 11)}),
                  departed_at(4, "v1.3.0", at(9), {}),
                  departed_at(5, "v1.3.0", at(19), {at(18)}),
                  departed_at(6, "v1.4.0", at(24), {at(23, 12)})};
  out.releases[2].plan = Delivered::Plan::unplanned;
  out.releases[2].repairs = "v1.1.0";
  out.releases[3].all_traffic.reset();
  out.troubles = {{2, 20, at(4, 1), at(4, 1) + minutes(30)},
                  {4, 4, at(9), at(9) + seconds(30)},
                  {5, 50, at(19, 2), at(19, 5)}};
  return out;
}

TEST(Dora, AMonthWorkedByHand) {
  const Dora dora = measure_dora(december());
  EXPECT_DOUBLE_EQ(*dora.frequency_per_day.value, 5.0 / 30);
  EXPECT_EQ(dora.frequency_per_day.of, 5U);
  EXPECT_EQ(dora.frequency, Band::high);
  // 24, 12, 96, 1, 24, 12 hours: the middle of 12 and 24.
  EXPECT_DOUBLE_EQ(*dora.lead_time_s.value, 18 * 3600.0);
  EXPECT_EQ(dora.lead_time_s.of, 6U);
  EXPECT_EQ(dora.lead_time, Band::elite);
  EXPECT_DOUBLE_EQ(*dora.lead_time_authored_s.value, 19 * 3600.0);
  EXPECT_DOUBLE_EQ(*dora.failure_rate.value, 4.0 / 6);
  EXPECT_EQ(dora.failed, (std::vector<std::uint64_t>{1, 2, 4, 5}));
  EXPECT_EQ(dora.failures, Band::low);
  // 30 minutes, 30 seconds, 3 hours.
  EXPECT_DOUBLE_EQ(*dora.recovery_s.value, 1800);
  EXPECT_EQ(dora.recovery, Band::elite);
  EXPECT_DOUBLE_EQ(*dora.rework_rate.value, 1.0 / 5);
  EXPECT_EQ(dora.open_troubles, 0U);
}

// Lead times 1, 12, 12, 24, 24, 96 hours: by R's quantile(), type 7. Shares: Wilson's interval of 4 of 6 and
// of 1 of 5 by R's prop.test(k, n, correct = FALSE).
TEST(Dora, MeasuresSayHowSureTheyAre) {
  const Dora dora = measure_dora(december());
  const Spread& lead = *dora.lead_time_s.spread;
  EXPECT_DOUBLE_EQ(lead.least, 3600.0);
  EXPECT_DOUBLE_EQ(lead.quarter, 12 * 3600.0);
  EXPECT_DOUBLE_EQ(lead.three_quarters, 24 * 3600.0);
  EXPECT_DOUBLE_EQ(lead.most, 96 * 3600.0);
  EXPECT_NEAR(dora.failure_rate.interval->lower, 0.2999933, 1e-6);
  EXPECT_NEAR(dora.failure_rate.interval->upper, 0.9032286, 1e-6);
  EXPECT_NEAR(dora.rework_rate.interval->lower, 0.03622411, 1e-6);
  EXPECT_NEAR(dora.rework_rate.interval->upper, 0.62446537, 1e-6);
  EXPECT_FALSE(dora.frequency_per_day.spread);
}

TEST(Dora, AHotfixCountsWithinSevenDays) {
  Deliveries deliveries = december();
  const Time first = *deliveries.releases[0].all_traffic;
  deliveries.releases[2].all_traffic = first + kHotfixWithin;
  EXPECT_EQ(measure_dora(deliveries).failed.front(), 1U);
  deliveries.releases[2].all_traffic = first + kHotfixWithin + seconds(1);
  EXPECT_EQ(measure_dora(deliveries).failed.front(), 2U);
}

TEST(Dora, NothingMeasuredIsNoZero) {
  Deliveries empty;
  empty.since = at(0);
  empty.until = at(30);
  const Dora dora = measure_dora(empty);
  EXPECT_FALSE(dora.lead_time_s.value);
  EXPECT_FALSE(dora.failure_rate.value);
  EXPECT_FALSE(dora.recovery_s.value);
  EXPECT_FALSE(dora.rework_rate.value);
  EXPECT_EQ(dora.frequency, Band::none);
  EXPECT_EQ(dora.failures, Band::none);
}

TEST(Dora, WhatIsNotOverIsCountedAndNotTimed) {
  Deliveries deliveries = december();
  deliveries.troubles[2].restored.reset();
  const Dora dora = measure_dora(deliveries);
  EXPECT_EQ(dora.open_troubles, 1U);
  EXPECT_EQ(dora.recovery_s.of, 2U);
  EXPECT_EQ(dora.failed.size(), 4U);
}

// DORA's report of 2024: elite on demand, under a day, 5 %, under an hour; high daily to weekly, a day to a
// week, 20 %, under a day; medium weekly to monthly, a week to a month.
TEST(Dora, GroupsAreThoseOf2024) {
  const auto frequency = [](int departures, int days) {
    Deliveries deliveries;
    deliveries.since = at(0);
    deliveries.until = at(days);
    for (int i = 0; i < departures; ++i)
      deliveries.releases.push_back(departed_at(static_cast<std::uint64_t>(i), "v1", at(0, 1), {}));
    return measure_dora(deliveries).frequency;
  };
  EXPECT_EQ(frequency(2, 1), Band::elite);
  EXPECT_EQ(frequency(1, 1), Band::high);
  EXPECT_EQ(frequency(1, 7), Band::high);
  EXPECT_EQ(frequency(1, 8), Band::medium);
  EXPECT_EQ(frequency(1, 30), Band::medium);
  EXPECT_EQ(frequency(1, 31), Band::low);
  const auto lead = [](Duration before) {
    Deliveries deliveries;
    deliveries.since = at(0);
    deliveries.until = at(60);
    deliveries.releases = {departed_at(1, "v1", at(40), {at(40) - before})};
    return measure_dora(deliveries).lead_time;
  };
  EXPECT_EQ(lead(hours(23)), Band::elite);
  EXPECT_EQ(lead(hours(24)), Band::high);
  EXPECT_EQ(lead(hours(24 * 7)), Band::medium);
  EXPECT_EQ(lead(hours(24 * 31)), Band::low);
}

TEST(Shipments, AWayBackBelongsToTheDepartureBeforeItOrIsOne) {
  TestLog log;
  log.schedule();
  log.add("rollback", taken_back("v1.1.0", at(1), at(1, 1), commit_id('a')));  // 1: on its way
  log.add("departure", departed("v1.1.0", at(2), commit_id('a')));             // 2
  IncidentEvent incident;
  incident.id = "i1";
  incident.title = "carts are empty";
  incident.time = at(2, 1);
  log.add("incident", to_json(incident));                                      // 3
  log.add("rollback", taken_back("v1.1.0", at(3), at(3, 1), commit_id('a')));  // 4: of 2
  const Shipments shipments = shipments_of(log.events_);
  ASSERT_EQ(shipments.releases.size(), 2U);
  EXPECT_EQ(shipments.releases[0].release.index, 1U);
  EXPECT_FALSE(shipments.releases[0].release.all_traffic);
  EXPECT_EQ(shipments.releases[1].release.index, 2U);
  EXPECT_EQ(shipments.releases[1].release.all_traffic, at(2));
  ASSERT_EQ(shipments.troubles.size(), 3U);
  EXPECT_EQ(shipments.troubles[0].release, 1U);
  EXPECT_EQ(shipments.troubles[1].release, 2U);
  EXPECT_EQ(shipments.troubles[2].release, 2U);
  EXPECT_EQ(shipments.troubles[2].began, at(2, 1));
  EXPECT_FALSE(shipments.troubles[2].restored);
}

TEST(Incidents, AreOpenedOnceAndEndAfterTheyBegan) {
  TestLog log;
  log.schedule();
  IncidentEvent opened{IncidentEvent::What::opened, "i1", "carts are empty", at(2), ""};
  IncidentEvent early{IncidentEvent::What::restored, "i1", "", at(1), ""};
  IncidentEvent over{IncidentEvent::What::restored, "i1", "", at(3), "cache emptied"};
  log.add("incident", to_json(over));    // of none
  log.add("incident", to_json(opened));  // counts
  log.add("incident", to_json(opened));
  log.add("incident", to_json(early));
  log.add("incident", to_json(over));  // counts
  log.add("incident", to_json(over));
  const Incidents incidents = fold_incidents(log.events_);
  ASSERT_EQ(incidents.all.size(), 1U);
  EXPECT_EQ(incidents.all[0].restored, at(3));
  EXPECT_EQ(incidents.all[0].note, "cache emptied");
  EXPECT_EQ(incidents.remarks.size(), 4U);
  EXPECT_EQ(incidents.next_id(), "i2");
  // What the review tells: the train was made, the incident began, it was over.
  const std::vector<TimelineLine> timeline = timeline_of(log.events_);
  ASSERT_EQ(timeline.size(), 3U);
  EXPECT_EQ(timeline[1].index, 2U);
  EXPECT_EQ(timeline[2].index, 5U);
  const Json told = to_json(timeline);
  EXPECT_EQ(told.items().at(0)["kind"].as_string(), "schedule");
  EXPECT_EQ(told.items().at(1)["about"].as_string(), "i1");
  EXPECT_EQ(told.items().at(1)["happened"].as_string(), "2025-12-03T00:00:00Z");
  EXPECT_EQ(told.items().at(2)["happened"].as_string(), "2025-12-04T00:00:00Z");
}

TEST(DoraQuery, IsAWindow) {
  const Time now = at(100);
  EXPECT_EQ(dora_query({}, {}, {}, now)->since, at(10));
  EXPECT_EQ(dora_query("30d", {}, {}, now)->since, at(70));
  EXPECT_EQ(dora_query("2025-12-01T00:00:00Z", {}, {}, now)->since, at(0));
  EXPECT_FALSE(dora_query("2030-01-01T00:00:00Z", {}, {}, now));
  EXPECT_FALSE(dora_query("long ago", {}, {}, now));
}

TEST(DoraReport, ShowsTheMeasuresWithTheirGroups) {
  DoraSource source{december(), {}};
  const Report report = dora_report(source, {at(0), at(30), {}});
  EXPECT_EQ(report.summary, "6 releases, 4 failed; 0 incidents are not over yet");
  EXPECT_EQ(report.data["lead_time_s"]["value"].as_number(), 64'800);
  EXPECT_EQ(report.data["failure_rate"]["band"].as_string(), "low");
  const std::string text = render_text(report, {});
  EXPECT_NE(text.find("18h"), std::string::npos) << text;
  EXPECT_NE(text.find("66.7 %"), std::string::npos) << text;
  EXPECT_NE(text.find("4 of 6 releases; 95 %: 30.0 to 90.3 %"), std::string::npos) << text;
  const Json& releases = report.data["releases"];
  EXPECT_EQ(releases.items().at(0)["lead_time_s"]["median"].as_number(), 18 * 3600);  // 24 and 12 hours
  EXPECT_TRUE(releases.items().at(3)["lead_time_s"].is_null());
  const Json& trouble = report.data["troubles"].items().at(1);
  EXPECT_EQ(trouble["release"].as_integer(), 4);
  EXPECT_EQ(trouble["restored"].as_string(), "2025-12-10T00:00:30Z");
  // Five weeks, the last of which ends with the window: v1.3.0 had none of the traffic in the third.
  EXPECT_EQ(report.charts.at(0).series.at(0).y, (std::vector<double>{1, 2, 0, 1, 1}));
}

}  // namespace
}  // namespace signalbox::train::after
