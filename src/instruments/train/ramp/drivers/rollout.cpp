#include "instruments/train/ramp/drivers/rollout.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::ramp {
namespace {

constexpr const char* kStepKey = "signalbox.dev/step";
constexpr const char* kActionKey = "signalbox.dev/action";
constexpr const char* kTokenKey = "signalbox.dev/token";

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

std::optional<int> percent(const Json& value) {
  if (!value.is_integer() || value.as_integer() < 0 || value.as_integer() > 100) return std::nullopt;
  return static_cast<int>(value.as_integer());
}

// The containers of the template with another image for one of them. A merge patch replaces a list whole.
Json with_image(const Json& containers, const std::string& name, const std::string& image) {
  Json out = Json::array();
  for (Json container : containers.items()) {
    if (container["name"].as_string() == name) container.set("image", image);
    out.push_back(std::move(container));
  }
  return out;
}

Json template_with(Json containers) {
  return Json::object({{"spec", Json::object({{"containers", std::move(containers)}})}});
}

// One step of a strategy that sends so much to the candidate and waits to be told more.
Json strategy_of(int weight) {
  Json steps = Json::array();
  steps.push_back(Json::object({{"setWeight", weight}}));
  steps.push_back(Json::object({{"pause", Json::object()}}));
  return Json::object({{"canary", Json::object({{"steps", std::move(steps)}})}});
}

}  // namespace

Result<Rollout> read_rollout(const Json& json, const KubernetesSettings& settings) {
  if (json["kind"].as_string() != "Rollout" || !json["spec"].is_object())
    return fail(ErrorKind::bad_input, "the API answers with something that is no Rollout");
  const Json& metadata = json["metadata"];
  const Json& status = json["status"];
  Rollout out;
  out.resource_version = metadata["resourceVersion"].as_string();
  out.generation = metadata["generation"].as_integer();
  const Json& annotations = metadata["annotations"];
  out.step = annotations[kStepKey].as_string();
  out.action = annotations[kActionKey].as_string();
  if (const auto token = parse_integer(annotations[kTokenKey].as_string()); token && *token >= 0)
    out.token = static_cast<std::uint64_t>(*token);
  out.containers = json["spec"]["template"]["spec"]["containers"];
  bool found = false;
  for (const Json& container : out.containers.items()) {
    if (container["name"].as_string() != settings.container) continue;
    out.image = container["image"].as_string();
    found = true;
  }
  if (!found)
    return fail(ErrorKind::bad_input,
                fmt::format("the Rollout {} has no container {}", settings.rollout, settings.container));
  out.observed_generation = status["observedGeneration"].as_string();
  out.pod_hash = status["currentPodHash"].as_string();
  out.stable_hash = status["stableRS"].as_string();
  out.is_aborted = status["abort"].as_bool();
  out.step_index = status["currentStepIndex"].as_integer();
  out.canary_weight = percent(status["canary"]["weights"]["canary"]["weight"]);
  const Json::Array& steps = json["spec"]["strategy"]["canary"]["steps"].items();
  if (!steps.empty()) out.wanted_weight = percent(steps.front()["setWeight"]);
  return out;
}

std::string image_of(const KubernetesSettings& settings, const std::string& tag) {
  const std::string version = tag.starts_with('v') ? tag.substr(1) : tag;
  return replaced(replaced(settings.image, "{version}", version), "{tag}", tag);
}

Observation observation_of(const Rollout& rollout, const KubernetesSettings& settings,
                           const StepOrder& order) {
  Observation out;
  out.step = rollout.step;
  out.token = rollout.token;
  const bool runs_candidate = rollout.image == image_of(settings, order.candidate);
  const bool is_seen = rollout.observed_generation == std::to_string(rollout.generation);
  if (!is_seen) return out;  // Argo has not looked at the newest order yet
  const bool is_settled = rollout.pod_hash == rollout.stable_hash;
  if (!runs_candidate) {
    // Going back: what the baseline does not have yet, the candidate still has.
    if (is_settled)
      out.weight = 0;
    else if (rollout.canary_weight)
      out.weight = 100 - *rollout.canary_weight;
  } else if (rollout.is_aborted) {
    out.weight = rollout.canary_weight.value_or(0);
  } else if (is_settled && !rollout.pod_hash.empty()) {
    out.weight = 100;
    out.promoted = true;
  } else if (rollout.canary_weight) {
    out.weight = rollout.canary_weight;
  } else if (rollout.step_index >= 1) {
    out.weight = rollout.wanted_weight;
  }
  return out;
}

Json patch_of(const Rollout& rollout, const KubernetesSettings& settings, const StepOrder& order,
              std::string_view action) {
  const Json annotations =
      Json::object({{kStepKey, order.step}, {kActionKey, action}, {kTokenKey, std::to_string(order.token)}});
  Json patch = Json::object({{"metadata", Json::object({{"resourceVersion", rollout.resource_version},
                                                        {"annotations", annotations}})}});
  if (action == "set_weight") {
    patch.set("spec",
              Json::object({{"template", template_with(with_image(rollout.containers, settings.container,
                                                                  image_of(settings, order.candidate)))},
                            {"strategy", strategy_of(order.weight)}}));
  } else if (action == "revert" && !order.baseline.empty()) {
    patch.set("spec",
              Json::object({{"template", template_with(with_image(rollout.containers, settings.container,
                                                                  image_of(settings, order.baseline)))}}));
  }
  return patch;
}

}  // namespace signalbox::train::ramp
