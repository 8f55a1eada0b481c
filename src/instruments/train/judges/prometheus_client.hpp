// Queries to a Prometheus server.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/proto/prometheus_answer.hpp"
#include "instruments/train/judges/prometheus_source.hpp"

namespace signalbox::train::judges {

// Calls block up to `end`, of a monotonic clock. Errors: bad_input where the query is wrong or the answer
// cannot be read, unavailable where the server is away or cannot answer now.
class PrometheusClient {
 public:
  using Answer = Result<std::vector<proto::PrometheusSeries>>;
  using End = std::chrono::steady_clock::time_point;
  explicit PrometheusClient(PrometheusSettings settings) : settings_(std::move(settings)) {}

  Answer query(const std::string& expression, Time time, End end) const;
  // At `first` and every `step` after it, up to `last`.
  Answer query_range(const std::string& expression, Time first, Time last, Duration step, End end) const;

 private:
  Answer get(const std::string& path_and_query, End end) const;

  PrometheusSettings settings_;
};

}  // namespace signalbox::train::judges
