// What the server counts, in Prometheus' text format
// (https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/base/clock.hpp"
#include "core/http/route.hpp"

namespace signalbox::serve {

// A value read when /metrics is asked for.
struct Gauge {
  std::string name;  // "signalbox_ledger_entries"
  std::string help;
  double value = 0;
  bool is_counter = false;
};

// Thread-safe, and quick enough for the server's own thread.
class Metrics {
 public:
  // `areas`: the names of instruments; requests to others are counted as "other".
  Metrics(Time started, std::vector<std::string> areas);
  void on_answer(const http::Request& request, const http::Response& response, std::chrono::nanoseconds took);
  std::string render(const std::vector<Gauge>& more) const;

  // The label of a path: an instrument's name, "server", "console" or "other". Never what a client chose.
  std::string area_of(std::string_view path) const;

 private:
  // Upper bounds of the buckets of durations.
  static constexpr std::array<double, 11> kBounds_s = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                       0.01,   0.05,    0.25,   1,     5};
  struct Histogram {
    std::array<std::uint64_t, kBounds_s.size() + 1> counts{};  // the last: above all bounds
    double sum_s = 0;
  };
  using Labels = std::tuple<std::string, std::string, int>;  // area, method, status

  Time started_;
  std::set<std::string, std::less<>> areas_;
  mutable std::mutex mutex_;
  std::map<Labels, std::uint64_t> requests_;
  std::map<std::string, Histogram> durations_;  // by area
};

// Processor time, memory and open files of this process, under the names that every Prometheus client uses.
std::vector<Gauge> process_gauges();

}  // namespace signalbox::serve
