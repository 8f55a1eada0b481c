// The drivers, and what they are given of the outside world.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/process.hpp"
#include "core/gates/allow.hpp"
#include "instruments/train/ramp/driver.hpp"
#include "instruments/train/ramp/driver_settings.hpp"

namespace signalbox::train::ramp {

// Runs a program of the configuration, or refuses (denied) where the configuration is not allowed here.
using RunProgram = std::function<Result<ProcessResult>(const Words& words, ProcessOptions options)>;

// Through `signalbox allow`, in the configuration's folder. Without a configuration everything is refused.
RunProgram run_where_allowed(const std::optional<gates::Configuration>& configuration);

// Not a call goes out before the configuration is allowed: a webhook and the API of Kubernetes are somebody's
// words too.
using IsAllowed = std::function<Status()>;
IsAllowed allowance_of(const std::optional<gates::Configuration>& configuration);

std::unique_ptr<Driver> make_noop_driver();
std::unique_ptr<Driver> make_command_driver(CommandSettings settings, Duration timeout, RunProgram run);
std::unique_ptr<Driver> make_webhook_driver(WebhookSettings settings, Duration timeout, IsAllowed is_allowed);
std::unique_ptr<Driver> make_weight_file_driver(WeightFileSettings settings, Duration timeout, RunProgram run,
                                                IsAllowed is_allowed);
std::unique_ptr<Driver> make_kubernetes_driver(KubernetesSettings settings, Duration timeout,
                                               IsAllowed is_allowed);

// The one that the settings name.
std::unique_ptr<Driver> make_driver(const DriverSettings& settings,
                                    const std::optional<gates::Configuration>& configuration);

// Writes the weight file of a service that has had no ramp yet, so that the server's configuration can
// include it; leaves one that is there alone. bad_input for drivers without a file.
Status write_first_file(const DriverSettings& settings);

// What every hook is told, as variables: SIGNALBOX_TRAIN, _ATTEMPT, _STEP, _TOKEN, _ACTION, _WEIGHT,
// _VERSION, _BASELINE, _COMMIT.
std::vector<std::pair<std::string, std::string>> hook_environment(const StepOrder& order,
                                                                  std::string_view action);
// The same as JSON, for a hook's standard input and for webhooks.
Json hook_document(const StepOrder& order, std::string_view action);
// {"weight": 25, "step": "41.3", "token": 41, "promoted": false}, or the weight alone. bad_input otherwise.
Result<Observation> read_observation(std::string_view text);

// A line of a program's words, or of a body, as a message shows it: at most 200 columns.
std::string first_words(std::string_view text);
std::string last_words(std::string_view text);

}  // namespace signalbox::train::ramp
