// Metrics of a canary from a Prometheus server, or from what speaks its query API (Thanos, Mimir).
#pragma once

#include <memory>
#include <string>

#include "core/config/config.hpp"
#include "instruments/train/judges/metrics_source.hpp"

namespace signalbox::train::judges {

// Section `train.metrics`.
struct PrometheusSettings {
  std::string url;       // "http://127.0.0.1:9090", with the path in front of /api/v1 where it has one
  std::string baseline;  // label matchers that stand for `$side`: "track=\"stable\""
  std::string canary;    // in both `$candidate` and `$baseline` stand for the two versions
  Duration resolution =
      std::chrono::seconds(15);              // the scrape interval: looks closer together see nothing new
  Duration delay = std::chrono::seconds(2);  // how long after its time a sample may come to be seen
  Duration timeout = std::chrono::seconds(10);
  std::string token_env;  // environment variable with a bearer token; empty: none is sent
  std::string ca_file;    // empty: the system's authorities
};

// bad_input with file:line:column.
Result<PrometheusSettings> parse_prometheus(const config::Node& metrics);

// What departs and what it is compared with: "v1.3.0", "v1.2.0".
struct Versions {
  std::string candidate;
  std::string baseline;
};

// Counts are made from raw samples, up to `delay` before a window's end. Values are asked for at every
// multiple of the resolution, and an expression must give one series.
std::unique_ptr<MetricsSource> make_prometheus_source(PrometheusSettings settings, const Versions& versions);

}  // namespace signalbox::train::judges
