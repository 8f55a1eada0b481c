#include <fmt/core.h>

#include "core/http/client.hpp"
#include "instruments/train/judges/prometheus_source.hpp"

namespace signalbox::train::judges {
namespace {

Status duration_between(const config::Node& node, Duration low, Duration high, Duration& into) {
  if (!node.exists()) return {};
  SIGNALBOX_TRY(into, node.duration());
  if (into < low || into > high) {
    return node.wrong(fmt::format("{} is not between {} and {}", to_text(into), to_text(low), to_text(high)));
  }
  return {};
}

}  // namespace

Result<PrometheusSettings> parse_prometheus(const config::Node& metrics) {
  using std::chrono::minutes;
  PrometheusSettings out;
  SIGNALBOX_CHECK(metrics.only(
      {"prometheus", "baseline", "canary", "resolution", "delay", "timeout", "token_env", "ca_file"}));
  SIGNALBOX_TRY(out.url, metrics["prometheus"].text());
  if (const auto address = http::parse_address(out.url); !address) {
    return metrics["prometheus"].wrong(address.error().message, "as in http://127.0.0.1:9090");
  }
  while (out.url.ends_with('/')) out.url.pop_back();
  SIGNALBOX_TRY(out.baseline, metrics["baseline"].text());
  SIGNALBOX_TRY(out.canary, metrics["canary"].text());
  if (out.baseline == out.canary) {
    return metrics["canary"].wrong(
        "baseline and canary have the same label matchers: nothing tells them apart");
  }
  SIGNALBOX_CHECK(
      duration_between(metrics["resolution"], std::chrono::seconds(1), minutes(2), out.resolution));
  SIGNALBOX_CHECK(duration_between(metrics["delay"], std::chrono::seconds(1), minutes(1), out.delay));
  SIGNALBOX_CHECK(duration_between(metrics["timeout"], std::chrono::seconds(1), minutes(1), out.timeout));
  if (const config::Node node = metrics["token_env"]; node.exists()) {
    SIGNALBOX_TRY(out.token_env, node.text());
  }
  if (const config::Node node = metrics["ca_file"]; node.exists()) {
    SIGNALBOX_TRY(out.ca_file, node.text());
  }
  return out;
}

}  // namespace signalbox::train::judges
