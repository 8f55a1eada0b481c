// The weight file as text, and under a real nginx and a real HAProxy that split real requests.
#include "instruments/train/ramp/drivers/weight_file.hpp"

#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "instruments/train/ramp/drivers/driver_test_peer.hpp"
#include "instruments/train/ramp/drivers/drivers.hpp"

namespace signalbox::train::ramp {
namespace {

using Action = WeightFile::Action;

StepOrder order(int weight, std::string step = "7.1", std::uint64_t token = 7) {
  StepOrder out;
  out.train = "t" + step.substr(0, step.find('.'));
  out.attempt = step.substr(0, step.find('.'));
  out.step = std::move(step);
  out.token = token;
  out.weight = weight;
  out.candidate = "v1.3.0";
  out.baseline = "v1.2.0";
  return out;
}
StepOrder order_back(std::string step, std::uint64_t token) {
  StepOrder out = order(0, std::move(step), token);
  out.has_departed = true;
  return out;
}
std::string kind_of(const Result<WeightFile>& result) {
  return result ? "" : std::string(name_of(result.error().kind));
}
WeightFileSettings settings_for(const std::string& file, int blue, int green, int status) {
  WeightFileSettings out;
  out.file = file;
  out.upstream = "shop";
  out.pools = {{"blue", {"127.0.0.1:" + std::to_string(blue)}},
               {"green", {"127.0.0.1:" + std::to_string(green)}}};
  out.status = "127.0.0.1:" + std::to_string(status);
  return out;
}

TEST(WeightFile, KeepsWhatTheRampDid) {
  const WeightFileSettings settings = settings_for("/x", 9001, 9002, 9191);
  const WeightFile five = after_step({}, order(5), Action::set_weight).value();
  EXPECT_EQ(read_weight_file(write_weight_file(five, settings)).value(), five);
  EXPECT_EQ(five.versions[1], "v1.3.0");
  const std::string text = write_weight_file(five, settings);
  EXPECT_NE(text.find("server 127.0.0.1:9001 weight=95;  # blue"), std::string::npos);
  EXPECT_NE(text.find("server 127.0.0.1:9002 weight=5;  # green"), std::string::npos);
  EXPECT_EQ(read_weight_file("").value(), WeightFile{});
}

TEST(WeightFile, PoolsOfDifferentSizesGetTheirPercentAsAWhole) {
  WeightFileSettings settings = settings_for("/x", 1, 4, 9);
  settings.pools[0].second = {"a:1", "b:1", "c:1"};
  WeightFile file;
  file.weight = 25;
  const std::string text = write_weight_file(file, settings);
  // 3 servers of 75 × 1, one of 25 × 3: 225 to 75.
  EXPECT_NE(text.find("server a:1 weight=75;"), std::string::npos);
  EXPECT_NE(text.find("server 127.0.0.1:4 weight=75;"), std::string::npos);
}

TEST(WeightFile, PromotionMakesTheOtherPoolLive) {
  const WeightFile five = after_step({}, order(5), Action::set_weight).value();
  const WeightFile all = after_step(five, order(100, "7.2"), Action::promote).value();
  EXPECT_EQ(all.live, 1);
  EXPECT_EQ(all.weight, 0);
  EXPECT_EQ(observation_of(all, order(0)).weight, 100);
  EXPECT_TRUE(observation_of(all, order(0)).promoted);
  EXPECT_EQ(observation_of(all, order(0, "9.1")).weight, 0);  // for the next train the candidate has nothing
  StepOrder next = order(5, "9.1", 9);
  next.candidate = "v1.4.0";
  next.baseline = "v1.3.0";
  const WeightFile again = after_step(all, next, Action::set_weight).value();
  EXPECT_EQ(again.live, 1);
  EXPECT_EQ(again.versions[0], "v1.4.0");
}

TEST(WeightFile, ARollbackAfterDepartureGoesToThePoolThatHasTheBaseline) {
  const WeightFile all =
      after_step(after_step({}, order(5), Action::set_weight).value(), order(100, "7.2"), Action::promote)
          .value();
  EXPECT_EQ(observation_of(all, order_back("11.1", 11)).weight, 100);
  const WeightFile back = after_step(all, order_back("11.1", 11), Action::revert).value();
  EXPECT_EQ(back.live, 0);
  EXPECT_EQ(back.weight, 0);
  EXPECT_EQ(observation_of(back, order_back("11.1", 11)).weight, 0);
  EXPECT_EQ(after_step(back, order_back("11.1", 12), Action::revert)->live, 0);  // a second try
}

TEST(WeightFile, ThereIsNoWayBackToWhatNoPoolRuns) {
  const WeightFile all =
      after_step(after_step({}, order(5), Action::set_weight).value(), order(100, "7.2"), Action::promote)
          .value();
  StepOrder gone = order_back("12.1", 12);
  gone.baseline = "v0.9.0";
  const auto refused = after_step(all, gone, Action::revert);
  ASSERT_EQ(kind_of(refused), "conflict");
  EXPECT_EQ(refused.error().message, "no pool runs v0.9.0");
  EXPECT_EQ(refused.error().hint, "signalbox train rollback t12 --to v1.2.0");
}

TEST(WeightFile, AnAttemptThatWasPromotedGoesBackToThePoolThatWasLiveBefore) {
  StepOrder first = order(5);
  first.baseline = "";  // the first release: nobody knows what the other pool runs
  const WeightFile five = after_step({}, first, Action::set_weight).value();
  StepOrder more = order(100, "7.2");
  more.baseline = "";
  const WeightFile all = after_step(five, more, Action::promote).value();
  ASSERT_EQ(all.live, 1);
  const WeightFile back = after_step(all, order(0, "7.3"), Action::revert).value();
  EXPECT_EQ(back.live, 0);
  EXPECT_EQ(back.weight, 0);
  EXPECT_EQ(observation_of(back, order(0, "7.3")).weight, 0);
  EXPECT_FALSE(observation_of(back, order(0, "7.3")).promoted);
  EXPECT_EQ(after_step(back, order(0, "7.3", 8), Action::revert)->live, 0);  // a second try
  EXPECT_EQ(kind_of(after_step(back, order(100, "7.4"), Action::promote)), "conflict");
}

TEST(WeightFile, WhoActsByHandIsToldThePoolOfTheCandidate) {
  const WeightFile five = after_step({}, order(5), Action::set_weight).value();
  EXPECT_EQ(pool_of_candidate(five, order(0)), 1);
  const WeightFile all = after_step(five, order(100, "7.2"), Action::promote).value();
  EXPECT_EQ(pool_of_candidate(all, order(0)), 1);
}

TEST(WeightFile, ContradictionsAreRefused) {
  const WeightFile five = after_step({}, order(5, "9.1", 9), Action::set_weight).value();
  EXPECT_EQ(kind_of(after_step(five, order(25, "9.2", 8), Action::set_weight)),
            "conflict");  // an older token
  EXPECT_EQ(kind_of(after_step(five, order(5, "12.1", 12), Action::set_weight)), "conflict");  // another ramp
  EXPECT_EQ(after_step(five, order(5, "9.1", 10), Action::set_weight)->token,
            10U);  // the same step, newer token
  const WeightFile all = after_step(five, order(100, "9.2", 9), Action::promote).value();
  EXPECT_EQ(kind_of(after_step(all, order(50, "9.3", 9), Action::set_weight)), "conflict");
  const WeightFile none = after_step(five, order(0, "9.2", 9), Action::revert).value();
  EXPECT_EQ(kind_of(after_step(none, order(100, "9.3", 9), Action::promote)), "conflict");
  EXPECT_EQ(kind_of(after_step(none, order(5, "9.3", 9), Action::set_weight)), "conflict");
  EXPECT_EQ(after_step(none, order(0, "9.9", 9), Action::revert)->weight, 0);
}

TEST(WeightFile, WhatIsNotOursIsNotReplaced) {
  EXPECT_EQ(kind_of(read_weight_file("upstream shop { server a:1; }\n")), "conflict");
  EXPECT_EQ(kind_of(read_weight_file("# signalbox weights {\"v\":1}\n")), "bad_input");
  EXPECT_EQ(kind_of(read_weight_file("# signalbox weights \n")), "bad_input");
}

// A server program on loopback, ended by its pid at the end.
class RealServer : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int* port : {&front_, &blue_, &green_, &status_}) *port = testing::free_port();
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  void wait_until_it_answers() const {
    for (int i = 0; i < 200; ++i) {
      http::ClientRequest request;
      request.url = url(front_);
      request.max_attempts = 1;
      if (http::send(request)) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    FAIL() << "the server has not come up: " << read_file(path("log")).value_or("");
  }
  static std::string url(int port) { return "http://127.0.0.1:" + std::to_string(port) + "/"; }
  // How many of so many requests each pool answered.
  std::map<std::string, int> split(int requests) const {
    std::map<std::string, int> out;
    for (int i = 0; i < requests; ++i) ++out[testing::get(url(front_))];
    return out;
  }
  void go_through_a_ramp(Driver& driver) const {
    EXPECT_EQ(driver.observe(order(0))->weight, 0);
    EXPECT_EQ(split(20)["blue"], 20);
    ASSERT_TRUE(driver.set_weight(order(25)));
    EXPECT_EQ(driver.observe(order(25))->weight, 25);
    const auto quarter = split(100);
    EXPECT_NEAR(quarter.at("green"), 25, 3);
    EXPECT_EQ(kind(driver.set_weight(order(50, "7.2", 6))), "conflict");
    ASSERT_TRUE(driver.promote(order(100, "7.2")));
    EXPECT_TRUE(driver.observe(order(100))->promoted);
    EXPECT_EQ(split(20)["green"], 20);
    ASSERT_TRUE(driver.revert(order(0, "7.3")));  // a promotion that is taken back by its own attempt
    EXPECT_EQ(driver.observe(order(0, "7.3"))->weight, 0);
    EXPECT_EQ(split(20)["blue"], 20);
    ASSERT_TRUE(driver.set_weight(order(50, "9.1", 9)));
    ASSERT_TRUE(driver.promote(order(100, "9.2", 9)));
    StepOrder gone = order_back("10.1", 10);
    gone.baseline = "v0.9.0";
    EXPECT_EQ(kind(driver.check_revert(gone)), "conflict");
    EXPECT_EQ(kind(driver.revert(gone)), "conflict");
    EXPECT_EQ(driver.observe(order_back("11.1", 11))->weight, 100);
    EXPECT_EQ(split(20)["green"], 20);
    EXPECT_TRUE(driver.check_revert(order_back("11.1", 0)));
    EXPECT_NE(driver.manual_revert(order_back("11.1", 11))[0].find("pool green"), std::string::npos);
    ASSERT_TRUE(driver.revert(order_back("11.1", 11)));
    EXPECT_EQ(split(20)["blue"], 20);
  }
  static std::string kind(const Status& status) {
    return status ? "" : std::string(name_of(status.error().kind));
  }

  TemporaryDirectory folder_;
  int front_ = 0, blue_ = 0, green_ = 0, status_ = 0;
};

Result<ProcessResult> run_here(const Words& words, ProcessOptions options) {
  return run_process(words, options);
}
Status allowed() {
  return {};
}

class NginxDriverTest : public RealServer {
 protected:
  void SetUp() override {
    if (!find_program("nginx")) GTEST_SKIP() << "nginx is not installed";
    RealServer::SetUp();
    settings_ = settings_for(path("weights.conf"), blue_, green_, status_);
    nginx_ = {"nginx", "-p", folder_.path().string(), "-e", path("log"), "-c", path("nginx.conf")};
    settings_.check = with({"-t", "-q"});
    settings_.reload = with({"-s", "reload"});
    ASSERT_TRUE(write_first_file({settings_, std::chrono::seconds(10)}));
    ASSERT_TRUE(write_file_atomically(
        path("nginx.conf"), "worker_processes 2;\npid " + path("pid") + ";\nerror_log " + path("log") +
                                ";\nevents {}\nhttp {\naccess_log off;\n" + "client_body_temp_path " +
                                path("a") + "; proxy_temp_path " + path("b") + "; fastcgi_temp_path " +
                                path("c") + "; uwsgi_temp_path " + path("d") + "; scgi_temp_path " +
                                path("e") + ";\ninclude " + settings_.file + ";\nserver { listen 127.0.0.1:" +
                                std::to_string(front_) + "; location / { proxy_pass http://shop; } }\n" +
                                "server { listen 127.0.0.1:" + std::to_string(blue_) +
                                "; location / { return 200 blue; } }\n" + "server { listen 127.0.0.1:" +
                                std::to_string(green_) + "; location / { return 200 green; } }\n}\n"));
    server_ = std::make_unique<Process>(Process::start(with({"-g", "daemon off;"})).value());
    wait_until_it_answers();
    driver_ = make_weight_file_driver(settings_, std::chrono::seconds(10), run_here, allowed);
  }
  Words with(const Words& more) const {
    Words out = nginx_;
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
  void TearDown() override {
    if (server_) static_cast<void>(run_process(with({"-s", "stop"})));
  }

  Words nginx_;
  WeightFileSettings settings_;
  std::unique_ptr<Process> server_;
  std::unique_ptr<Driver> driver_;
};

TEST_F(NginxDriverTest, RealRequestsAreSplitAsOrdered) {
  go_through_a_ramp(*driver_);
}

TEST_F(NginxDriverTest, AFileThatNginxRefusesIsPutBack) {
  WeightFileSettings bad = settings_;
  bad.pools[1].second = {"no-such-host.invalid:80"};
  const auto driver = make_weight_file_driver(bad, std::chrono::seconds(10), run_here, allowed);
  const std::string before = read_file(settings_.file).value();
  const Status status = driver->set_weight(order(5));
  ASSERT_EQ(kind(status), "unavailable");
  EXPECT_NE(status.error().message.find("host not found in upstream"), std::string::npos)
      << status.error().message;
  EXPECT_EQ(read_file(settings_.file).value(), before);
  EXPECT_EQ(split(10)["blue"], 10);
}

TEST_F(NginxDriverTest, AFileThatWasWrittenAndNotLoadedIsNotTheTruth) {
  // As a controller leaves it that is killed between the two.
  const WeightFile written = after_step({}, order(50), Action::set_weight).value();
  ASSERT_TRUE(write_file_atomically(settings_.file, write_weight_file(written, settings_)));
  EXPECT_FALSE(driver_->observe(order(50))->weight);
  ASSERT_TRUE(driver_->set_weight(order(50, "7.1", 8)));
  EXPECT_EQ(driver_->observe(order(50))->weight, 50);
}

TEST_F(NginxDriverTest, AServerThatIsAwayIsSaid) {
  ASSERT_TRUE(driver_->set_weight(order(5)));
  static_cast<void>(run_process(with({"-s", "stop"})));
  ASSERT_TRUE(server_->wait());
  const auto seen = driver_->observe(order(5));
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().kind, ErrorKind::unavailable);
  EXPECT_NE(seen.error().message.find("does not say which weights it runs with"), std::string::npos);
  EXPECT_EQ(kind(driver_->set_weight(order(25, "7.2"))), "unavailable");
}

class HaproxyDriverTest : public RealServer {};

TEST_F(HaproxyDriverTest, RealRequestsAreSplitAsOrdered) {
  if (!find_program("haproxy")) GTEST_SKIP() << "HAProxy is not installed";
  WeightFileSettings settings = settings_for(path("weights.cfg"), blue_, green_, status_);
  settings.server = WeightFileSettings::Server::haproxy;
  settings.check = {"haproxy", "-c", "-q", "-f", path("main.cfg"), "-f", settings.file};
  // As systemd does: USR2 to the master, which starts itself again with the new files.
  settings.reload = {"sh", "-c", "kill -USR2 $(cat " + path("pid") + ")"};
  ASSERT_TRUE(write_first_file({settings, std::chrono::seconds(10)}));
  const auto answers = [&](const std::string& name, int port) {
    return "frontend " + name + "_pool\n  bind 127.0.0.1:" + std::to_string(port) +
           "\n  http-request return status 200 content-type text/plain string " + name + "\n";
  };
  ASSERT_TRUE(write_file_atomically(
      path("main.cfg"),
      "defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect "
      "5s\nfrontend main\n  bind 127.0.0.1:" +
          std::to_string(front_) + "\n  default_backend shop\n" + answers("blue", blue_) +
          answers("green", green_)));
  auto server =
      Process::start({"haproxy", "-W", "-f", path("main.cfg"), "-f", settings.file, "-p", path("pid")})
          .value();
  wait_until_it_answers();
  go_through_a_ramp(*make_weight_file_driver(settings, std::chrono::seconds(10), run_here, allowed));
  static_cast<void>(run_process({"kill", "-TERM", std::to_string(server.pid())}));
  static_cast<void>(server.wait());
}

}  // namespace
}  // namespace signalbox::train::ramp
