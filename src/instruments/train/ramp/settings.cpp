#include "instruments/train/ramp/settings.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace signalbox::train::ramp {
namespace {

using config::Node;

constexpr int kLeasePerTimeout = 2;

Result<std::optional<Rehearsal>> parse_rehearsal(const Node& node) {
  if (!node.exists()) return std::optional<Rehearsal>();
  SIGNALBOX_CHECK(node.only({"environment", "driver", "hooks", "data_checks"}));
  Rehearsal out;
  SIGNALBOX_TRY(out.environment, node["environment"].text());
  SIGNALBOX_TRY(out.driver, parse_driver(node));
  SIGNALBOX_TRY(out.data_checks, parse_commands(node["data_checks"]));
  return std::optional(std::move(out));
}

// A call may take its whole time limit, and the lease is renewed when half of it is left: were it shorter,
// another controller would take over in the middle of a call.
Status check_lease(const Node& train, const Settings& settings) {
  Duration longest = std::max(settings.driver.timeout, settings.hooks.timeout);
  if (settings.prometheus) longest = std::max(longest, settings.prometheus->timeout);
  if (settings.plan.lease >= longest * kLeasePerTimeout) return {};
  return train["canary"]["lease"].wrong(
      fmt::format("a lease of {} is too short: a call may take {}, and twice that is needed",
                  to_text(settings.plan.lease), to_text(longest)),
      "raise canary.lease, or lower the timeout of driver, hooks and metrics");
}

}  // namespace

Result<Settings> parse_settings(const config::Node& train) {
  Settings out;
  SIGNALBOX_TRY(out.plan, parse_plan(train["canary"]));
  SIGNALBOX_TRY(out.driver, parse_driver(train));
  SIGNALBOX_TRY(out.hooks, parse_hooks(train));
  SIGNALBOX_TRY(out.metrics, judges::parse_metrics(train["canary"]["metrics"]));
  SIGNALBOX_TRY(out.score, judges::parse_score(train["canary"]["score"]));
  if (const Node metrics = train["metrics"]; metrics.exists()) {
    SIGNALBOX_TRY(out.prometheus, judges::parse_prometheus(metrics));
  } else if (!out.metrics.empty()) {
    return train["canary"]["metrics"].wrong(
        "metrics need a source: `metrics` of section `train` is missing",
        "metrics: {prometheus: \"http://127.0.0.1:9090\", baseline: …, canary: …}");
  }
  SIGNALBOX_TRY(out.rehearsal, parse_rehearsal(train["rehearsal"]));
  SIGNALBOX_CHECK(check_lease(train, out));
  if (const config::Node tag = train["tag"]; tag.exists()) {
    SIGNALBOX_TRY(const bool wanted, tag.boolean());
    if (wanted) out.tag = Settings::Tag::on_departure;
  }
  return out;
}

}  // namespace signalbox::train::ramp
