// Any octets as an answer of Prometheus: series whose times rise, or refused with line and column.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/proto/prometheus_answer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto series = signalbox::proto::read_prometheus_answer({reinterpret_cast<const char*>(data), size});
  if (!series) {
    if (series.error().message.empty()) std::abort();
    return 0;
  }
  for (const auto& one : *series) {
    if (one.samples.empty()) std::abort();
    for (std::size_t i = 1; i < one.samples.size(); ++i) {
      if (one.samples[i].time <= one.samples[i - 1].time) std::abort();
    }
  }
  return 0;
}
