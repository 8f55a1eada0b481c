// An Argo Rollout as the API of Kubernetes shows it (argoproj.io/v1alpha1), and the merge patches (RFC 7396)
// that move it. Pure: JSON in, JSON out.
#pragma once

#include "core/base/json.hpp"
#include "instruments/train/ramp/driver.hpp"
#include "instruments/train/ramp/driver_settings.hpp"

namespace signalbox::train::ramp {

// The members of a Rollout that a ramp reads and writes.
struct Rollout {
  std::string resource_version;        // the API refuses a patch that names an older one
  std::string step, action;            // annotations signalbox.dev/step and /action, of the last order
  std::optional<std::uint64_t> token;  // annotation signalbox.dev/token
  Json containers;                     // of the pod template, as they are
  std::string image;                   // of the container that the settings name
  std::int64_t generation = 0;
  std::string observed_generation;    // Argo writes it as text
  std::string pod_hash, stable_hash;  // equal: everything runs the newest template
  bool is_aborted = false;
  std::optional<int> canary_weight;  // where Argo routes traffic: status.canary.weights
  std::optional<int> wanted_weight;  // of the first step of its strategy
  std::int64_t step_index = 0;       // of its strategy; 1: the first step, our setWeight, is done
};

// bad_input where it is no Rollout, or has no container of that name.
Result<Rollout> read_rollout(const Json& json, const KubernetesSettings& settings);
std::string image_of(const KubernetesSettings& settings, const std::string& tag);

// What the Rollout means for an order: an older Argo that gives no weights is read from its steps.
Observation observation_of(const Rollout& rollout, const KubernetesSettings& settings,
                           const StepOrder& order);

// The patch of the Rollout itself: annotations, and for a weight the image and the strategy's steps. It names
// the version that was read, so that two controllers cannot both apply theirs.
Json patch_of(const Rollout& rollout, const KubernetesSettings& settings, const StepOrder& order,
              std::string_view action);

}  // namespace signalbox::train::ramp
