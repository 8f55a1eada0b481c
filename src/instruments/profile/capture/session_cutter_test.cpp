#include "instruments/profile/capture/session_cutter.hpp"

#include <gtest/gtest.h>

#include "core/base/burner.hpp"

namespace signalbox::profile {
namespace {

using namespace std::chrono_literals;

std::int64_t sum_of(const Profile& profile, std::size_t value) {
  std::int64_t out = 0;
  for (std::size_t i = 0; i < profile.samples.size(); ++i) out += profile.values_of(i)[value];
  return out;
}

class SessionCutters : public ::testing::Test {
 protected:
  void SetUp() override {
    request_.pids = {busy_.pid()};
    request_.rate_hz = 499;
    session_ = start();
  }
  std::unique_ptr<Session> start() const {
    auto session = Session::start(request_);
    return session ? std::move(*session) : nullptr;
  }
  // Turns until so many samples wait to be taken.
  static void sample(Session& session, std::size_t count) {
    while (session.recorder().raw().samples().size() < count) ASSERT_TRUE(session.turn(20ms));
  }
  const testing::Burner busy_;
  RecordRequest request_;
  std::unique_ptr<Session> session_;
};

TEST_F(SessionCutters, CutsFollowOneAnotherWithoutAGap) {
  if (!session_) GTEST_SKIP() << "programs may not be sampled here";
  SessionCutter cutter;
  std::int64_t samples = 0;
  std::int64_t cpu_ns = 0;
  std::int64_t end_ns = 0;
  for (int i = 0; i < 3; ++i) {
    sample(*session_, 5);
    const Cut cut = cutter.cut(*session_);
    const Profile& profile = cutter.profile();
    EXPECT_GE(cut.samples, 5);
    EXPECT_EQ(sum_of(profile, 0), cut.samples);
    EXPECT_EQ(sum_of(profile, 1), cut.cpu_ns);
    EXPECT_EQ(profile.duration_ns, cut.duration_ns);
    if (i > 0) {
      EXPECT_EQ(profile.start_unix_ns, end_ns);
    }
    end_ns = profile.start_unix_ns + profile.duration_ns;
    samples += cut.samples;
    cpu_ns += cut.cpu_ns;
  }
  const Recording all = std::move(*session_).finish();
  EXPECT_LE(samples, all.quality.samples);
  EXPECT_LE(cpu_ns, all.quality.cpu_ns);
  EXPECT_EQ(all.quality.samples - samples, static_cast<std::int64_t>(all.raw.samples().size()));
}

TEST_F(SessionCutters, WhatIsSkippedIsInNone) {
  if (!session_) GTEST_SKIP() << "programs may not be sampled here";
  SessionCutter cutter;
  sample(*session_, 5);
  const std::int64_t skipped_ns = cutter.skip(*session_);
  EXPECT_GT(skipped_ns, 0);
  EXPECT_TRUE(session_->recorder().raw().samples().empty());
  sample(*session_, 1);
  const Recording now = session_->so_far();
  const Cut cut = cutter.cut(*session_);
  EXPECT_LE(cut.samples, now.quality.samples - 5);
  EXPECT_GE(cut.duration_ns, now.duration_ns - skipped_ns);
}

TEST_F(SessionCutters, AnotherSessionBeginsInEmptyTables) {
  if (!session_) GTEST_SKIP() << "programs may not be sampled here";
  SessionCutter cutter;
  sample(*session_, 5);
  cutter.cut(*session_);
  session_.reset();
  cutter.begin_anew();
  EXPECT_FALSE(cutter.profile().samples.empty());  // until the next cut
  session_ = start();
  ASSERT_TRUE(session_);
  const Cut cut = cutter.cut(*session_);
  EXPECT_EQ(sum_of(cutter.profile(), 0), cut.samples);
  EXPECT_GE(cut.duration_ns, 0);
  EXPECT_GE(cut.target_cpu_ns, 0);
}

}  // namespace
}  // namespace signalbox::profile
