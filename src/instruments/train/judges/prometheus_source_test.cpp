// A real Prometheus answers: over blocks that promtool made of known samples, and scraping an exporter.
#include "instruments/train/judges/prometheus_source.hpp"

#include <cmath>
#include <memory>
#include <thread>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "instruments/train/judges/prometheus_fixture.hpp"

namespace signalbox::train::judges {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Time kStart{std::chrono::hours(490'000)};  // 2025-11-24T16:00:00Z

CanaryMetric errors() {
  return {"errors", CountQuery{"http_requests_total{$side}", "http_requests_total{$side,code=~\"5..\"}"},
          SequentialRule{}};
}

CanaryMetric latency(std::optional<double> slow_above = std::nullopt) {
  LatencyQuery query{"http_request_duration_seconds_bucket{$side}"};
  query.slow_above = slow_above;
  return {"latency", query, SequentialRule{}};
}

CanaryMetric value(std::string expression) {
  return {"memory", ValueQuery{std::move(expression)}, KayentaRule{}};
}

PrometheusSettings settings_for(const std::string& url) {
  PrometheusSettings out;
  out.url = url;
  out.baseline = R"(version="$baseline")";
  out.canary = R"(version="$candidate")";
  out.resolution = seconds(15);
  out.delay = seconds(1);
  return out;
}

// One Prometheus for all tests of known samples: a scrape every 15 s from 10 minutes before kStart to 5
// after.
class PrometheusBlocks : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!has_prometheus()) return;
    folder_ = std::make_unique<TemporaryDirectory>();
    ASSERT_NO_FATAL_FAILURE(make_blocks(folder_->path(), samples()));
    server_ = std::make_unique<PrometheusServer>(folder_->path());
    ASSERT_FALSE(server_->url().empty());
  }
  static void TearDownTestSuite() {
    server_.reset();
    folder_.reset();
  }
  void SetUp() override {
    if (!has_prometheus()) GTEST_SKIP() << "no prometheus: apt-get install prometheus";
    source_ = make_prometheus_source(settings_for(server_->url()), {"v2", "v1"});
  }

  // The window from `start` to `end` seconds after kStart, as the source sees it with its delay of a second.
  static Window window(int start, int end) {
    return {kStart + seconds(start + 1), kStart + seconds(end + 1)};
  }
  Observation see(const CanaryMetric& metric, int start, int end) {
    return source_->observe(metric, window(start, end));
  }
  static std::string why_of(const Observation& observation) {
    const auto* nothing = std::get_if<NoData>(&observation.seen);
    return nothing == nullptr ? "" : nothing->why;
  }

  static std::string samples() {
    std::string out = "# TYPE http_requests counter\n";
    const auto line = [&](const std::string& name, const std::string& labels, double number, int second) {
      const auto time_s = kStart.time_since_epoch().count() / 1000 + second;
      out += fmt::format("{}{{job=\"web\",{}}} {} {}\n", name, labels, number, time_s);
    };
    const auto every_scrape = [](int from, const auto& make) {
      for (int second = from; second <= 300; second += 15) make(second);
    };
    // Baseline: 10 requests a second, an error a minute. Canary: from kStart on, 1 a second; it restarts at
    // 150, and its first error is at 90.
    every_scrape(-600, [&](int s) {
      line("http_requests_total", "instance=\"a\",version=\"v1\",code=\"200\"", (s + 600) * 10, s);
    });
    every_scrape(-600, [&](int s) {
      line("http_requests_total", "instance=\"a\",version=\"v1\",code=\"500\"", (s + 600) / 60, s);
    });
    every_scrape(-15, [&](int s) {
      line("http_requests_total", "instance=\"b\",version=\"v2\",code=\"200\"",
           s < 150 ? s + 15 : s - 150 + 7, s);
    });
    every_scrape(90, [&](int s) {
      line("http_requests_total", "instance=\"b\",version=\"v2\",code=\"503\"", s < 120 ? 1 : 2, s);
    });
    out += "# TYPE http_request_duration_seconds histogram\n";
    for (const auto& [le, part] : {std::pair{"0.1", 0.90}, {"0.25", 0.97}, {"1.0", 0.99}, {"+Inf", 1.0}}) {
      every_scrape(-600, [&, bound = le, share = part](int s) {
        line("http_request_duration_seconds_bucket",
             fmt::format("instance=\"a\",version=\"v1\",le=\"{}\"", bound), (s + 600) * 100 * share, s);
      });
    }
    for (const auto& [le, part] : {std::pair{"0.1", 0.5}, {"0.25", 0.6}, {"1.0", 0.99}, {"+Inf", 1.0}}) {
      every_scrape(-15, [&, bound = le, share = part](int s) {
        line("http_request_duration_seconds_bucket",
             fmt::format("instance=\"b\",version=\"v2\",le=\"{}\"", bound), (s + 15) * 100 * share, s);
      });
    }
    out += "# TYPE memory gauge\n";
    every_scrape(-600, [&](int s) { line("memory", "instance=\"a\",version=\"v1\"", 100 + s, s); });
    every_scrape(-15, [&](int s) {
      line("memory", "instance=\"b\",version=\"v2\"", s == 60 ? std::nan("") : 200 + s, s);
    });
    return out + "# EOF\n";
  }

  static std::unique_ptr<TemporaryDirectory> folder_;
  static std::unique_ptr<PrometheusServer> server_;
  std::unique_ptr<MetricsSource> source_;
};
std::unique_ptr<TemporaryDirectory> PrometheusBlocks::folder_;
std::unique_ptr<PrometheusServer> PrometheusBlocks::server_;

TEST_F(PrometheusBlocks, CountsAreExactAndWholeAndAddUp) {
  const auto whole = std::get<CountPair>(see(errors(), 0, 60).seen);
  EXPECT_EQ(whole.baseline.requests, 601);
  EXPECT_EQ(whole.baseline.bad, 1);
  EXPECT_EQ(whole.canary.requests, 60);
  EXPECT_EQ(whole.canary.bad, 0);
  double requests = 0;
  for (int start = 0; start < 60; start += 15) {
    requests += std::get<CountPair>(see(errors(), start, start + 15).seen).baseline.requests;
  }
  EXPECT_EQ(requests, 601);
}

TEST_F(PrometheusBlocks, TheFirstErrorAndARestartAreCounted) {
  const auto first = std::get<CountPair>(see(errors(), 75, 90).seen);
  EXPECT_EQ(first.canary.bad, 1);
  EXPECT_EQ(first.canary.requests, 16);
  const auto restart = std::get<CountPair>(see(errors(), 135, 165).seen);
  EXPECT_EQ(restart.canary.requests, 7 + 15);
  EXPECT_EQ(restart.canary.bad, 0);
}

TEST_F(PrometheusBlocks, AMisspeltCounterOfBadRequestsIsNoData) {
  CanaryMetric metric = errors();
  auto& query = std::get<CountQuery>(metric.query);
  query.bad = "http_requests_total{$side,cod=~\"5..\"}";
  EXPECT_EQ(why_of(see(metric, 0, 60)).find("no counter matches `bad` on either side"), 0U);
  query.absent = CountQuery::Absent::zero;
  EXPECT_EQ(std::get<CountPair>(see(metric, 0, 60).seen).baseline.bad, 0);
  // One side alone without errors is a good side.
  EXPECT_EQ(std::get<CountPair>(see(errors(), 0, 60).seen).canary.bad, 0);
}

TEST_F(PrometheusBlocks, ALimitOnTheCanarysOwnValueNeedsNoBaseline) {
  PrometheusSettings settings = settings_for(server_->url());
  settings.baseline = "version=\"v0\"";  // all traffic has left it
  const auto alone = make_prometheus_source(settings, {"v2", "v1"});
  CanaryMetric metric = errors();
  EXPECT_EQ(why_of(alone->observe(metric, window(75, 90))), "baseline: no new samples of its requests");
  metric.rule = ThresholdRule{};
  EXPECT_EQ(std::get<CountPair>(alone->observe(metric, window(75, 90)).seen).canary.bad, 1);
  CanaryMetric memory = value("memory{$side}");
  memory.rule = ThresholdRule{};
  EXPECT_EQ(std::get<SamplePair>(alone->observe(memory, window(0, 15)).seen).canary,
            std::vector<double>{215});
}

TEST_F(PrometheusBlocks, AWindowBetweenTwoScrapesHasNoDataAndLosesNothing) {
  EXPECT_EQ(why_of(see(errors(), 1, 14)), "baseline: no new samples of its requests");
  EXPECT_EQ(std::get<CountPair>(see(errors(), 14, 15).seen).canary.requests, 15);
}

TEST_F(PrometheusBlocks, BeforeTheCanaryStartedThereIsNoData) {
  EXPECT_EQ(why_of(see(errors(), -120, -60)), "canary: no new samples of its requests");
}

TEST_F(PrometheusBlocks, SlowBeginsAtABoundOfTheHistogram) {
  const auto bound = source_->slow_above(latency(), window(-300, 0));
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_EQ(*bound, 0.25);  // 90 % lie below 0.1, 97 % below 0.25
  const auto counts = std::get<CountPair>(see(latency(*bound), 0, 60).seen);
  EXPECT_EQ(counts.baseline.requests, 6'000);
  EXPECT_EQ(counts.baseline.bad, 180);
  EXPECT_EQ(counts.canary.requests, 6'000);
  EXPECT_EQ(counts.canary.bad, 2'400);
}

TEST_F(PrometheusBlocks, SlowThatCannotBeFoundIsSaid) {
  CanaryMetric strict = latency();
  std::get<LatencyQuery>(strict.query).quantile = 0.999;
  EXPECT_EQ(source_->slow_above(strict, window(-300, 0)).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(source_->slow_above(latency(), window(-9'000, -8'000)).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(source_->slow_above(errors(), window(-300, 0)).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(why_of(see(latency(), 0, 60)), "baseline: where slow begins was not measured");
  EXPECT_EQ(why_of(see(latency(0.3), 0, 60)), "baseline: the histogram has no bucket le=0.3");
}

TEST_F(PrometheusBlocks, ValuesComeAtEveryMultipleOfTheResolution) {
  const auto samples = std::get<SamplePair>(see(value("memory{$side}"), 0, 60).seen);
  EXPECT_EQ(samples.baseline, (std::vector<double>{115, 130, 145, 160}));
  ASSERT_EQ(samples.canary.size(), 4U);
  EXPECT_EQ(samples.canary[2], 245);
  EXPECT_TRUE(std::isnan(samples.canary[3]));
  EXPECT_EQ(std::get<SamplePair>(see(value("sum(memory{$side})"), 0, 15).seen).canary,
            std::vector<double>{215});
  EXPECT_EQ(why_of(see(value("memory{$side}"), 1, 14)), "no sample is due yet");
}

TEST_F(PrometheusBlocks, WhatTheServerRefusesIsSaidInItsWords) {
  EXPECT_EQ(why_of(see(value("memory{$side} +"), 0, 60))
                .find("baseline: Prometheus answers with status 400: Prometheus "
                      "refuses the query (bad_data):"),
            0U);
  EXPECT_NE(why_of(see(value("{job=\"web\",$side}"), 0, 60)).find("it must give one, by sum() or avg()"),
            std::string::npos);
}

TEST_F(PrometheusBlocks, TheVersionsStandInTheMatchers) {
  const auto other =
      make_prometheus_source(settings_for(server_->url()), {"v2\"} or memory{version=\"v1", "v1"});
  EXPECT_EQ(why_of(other->observe(errors(), window(0, 60))), "canary: no new samples of its requests");
}

TEST(PrometheusAway, IsNoData) {
  PrometheusSettings settings = settings_for(fmt::format("http://127.0.0.1:{}", free_port()));
  settings.timeout = seconds(1);
  const auto source = make_prometheus_source(settings, {"v2", "v1"});
  const Observation seen = source->observe(errors(), {kStart, kStart + seconds(15)});
  ASSERT_TRUE(std::holds_alternative<NoData>(seen.seen));
  EXPECT_NE(std::get<NoData>(seen.seen).why.find("nobody answers there"), std::string::npos)
      << std::get<NoData>(seen.seen).why;
  EXPECT_EQ(source->slow_above(latency(), {kStart, kStart + seconds(15)}).error().kind,
            ErrorKind::unavailable);
  settings.token_env = "SIGNALBOX_TEST_NO_SUCH_TOKEN";
  const Observation without = make_prometheus_source(settings, {"v2", "v1"})->observe(errors(), seen.window);
  EXPECT_EQ(std::get<NoData>(without.seen).why, "baseline: SIGNALBOX_TEST_NO_SUCH_TOKEN is not set");
}

// Scraped as it happens: what a counter rose by is seen, to the last request, once it was scraped.
TEST(PrometheusScraping, SeesWhatAnExporterCounts) {
  if (!has_prometheus()) GTEST_SKIP() << "no prometheus: apt-get install prometheus";
  const TemporaryDirectory folder;
  const auto write = [&](int baseline, int canary, int bad) {
    const auto text = [](const char* version, int requests, int errors) {
      return fmt::format("http_requests_total{{version=\"{}\",code=\"200\"}} {}\n", version, requests) +
             (errors > 0
                  ? fmt::format("http_requests_total{{version=\"{}\",code=\"500\"}} {}\n", version, errors)
                  : "");
    };
    EXPECT_TRUE(
        write_file_atomically(folder.path() / "metrics", text("v1", baseline, 0) + text("v2", canary, bad)));
  };
  write(1'000, 50, 0);
  Process exporter =
      Process::start(
          {"python3",
           (testing::source_directory() / "src/instruments/train/judges/testdata/exporter.py").string(),
           folder.path().string()})
          .value();
  const std::string port(trim(exporter.read().value()));
  const PrometheusServer server(folder.path(),
                                fmt::format("global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}\n"
                                            "scrape_configs:\n- job_name: web\n  static_configs:\n"
                                            "  - targets: ['127.0.0.1:{}']\n",
                                            port));
  ASSERT_FALSE(server.url().empty());
  const auto source = make_prometheus_source(settings_for(server.url()), {"v2", "v1"});
  const SystemClock clock;
  CanaryMetric metric = errors();
  std::get<CountQuery>(metric.query).absent = CountQuery::Absent::zero;
  // Until the exporter was scraped twice: then something is measured, and nothing rose.
  Time start = clock.now();
  Observation seen;
  for (int i = 0; i < 100; ++i) {
    std::this_thread::sleep_for(milliseconds(100));
    seen = source->observe(metric, {start, clock.now()});
    if (std::holds_alternative<CountPair>(seen.seen)) break;
  }
  ASSERT_TRUE(std::holds_alternative<CountPair>(seen.seen)) << std::get<NoData>(seen.seen).why;
  std::this_thread::sleep_for(milliseconds(1'200));
  start = clock.now();
  write(1'400, 70, 2);
  CountPair counts;
  for (int i = 0; i < 100 && counts.canary.requests == 0; ++i) {
    std::this_thread::sleep_for(milliseconds(100));
    seen = source->observe(metric, {start, clock.now()});
    if (const auto* pair = std::get_if<CountPair>(&seen.seen)) counts = *pair;
  }
  EXPECT_EQ(counts.baseline.requests, 400);
  EXPECT_EQ(counts.canary.requests, 22);
  EXPECT_EQ(counts.canary.bad, 2);
}

TEST(PrometheusSettings, AreReadWithTheirPlaces) {
  const auto parsed = [](std::string_view yaml) {
    return parse_prometheus(config::parse_yaml(yaml, "t.yaml").value()["metrics"]);
  };
  const auto settings = parsed(R"(metrics:
  prometheus: http://127.0.0.1:9090/
  baseline: track="stable"
  canary: version="$candidate"
  resolution: 5s
  token_env: TOKEN
)");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->url, "http://127.0.0.1:9090");
  EXPECT_EQ(settings->resolution, seconds(5));
  EXPECT_EQ(settings->token_env, "TOKEN");
  for (const char* bad :
       {"metrics: {baseline: a, canary: b}\n", "metrics: {prometheus: 'ftp://x', baseline: a, canary: b}\n",
        "metrics: {prometheus: 'http://x', baseline: a, canary: a}\n",
        "metrics: {prometheus: 'http://x', baseline: a, canary: b, resolution: 1h}\n",
        "metrics: {prometheus: 'http://x', baseline: a, canary: b, graphite: c}\n"}) {
    const auto refused = parsed(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().message.substr(0, 9), "t.yaml:1:") << refused.error().message;
  }
}

}  // namespace
}  // namespace signalbox::train::judges
