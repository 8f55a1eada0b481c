// Answers of Prometheus' HTTP API, version 1, to instant and range queries.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace signalbox::proto {

inline constexpr std::size_t kMaxPrometheusBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxPrometheusSamples = 5'000'000;

struct PrometheusSample {
  Time time;
  double value = 0;  // may be NaN or infinite
};

struct PrometheusSeries {
  std::map<std::string, std::string, std::less<>> labels;  // "__name__" among them, where it has one
  std::vector<PrometheusSample> samples;                   // oldest first, no time twice
};

// A vector or a scalar becomes series of one sample; a series without samples is left out, as is a
// histogram's native form. An answer that says "error": bad_input where the query is wrong, else unavailable.
// Any other text: bad_input with line and column.
Result<std::vector<PrometheusSeries>> read_prometheus_answer(std::string_view octets);

}  // namespace signalbox::proto
