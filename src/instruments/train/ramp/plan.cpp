#include "instruments/train/ramp/plan.hpp"

#include <array>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::ramp {
namespace {

using config::Node;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kMaxInitialPercent = 5;
constexpr Duration kDefaultHold = std::chrono::minutes(15);

// A duration of the plan: its key, where it is kept, and its bounds.
struct Span {
  const char* key;       // in signalbox.yaml
  const char* json_key;  // in events
  Duration Plan::*member;
  Duration min, max;
};
constexpr std::array<Span, 8> kSpans = {{
    {"baseline", "baseline_before_ms", &Plan::baseline_before, milliseconds(1), hours(24 * 7)},
    {"announce", "announce_before_ms", &Plan::announce_before, milliseconds(1), hours(24 * 7)},
    {"incident_after", "incident_after_ms", &Plan::incident_after, seconds(1), hours(24)},
    {"smoke_every", "smoke_every_ms", &Plan::smoke_every, seconds(1), hours(1)},
    {"rollback_budget", "rollback_budget_ms", &Plan::rollback_budget, seconds(1), hours(1)},
    {"max_data_gap", "max_data_gap_ms", &Plan::max_data_gap, seconds(1), hours(1)},
    {"look_every", "look_every_ms", &Plan::look_every, seconds(1), hours(1)},
    {"lease", "lease_ms", &Plan::lease, seconds(2), hours(1)},
}};

std::vector<std::string> known_keys() {
  std::vector<std::string> out = {"initial", "hold", "steps", "metrics", "score"};
  for (const Span& span : kSpans) out.emplace_back(span.key);
  return out;
}

std::string bounds_of(const Span& span) {
  return fmt::format("{} lies between {} and {}", span.key, to_text(span.min), to_text(span.max));
}

Result<Duration> parse_hold(const Node& node) {
  SIGNALBOX_TRY(const Duration hold, node.duration());
  if (hold > kMaxHold) return node.wrong(fmt::format("a hold is at most {}", to_text(kMaxHold)));
  return hold;
}

Result<int> parse_percent(const Node& node, int min, int max) {
  SIGNALBOX_TRY(const std::int64_t percent, node.integer());
  if (percent < min || percent > max)
    return node.wrong(fmt::format("a weight between {} and {} per cent is expected here", min, max));
  return static_cast<int>(percent);
}

// `25`, or a map of weight and hold.
Result<WeightStep> parse_step(const Node& node, Duration hold, int above) {
  WeightStep step{0, hold};
  const Node weight = node.is_map() ? node["weight"] : node;
  if (node.is_map()) {
    SIGNALBOX_CHECK(node.only({"weight", "hold"}));
    if (node["hold"].exists()) {
      SIGNALBOX_TRY(step.hold, parse_hold(node["hold"]));
    }
  }
  SIGNALBOX_TRY(step.percent, parse_percent(weight, 1, 99));
  if (step.percent <= above)
    return weight.wrong(fmt::format("weights rise, and {} does not follow {}", step.percent, above));
  return step;
}

Status parse_weights(const Node& canary, Plan& plan) {
  Duration hold = kDefaultHold;
  if (canary["hold"].exists()) {
    SIGNALBOX_TRY(hold, parse_hold(canary["hold"]));
  }
  for (WeightStep& step : plan.weights) step.hold = hold;
  if (canary["initial"].exists()) {
    SIGNALBOX_TRY(plan.weights.front().percent, parse_percent(canary["initial"], 1, kMaxInitialPercent));
  }
  const Node steps = canary["steps"];
  if (!steps.exists()) return {};
  if (!steps.is_list()) return steps.wrong("a list of weights is expected here", "steps: [25, 50]");
  if (steps.items().size() >= kMaxWeights)
    return steps.wrong(fmt::format("a ramp has at most {} weights", kMaxWeights));
  plan.weights.resize(1);
  for (const Node& node : steps.items()) {
    SIGNALBOX_TRY(const WeightStep step, parse_step(node, hold, plan.weights.back().percent));
    plan.weights.push_back(step);
  }
  return {};
}

Result<Duration> duration_from(const Json& json, const char* key, Duration min, Duration max) {
  const Json* const value = json.find(key);
  if (value == nullptr || !value->is_integer())
    return fail(ErrorKind::bad_input, fmt::format("a plan without {}", key));
  const Duration duration(value->as_integer());
  if (duration < min || duration > max)
    return fail(ErrorKind::bad_input, fmt::format("{} is out of its bounds", key));
  return duration;
}

}  // namespace

Result<Plan> parse_plan(const Node& canary) {
  Plan plan;
  if (!canary.exists()) return plan;
  if (!canary.is_map()) return canary.wrong("a map is expected here", "canary: {initial: 5, hold: 15m}");
  SIGNALBOX_CHECK(canary.only(known_keys()));
  SIGNALBOX_CHECK(parse_weights(canary, plan));
  for (const Span& span : kSpans) {
    const Node node = canary[span.key];
    if (!node.exists()) continue;
    SIGNALBOX_TRY(plan.*span.member, node.duration());
    if (plan.*span.member < span.min || plan.*span.member > span.max) return node.wrong(bounds_of(span));
  }
  return plan;
}

Json to_json(const Plan& plan) {
  Json weights = Json::array();
  for (const WeightStep& step : plan.weights)
    weights.push_back(Json::object({{"weight", step.percent}, {"hold_ms", step.hold.count()}}));
  Json out = Json::object({{"weights", std::move(weights)}});
  for (const Span& span : kSpans) out.set(span.json_key, (plan.*span.member).count());
  return out;
}

Result<Plan> plan_from_json(const Json& json) {
  Plan plan;
  plan.weights.clear();
  const Json& weights = json["weights"];
  if (weights.items().empty() || weights.items().size() > kMaxWeights)
    return fail(ErrorKind::bad_input, "a plan without weights, or with too many");
  int above = 0;
  for (const Json& item : weights.items()) {
    const std::int64_t percent = item["weight"].as_integer();
    if (percent <= above || percent > 99) return fail(ErrorKind::bad_input, "weights that do not rise");
    SIGNALBOX_TRY(const Duration hold, duration_from(item, "hold_ms", milliseconds(1), kMaxHold));
    above = static_cast<int>(percent);
    plan.weights.push_back({above, hold});
  }
  for (const Span& span : kSpans) {
    SIGNALBOX_TRY(plan.*span.member, duration_from(json, span.json_key, span.min, span.max));
  }
  return plan;
}

}  // namespace signalbox::train::ramp
