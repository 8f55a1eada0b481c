// Each driver against something that takes its calls: programs, a webhook, the API of Kubernetes.
#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "instruments/train/ramp/drivers/driver_test_peer.hpp"
#include "instruments/train/ramp/drivers/drivers.hpp"
#include "instruments/train/ramp/drivers/rollout.hpp"

namespace signalbox::train::ramp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Peer;

StepOrder order(int weight, std::string step = "7.1", std::uint64_t token = 7) {
  StepOrder out;
  out.train = "2026-12";
  out.attempt = step.substr(0, step.find('.'));
  out.step = std::move(step);
  out.token = token;
  out.weight = weight;
  out.candidate = "v1.3.0";
  out.baseline = "v1.2.0";
  out.commit = std::string(40, 'c');
  return out;
}
Status allowed() {
  return {};
}
Result<ProcessResult> run_here(const Words& words, ProcessOptions options) {
  return run_process(words, options);
}
std::string kind_of(const Status& status) {
  return status ? "" : std::string(name_of(status.error().kind));
}

// Hooks as a user writes them: they keep what they were told in a folder.
class CommandDriverTest : public ::testing::Test {
 protected:
  CommandSettings settings() const {
    const std::string state = (folder_.path() / "weight").string();
    const std::string told = (folder_.path() / "told").string();
    const auto script = [&](const std::string& text) {
      return Words{"sh", "-c", "cat >>" + told + "; " + text + " >" + state};
    };
    CommandSettings out;
    out.set_weight = script("echo $SIGNALBOX_WEIGHT");
    out.promote = script("echo 100");
    out.revert = script("echo 0");
    out.observe = {"cat", state};
    return out;
  }
  TemporaryDirectory folder_;
};

TEST_F(CommandDriverTest, HooksAreToldTheStepAndTheToken) {
  const auto driver = make_command_driver(settings(), seconds(10), run_here);
  ASSERT_TRUE(driver->set_weight(order(25)));
  EXPECT_EQ(driver->observe(order(25))->weight, 25);
  ASSERT_TRUE(driver->promote(order(100, "7.4")));
  EXPECT_EQ(driver->observe(order(25))->weight, 100);
  ASSERT_TRUE(driver->revert(order(0, "8.1", 8)));
  EXPECT_EQ(driver->observe(order(0))->weight, 0);
  const std::string told = read_file(folder_.path() / "told").value();
  const std::vector<std::string_view> documents = lines(told);
  ASSERT_EQ(documents.size(), 3U);
  const Json first = parse_json(documents[0]).value();
  EXPECT_EQ(first["step"].as_string(), "7.1");
  EXPECT_EQ(first["token"].as_integer(), 7);
  EXPECT_EQ(first["action"].as_string(), "set_weight");
  EXPECT_EQ(first["version"].as_string(), "v1.3.0");
  EXPECT_EQ(parse_json(documents[2])->find("action")->as_string(), "revert");
}

TEST_F(CommandDriverTest, AFailureTellsItsLastWords) {
  CommandSettings broken = settings();
  broken.set_weight = {"sh", "-c", "echo first >&2; echo 'no such \033[31mserver' >&2; exit 3"};
  const Status status = make_command_driver(broken, seconds(10), run_here)->set_weight(order(5));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(status.error().message, "hook set_weight ended with exit code 3: no such \\x1b[31mserver");
}

TEST_F(CommandDriverTest, ASlowHookIsEndedAtItsTimeLimit) {
  CommandSettings slow = settings();
  slow.set_weight = {"sleep", "30"};
  const auto began = std::chrono::steady_clock::now();
  const Status status = make_command_driver(slow, milliseconds(200), run_here)->set_weight(order(5));
  EXPECT_EQ(kind_of(status), "unavailable");
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(10));
}

TEST_F(CommandDriverTest, Exit75RefusesAnOlderToken) {
  CommandSettings strict = settings();
  strict.set_weight = {"sh", "-c", "exit 75"};
  EXPECT_EQ(kind_of(make_command_driver(strict, seconds(10), run_here)->set_weight(order(5))), "conflict");
}

TEST_F(CommandDriverTest, NothingRunsBeforeItIsAllowed) {
  gates::Configuration configuration;
  configuration.octets = "train: {}";
  configuration.path = (folder_.path() / "signalbox.yaml").string();
  configuration.directory = folder_.path();
  configuration.allow_with = "signalbox allow";
  ::setenv("XDG_DATA_HOME", (folder_.path() / "data").c_str(), 1);
  const auto driver = make_command_driver(settings(), seconds(10), run_where_allowed(configuration));
  const Status status = driver->set_weight(order(5));
  EXPECT_EQ(kind_of(status), "denied");
  EXPECT_EQ(status.error().hint, "signalbox allow");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "told"));
  ASSERT_TRUE(gates::allow(configuration.octets, configuration.path, Time()));
  EXPECT_TRUE(driver->set_weight(order(5)));
  EXPECT_EQ(
      kind_of(make_command_driver(settings(), seconds(10), run_where_allowed({}))->set_weight(order(5))),
      "denied");
  EXPECT_EQ(kind_of(make_webhook_driver({}, seconds(1), allowance_of({}))->set_weight(order(5))), "denied");
}

TEST(Observation, IsReadStrictly) {
  EXPECT_EQ(read_observation("25\n")->weight, 25);
  const auto full =
      read_observation(R"({"weight": 100, "step": "7.4", "token": 9, "promoted": true, "more": []})");
  EXPECT_EQ(full->step, "7.4");
  EXPECT_EQ(full->token, 9U);
  EXPECT_TRUE(full->promoted);
  EXPECT_FALSE(read_observation(R"({"weight": null})")->weight);
  for (const char* bad : {"", "25 %", "101", "-1", "2.5", "\"25\"", "[25]x", R"({"weight": "25"})",
                          R"({"weight": 101})", R"({"token": -1})", R"({"weight":1,"weight":2})"})
    EXPECT_FALSE(read_observation(bad)) << bad;
}

TEST(WebhookDriver, AStepHasOneKeyOnEveryTry) {
  const Peer peer("webhook.py");
  ::setenv("DEPLOY_TOKEN", "secret", 1);
  const auto driver = make_webhook_driver({peer.url("/hook"), "DEPLOY_TOKEN", ""}, seconds(5), allowed);
  ASSERT_TRUE(driver->set_weight(order(5)));
  ASSERT_TRUE(driver->set_weight(order(5)));
  EXPECT_EQ(driver->observe(order(5))->weight, 5);
  EXPECT_EQ(driver->observe(order(5))->step, "7.1");
  const Json calls = peer.calls();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls.items()[0]["key"].as_string(), "2026-12/7.1");
  EXPECT_EQ(calls.items()[1]["key"].as_string(), "2026-12/7.1");
  EXPECT_EQ(calls.items()[0]["auth"].as_string(), "Bearer secret");
}

TEST(WebhookDriver, ALostAnswerIsFoundOutByObserving) {
  const Peer peer("webhook.py");
  const auto driver = make_webhook_driver({peer.url("/hook"), "", ""}, seconds(5), allowed);
  peer.set("cut", "1");
  EXPECT_EQ(kind_of(driver->set_weight(order(25))), "unavailable");
  EXPECT_EQ(driver->observe(order(25))->weight, 25);
  EXPECT_EQ(peer.calls().size(), 1U);  // POST is not repeated by itself
}

TEST(WebhookDriver, FaultsHaveTheirKinds) {
  const Peer peer("webhook.py");
  const auto driver = make_webhook_driver({peer.url("/hook"), "", ""}, milliseconds(800), allowed);
  peer.set("fail", "1");
  const Status failed = driver->set_weight(order(5));
  EXPECT_EQ(kind_of(failed), "unavailable");
  EXPECT_EQ(failed.error().message,
            "webhook set_weight answered 500: {\"error\": \"the deployer fell over\"}");
  ASSERT_TRUE(driver->set_weight(order(5, "9.1", 9)));
  EXPECT_EQ(kind_of(driver->set_weight(order(25, "9.2", 8))), "conflict");
  peer.set("slow", "2");
  EXPECT_EQ(kind_of(driver->revert(order(0, "9.3", 9))), "unavailable");
  const auto unset = make_webhook_driver({peer.url("/hook"), "NO_SUCH_VARIABLE", ""}, seconds(1), allowed);
  EXPECT_EQ(kind_of(unset->set_weight(order(5))), "unavailable");
}

KubernetesSettings rollout_settings(const Peer& peer) {
  KubernetesSettings out;
  out.api = peer.url();
  out.name_space = "prod";
  out.rollout = "shop";
  out.container = "app";
  out.image = "registry/shop:{version}";
  return out;
}

TEST(KubernetesDriver, GoesThroughARampAndLeavesOtherContainersAlone) {
  const Peer peer("rollouts.py");
  const auto driver = make_kubernetes_driver(rollout_settings(peer), seconds(5), allowed);
  EXPECT_EQ(driver->observe(order(0))->weight, 0);
  ASSERT_TRUE(driver->set_weight(order(5)));
  EXPECT_EQ(driver->observe(order(5))->weight, 5);
  ASSERT_TRUE(driver->set_weight(order(25, "7.2")));
  EXPECT_EQ(driver->observe(order(25))->weight, 25);
  EXPECT_EQ(driver->observe(order(25))->step, "7.2");
  ASSERT_TRUE(driver->promote(order(100, "7.3")));
  EXPECT_TRUE(driver->observe(order(100))->promoted);
  EXPECT_EQ(kind_of(driver->set_weight(order(50, "7.4"))), "conflict");  // the attempt has ended
  const Json rollout = parse_json(testing::get(peer.url("/any"))).value();
  const Json& containers = rollout["spec"]["template"]["spec"]["containers"];
  EXPECT_EQ(containers.items()[0]["image"].as_string(), "proxy:1");
  EXPECT_EQ(containers.items()[1]["image"].as_string(), "registry/shop:1.3.0");
  EXPECT_EQ(containers.items()[1]["ports"].size(), 1U);
  // Later, as an attempt of its own: back, past the strategy's steps.
  ASSERT_TRUE(driver->revert(order(0, "19.1", 19)));
  EXPECT_EQ(driver->observe(order(0, "19.1"))->weight, 0);
  EXPECT_EQ(peer.calls().items().back()["patch"].dump(), R"({"status":{"promoteFull":true}})");
}

TEST(KubernetesDriver, APromotionIsTakenBackByItsOwnAttemptAndOnASecondTry) {
  const Peer peer("rollouts.py");
  const auto driver = make_kubernetes_driver(rollout_settings(peer), milliseconds(500), allowed);
  ASSERT_TRUE(driver->set_weight(order(50)));
  ASSERT_TRUE(driver->promote(order(100, "7.2")));
  peer.set("stuck", "1");
  EXPECT_EQ(kind_of(driver->revert(order(0, "7.3"))), "unavailable");
  peer.set("stuck", "0");
  ASSERT_TRUE(driver->revert(order(0, "7.3")));
  EXPECT_EQ(driver->observe(order(0, "7.3"))->weight, 0);
  const Json calls = peer.calls();
  for (const Json& call : calls.items())  // it would leave the traffic on the candidate
    EXPECT_TRUE(call["patch"]["status"]["abort"].is_null()) << call.dump();
}

TEST(KubernetesDriver, AbortComesBeforeTheImage) {
  const Peer peer("rollouts.py");
  const auto driver = make_kubernetes_driver(rollout_settings(peer), seconds(5), allowed);
  ASSERT_TRUE(driver->set_weight(order(50)));
  ASSERT_TRUE(driver->revert(order(0, "7.2")));
  EXPECT_EQ(driver->observe(order(0))->weight, 0);
  const Json calls = peer.calls();
  ASSERT_EQ(calls.size(), 3U);
  EXPECT_EQ(calls.items()[1]["patch"].dump(), R"({"status":{"abort":true}})");
  EXPECT_EQ(kind_of(driver->promote(order(100, "7.3"))), "conflict");
}

TEST(KubernetesDriver, AnOlderTokenIsRefusedAndARaceIsPatchedAgain) {
  const Peer peer("rollouts.py");
  const auto driver = make_kubernetes_driver(rollout_settings(peer), seconds(5), allowed);
  ASSERT_TRUE(driver->set_weight(order(5, "9.1", 9)));
  const Status late = driver->set_weight(order(25, "9.2", 8));
  EXPECT_EQ(kind_of(late), "conflict");
  EXPECT_EQ(late.error().message, "step 9.2 carries token 8, and 9 acts already");
  const std::size_t before = peer.calls().size();
  ASSERT_TRUE(driver->set_weight(order(5, "9.1", 9)));  // the same step again patches nothing
  EXPECT_EQ(peer.calls().size(), before);
  peer.set("conflict", "2");
  EXPECT_TRUE(driver->set_weight(order(25, "9.2", 9)));
  peer.set("conflict", "99");
  EXPECT_EQ(kind_of(driver->set_weight(order(50, "9.3", 9))), "unavailable");
}

TEST(KubernetesDriver, AllRequestsOfACallShareItsTimeLimit) {
  const Peer peer("rollouts.py");
  const auto driver = make_kubernetes_driver(rollout_settings(peer), milliseconds(1'500), allowed);
  ASSERT_TRUE(driver->set_weight(order(50)));
  peer.set("slow", "1");  // each answer takes a second, and a way back needs several
  EXPECT_EQ(kind_of(driver->revert(order(0, "7.2"))), "unavailable");
}

TEST(KubernetesDriver, WhatDoesNotComeAboutIsAnError) {
  const Peer peer("rollouts.py");
  // All requests share it: so long that a busy machine answers the first of them.
  const auto driver = make_kubernetes_driver(rollout_settings(peer), seconds(2), allowed);
  peer.set("stuck", "1");
  const Status stuck = driver->set_weight(order(5));
  EXPECT_EQ(kind_of(stuck), "unavailable");
  EXPECT_NE(stuck.error().message.find("has not come to 5 %"), std::string::npos);
  EXPECT_FALSE(driver->observe(order(5))->weight);  // Argo has not looked yet: nobody knows
  peer.set("deny", "1");
  EXPECT_EQ(kind_of(driver->set_weight(order(5))), "denied");
  KubernetesSettings other = rollout_settings(peer);
  other.container = "absent";
  peer.set("deny", "0");
  EXPECT_EQ(kind_of(make_kubernetes_driver(other, seconds(1), allowed)->set_weight(order(5))), "bad_input");
}

}  // namespace
}  // namespace signalbox::train::ramp
