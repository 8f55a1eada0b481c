// The ramp's plan and the drivers' settings, as people write them and as events keep them.
#include "instruments/train/ramp/plan.hpp"

#include <gtest/gtest.h>

#include "instruments/train/ramp/driver_settings.hpp"

namespace signalbox::train::ramp {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

config::Node node(std::string_view yaml) {
  return config::parse_yaml(yaml, "signalbox.yaml").value();
}
std::string refusal(std::string_view yaml) {
  const auto plan = parse_plan(node(yaml)["canary"]);
  return plan ? "" : plan.error().message;
}
std::string driver_refusal(std::string_view yaml) {
  const auto driver = parse_driver(node(yaml));
  return driver ? "" : driver.error().message;
}

TEST(RampPlan, TheDefaultIsTheOneOfTheReleaseDay) {
  const Plan plan = parse_plan(config::Node()).value();
  EXPECT_EQ(plan.baseline_before, minutes(60));
  EXPECT_EQ(plan.announce_before, minutes(30));
  const std::vector<WeightStep> weights = {{5, minutes(15)}, {25, minutes(15)}, {50, minutes(15)}};
  EXPECT_EQ(plan.weights, weights);
  EXPECT_EQ(plan.incident_after, minutes(10));
  EXPECT_EQ(plan.smoke_every, seconds(60));
  EXPECT_EQ(plan.rollback_budget, seconds(60));
  EXPECT_EQ(plan.max_data_gap, minutes(2));
}

TEST(RampPlan, WhatIsWrittenReplacesTheDefault) {
  const Plan plan =
      parse_plan(node("canary:\n  initial: 2\n  hold: 5m\n  steps: [10, {weight: 60, hold: 1h}]\n"
                      "  incident_after: 3m\n  lease: 20s\n  metrics: []\n")["canary"])
          .value();
  const std::vector<WeightStep> weights = {{2, minutes(5)}, {10, minutes(5)}, {60, minutes(60)}};
  EXPECT_EQ(plan.weights, weights);
  EXPECT_EQ(plan.incident_after, minutes(3));
  EXPECT_EQ(plan.lease, seconds(20));
}

TEST(RampPlan, BadOnesAreRefusedWithTheirPlace) {
  EXPECT_EQ(refusal("canary:\n  initial: 6\n"),
            "signalbox.yaml:2:12: canary.initial: a weight between 1 and 5 per cent is expected here");
  EXPECT_NE(refusal("canary: {initial: 0}\n"), "");
  EXPECT_NE(refusal("canary: {steps: [25, 25]}\n").find("weights rise, and 25 does not follow 25"),
            std::string::npos);
  EXPECT_NE(refusal("canary: {steps: [3]}\n").find("3 does not follow 5"), std::string::npos);
  EXPECT_NE(refusal("canary: {steps: [100]}\n").find("between 1 and 99"), std::string::npos);
  EXPECT_NE(refusal("canary: {steps: 25}\n").find("a list of weights"), std::string::npos);
  EXPECT_NE(refusal("canary: {hold: 8d}\n").find("a hold is at most 7d"), std::string::npos);
  EXPECT_NE(refusal("canary: {smoke_every: 2h}\n").find("smoke_every lies between"), std::string::npos);
  EXPECT_NE(refusal("canary: {smoke: 60s}\n"), "");
  EXPECT_NE(refusal("canary: [5, 25]\n").find("a map is expected"), std::string::npos);
  std::string many = "canary: {steps: [";
  for (int i = 10; i < 50; ++i) many += std::to_string(i) + ", ";
  EXPECT_NE(refusal(many + "60]}\n").find("at most 32 weights"), std::string::npos);
}

TEST(RampPlan, AnEventKeepsItWhole) {
  Plan plan;
  plan.weights = {{1, seconds(7)}, {99, minutes(1)}};
  plan.look_every = seconds(2);
  plan.rollback_budget = seconds(30);
  EXPECT_EQ(plan_from_json(to_json(plan)).value(), plan);
  EXPECT_FALSE(plan_from_json(Json::object()));
  Json falling = to_json(plan);
  falling.set("weights",
              Json::Array{to_json(plan)["weights"].items()[1], to_json(plan)["weights"].items()[0]});
  EXPECT_FALSE(plan_from_json(falling));
  Json unbounded = to_json(plan);
  unbounded.set("lease_ms", 0);
  EXPECT_FALSE(plan_from_json(unbounded));
}

TEST(DriverSettings, WithoutAnyNothingIsMoved) {
  EXPECT_EQ(name_of(parse_driver(node("changelog: X\n")).value()), "noop");
  EXPECT_EQ(name_of(parse_driver(node("driver: noop\n")).value()), "noop");
}

TEST(DriverSettings, CommandsComeFromTheHooks) {
  const auto settings =
      parse_driver(node("driver: command\nhooks:\n  set_weight: [./w, \"a b\"]\n  observe: [./o]\n"
                        "  promote: [./p]\n  revert: [./r]\n  timeout: 5s\n"))
          .value();
  const auto& command = std::get<CommandSettings>(settings.kind);
  EXPECT_EQ(command.set_weight, (Words{"./w", "a b"}));
  EXPECT_EQ(settings.timeout, seconds(5));
  EXPECT_NE(driver_refusal("driver: command\n").find("there is no `hooks`"), std::string::npos);
  EXPECT_NE(driver_refusal("driver: command\nhooks: {set_weight: [a], promote: [b], revert: [c]}\n")
                .find("`observe` is missing: after a crash it tells what is true"),
            std::string::npos);
}

TEST(DriverSettings, NginxHasTwoPoolsAndALoopbackStatus) {
  const std::string good =
      "driver:\n  kind: nginx\n  file: /etc/nginx/w.conf\n  upstream: shop\n  pools: {blue: "
      "[\"127.0.0.1:9001\"], "
      "green: [\"[::1]:9002\", \"app-2:80\"]}\n  status: 127.0.0.1:9191\n";
  const auto settings = parse_driver(node(good)).value();
  const auto& file = std::get<WeightFileSettings>(settings.kind);
  EXPECT_EQ(file.pools[0].first, "blue");
  EXPECT_EQ(file.pools[1].second.size(), 2U);
  EXPECT_EQ(file.reload, (Words{"nginx", "-s", "reload"}));
  const auto with = [&](std::string from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return driver_refusal(text);
  };
  EXPECT_NE(with("127.0.0.1:9191", "0.0.0.0:9191").find("loopback"), std::string::npos);
  EXPECT_NE(with("/etc/nginx/w.conf", "w.conf").find("absolute path"), std::string::npos);
  EXPECT_NE(with("upstream: shop", "upstream: \"shop; }\"").find("a name of letters"), std::string::npos);
  EXPECT_NE(with("\"127.0.0.1:9001\"", "\"127.0.0.1:9001; evil\"").find("is not HOST:PORT"),
            std::string::npos);
  EXPECT_NE(with("\"127.0.0.1:9001\"", "\"127.0.0.1\"").find("is not HOST:PORT"), std::string::npos);
  EXPECT_NE(with("pools: {blue: [\"127.0.0.1:9001\"], ", "pools: {").find("two pools"), std::string::npos);
  EXPECT_NE(with("kind: nginx", "kind: haproxy").find("needs `check` and `reload`"), std::string::npos);
}

TEST(DriverSettings, OthersAreChecked) {
  EXPECT_NE(driver_refusal("driver: nginy\n").find("there is no driver `nginy`"), std::string::npos);
  EXPECT_NE(driver_refusal("driver: webhook\n").find("needs settings"), std::string::npos);
  EXPECT_NE(driver_refusal("driver: {kind: webhook, url: \"file:///x\"}\n").find("http or https"),
            std::string::npos);
  EXPECT_EQ(
      driver_refusal("driver: {kind: webhook, url: \"https://d.example/x\", token_env: T, timeout: 10s}\n"),
      "");
  EXPECT_NE(driver_refusal("driver: {kind: webhook, url: \"https://d.example/x\", timeout: 1h}\n")
                .find("time limit"),
            std::string::npos);
  EXPECT_NE(
      driver_refusal("driver: {kind: kubernetes, api: \"https://k\", namespace: a, rollout: b, container: c, "
                     "image: fixed}\n")
          .find("{version}"),
      std::string::npos);
  const auto hooks =
      parse_hooks(node("hooks: {smoke: [[./a], [./b, c]], announce: [say], timeout: 9s}\n")).value();
  EXPECT_EQ(hooks.smoke.size(), 2U);
  EXPECT_EQ(hooks.timeout, seconds(9));
  EXPECT_FALSE(parse_hooks(node("hooks: {smoke: [./a]}\n")));
  EXPECT_FALSE(parse_hooks(node("hooks: {smok: [[./a]]}\n")));
}

}  // namespace
}  // namespace signalbox::train::ramp
