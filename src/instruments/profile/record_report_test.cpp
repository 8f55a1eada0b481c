#include "instruments/profile/record_report.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "instruments/profile/analysis/fixture.hpp"
#include "instruments/profile/analysis/predicates.hpp"

namespace signalbox::profile {
namespace {

Recording sampled_every(std::int64_t period_ns) {
  Recording out;
  out.pid = 4711;
  out.period_ns = period_ns;
  out.quality.samples = 100;
  return out;
}

TEST(AnnotationsOfRate, SayWhatWasAskedForWhereItStayed) {
  RecordRequest request;
  for (request.rate_hz = 1; request.rate_hz <= 9'999; ++request.rate_hz) {
    const Annotations told = annotations_of_rate(request, sampled_every(1'000'000'000 / request.rate_hz));
    EXPECT_EQ(told, (Annotations{{"rate", fmt::format("{} Hz", request.rate_hz)}}));
  }
}

TEST(AnnotationsOfRate, SayTheOneThatWasComeDownTo) {
  RecordRequest request;
  request.rate_hz = 1'999;
  Annotations told = annotations_of_rate(request, sampled_every(4 * (1'000'000'000 / 1'999)));
  EXPECT_EQ(told, (Annotations{{"rate", "499.8 Hz"}, {"rate.asked", "1999 Hz"}}));
  Profile profile;
  profile.annotations = std::move(told);
  EXPECT_DOUBLE_EQ(run_predicate(profile)["rate_hz"].as_number(), 499.8);
}

TEST(RecordReport, WhatCostTooMuchIsNoFaultOfTheMachine) {
  Recording recording = sampled_every(10'101'010);
  recording.notes = {"stacks are not walked in the kernel: no"};
  recording.governed = {"profiling cost 3.00 % after 3.0 s: 49.5 samples a second from there on"};
  const Profile profile = fixture::StackWriter().add("main@app", 100).finish();
  const Report report = record_report(profile, recording, {});
  ASSERT_EQ(report.findings.size(), 2U);
  EXPECT_EQ(report.findings[0].rule, "profile/sampler");
  EXPECT_EQ(report.findings[0].message, recording.notes.front());
  EXPECT_EQ(report.findings[1].rule, "profile/overhead");
  EXPECT_EQ(report.findings[1].message, recording.governed.front());
  EXPECT_EQ(report.findings[1].remedy, "a lower --rate");
}

}  // namespace
}  // namespace signalbox::profile
