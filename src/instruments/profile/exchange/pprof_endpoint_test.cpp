#include "instruments/profile/exchange/pprof_endpoint.hpp"

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

using std::chrono::seconds;

std::string asked(std::string_view url, std::optional<seconds> duration = std::nullopt) {
  const auto out = pprof_endpoint(url, duration, seconds(30));
  return out ? out->url : out.error().message;
}

TEST(PprofEndpoints, AnAddressAloneIsItsCpuProfile) {
  for (const char* url : {"http://h:6060", "http://h:6060/", "http://h:6060/debug/pprof",
                          "http://h:6060/debug/pprof/", "http://h:6060/debug/pprof/profile"})
    EXPECT_EQ(asked(url), "http://h:6060/debug/pprof/profile?seconds=30") << url;
  EXPECT_EQ(asked("http://h:6060/app/debug/pprof", seconds(5)),
            "http://h:6060/app/debug/pprof/profile?seconds=5");
}

TEST(PprofEndpoints, SecondsOfTheAddressCountAndAreWaitedFor) {
  const auto out = pprof_endpoint("http://h/debug/pprof/profile?seconds=7", std::nullopt, seconds(30));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->wait, seconds(7));
  EXPECT_TRUE(out->is_cpu);
  EXPECT_FALSE(pprof_endpoint("http://h/debug/pprof/profile?seconds=7", seconds(3), seconds(30)));
  EXPECT_FALSE(pprof_endpoint("http://h/debug/pprof/profile?seconds=soon", std::nullopt, seconds(30)));
}

// pprof.Profile of net/http/pprof takes thirty seconds then.
TEST(PprofEndpoints, NoSecondsAreThoseOfGo) {
  EXPECT_EQ(pprof_endpoint("http://h/debug/pprof/profile?seconds=0", std::nullopt, seconds(10))->wait,
            seconds(30));
}

TEST(PprofEndpoints, MoreThanADayIsNotWaitedFor) {
  EXPECT_TRUE(pprof_endpoint("http://h", seconds(86'400), seconds(30)));
  EXPECT_FALSE(pprof_endpoint("http://h", seconds(86'401), seconds(30)));
  EXPECT_FALSE(pprof_endpoint("http://h/debug/pprof/heap", seconds(86'401), seconds(30)));
  EXPECT_FALSE(pprof_endpoint("http://h/debug/pprof/profile?seconds=86401", std::nullopt, seconds(30)));
}

TEST(PprofEndpoints, OthersAreOfNowOrOfTheTimeThatIsAskedFor) {
  EXPECT_EQ(asked("http://h/debug/pprof/heap"), "http://h/debug/pprof/heap");
  EXPECT_EQ(asked("http://h/debug/pprof/heap?gc=1", seconds(5)), "http://h/debug/pprof/heap?gc=1&seconds=5");
}

TEST(PprofEndpoints, OfItsQueryTheSecondsAloneAreTold) {
  const auto out = pprof_endpoint("http://h/debug/pprof/profile?token=s3cret", seconds(5), seconds(30));
  EXPECT_EQ(out->url, "http://h/debug/pprof/profile?token=s3cret&seconds=5");
  EXPECT_EQ(out->shown, "http://h/debug/pprof/profile?seconds=5");
  EXPECT_EQ(pprof_endpoint("http://h/debug/pprof/heap?token=s3cret", std::nullopt, seconds(30))->shown,
            "http://h/debug/pprof/heap");
  for (const char* url :
       {"http://h/debug/pprof/profile?token=s3cret&seconds=soon",
        "http://h/debug/pprof/heap?token=s3cret&debug=1", "http://h/debug/pprof/trace?s3cret"})
    EXPECT_EQ(asked(url).find("s3cret"), std::string::npos) << asked(url);
}

TEST(PprofEndpoints, WhatIsNoProfileIsRefused) {
  for (const char* url : {"http://h/debug/pprof/trace", "http://h/debug/pprof/cmdline",
                          "http://h/debug/pprof/heap?debug=1", "h:6060", "ftp://h", "http://me:word@h"})
    EXPECT_FALSE(pprof_endpoint(url, std::nullopt, seconds(30))) << url;
  EXPECT_TRUE(pprof_endpoint("http://h/debug/pprof/heap?debug=0", std::nullopt, seconds(30)));
}

}  // namespace
}  // namespace signalbox::profile
