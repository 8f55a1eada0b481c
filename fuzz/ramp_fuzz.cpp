// Any octets as what the ramp reads: a weight file, a driver's answer, a Rollout, a plan, a configuration.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/train/ramp/drivers/drivers.hpp"
#include "instruments/train/ramp/drivers/rollout.hpp"
#include "instruments/train/ramp/drivers/weight_file.hpp"
#include "instruments/train/ramp/settings.hpp"

namespace ramp = signalbox::train::ramp;

namespace {

void weight_file(std::string_view text) {
  const auto file = ramp::read_weight_file(text);
  if (!file) return;
  if (file->weight < 0 || file->weight > 99 || file->live < 0 || file->live > 1) std::abort();
  ramp::WeightFileSettings settings;
  settings.upstream = "shop";
  settings.pools = {{"blue", {"a:1"}}, {"green", {"b:1", "c:1"}}};
  settings.status = "127.0.0.1:9191";
  // What is written is read back as it was, whatever labels came from outside.
  const auto again = ramp::read_weight_file(ramp::write_weight_file(*file, settings));
  if (!again || !(*again == *file)) std::abort();
}

void answers(std::string_view text) {
  const auto seen = ramp::read_observation(text);
  if (seen && seen->weight && (*seen->weight < 0 || *seen->weight > 100)) std::abort();
  const auto json = signalbox::parse_json(text);
  if (!json) return;
  if (const auto plan = ramp::plan_from_json(*json)) {
    const auto again = ramp::plan_from_json(ramp::to_json(*plan));
    if (!again || !(*again == *plan)) std::abort();
  }
  ramp::KubernetesSettings settings;
  settings.container = "app";
  settings.image = "registry/shop:{version}";
  const auto rollout = ramp::read_rollout(*json, settings);
  if (!rollout) return;
  ramp::StepOrder order;
  order.candidate = "v1.3.0";
  order.attempt = "7";
  order.step = "7.1";
  const ramp::Observation observation = ramp::observation_of(*rollout, settings, order);
  if (observation.weight && (*observation.weight < 0 || *observation.weight > 100)) std::abort();
  if (!ramp::patch_of(*rollout, settings, order, "set_weight").is_object()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  weight_file(text);
  answers(text);
  const auto node = signalbox::config::parse_yaml(text, "f");
  if (!node) return 0;
  const auto settings = ramp::parse_settings(*node);
  if (!settings && !settings.error().message.starts_with("f:")) std::abort();
  if (settings && (settings->plan.weights.empty() || settings->plan.weights.back().percent > 99))
    std::abort();
  return 0;
}
