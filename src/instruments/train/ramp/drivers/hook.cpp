#include <fmt/core.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "instruments/train/ramp/drivers/drivers.hpp"

namespace signalbox::train::ramp {
namespace {

constexpr std::size_t kMaxObservationBytes = std::size_t{64} << 10;
constexpr std::int64_t kMaxToken = std::int64_t{1} << 53;
constexpr std::size_t kMaxStepBytes = 256;

Error nothing_to_allow() {
  return {ErrorKind::denied, "no configuration of this release names a driver",
          "commit `driver` in signalbox.yaml before the commit that departs, or name it with --policy-ref"};
}

Result<int> weight_from(const Json& value) {
  if (!value.is_integer() || value.as_integer() < 0 || value.as_integer() > 100)
    return fail(ErrorKind::bad_input, "the weight is no whole number from 0 to 100");
  return static_cast<int>(value.as_integer());
}

std::string as_words(std::string_view line) {
  constexpr std::size_t kColumns = 200;
  return cut_to_width(printable(trim(line)), kColumns);
}

}  // namespace

RunProgram run_where_allowed(const std::optional<gates::Configuration>& configuration) {
  return [configuration](const Words& words, ProcessOptions options) -> Result<ProcessResult> {
    if (!configuration) return fail(nothing_to_allow());
    return gates::run_allowed_command(*configuration, words, std::move(options));
  };
}

IsAllowed allowance_of(const std::optional<gates::Configuration>& configuration) {
  return [configuration]() -> Status {
    if (!configuration) return fail(nothing_to_allow());
    SIGNALBOX_TRY(const bool allowed, gates::is_allowed(configuration->octets, configuration->path));
    if (allowed) return {};
    return fail(ErrorKind::denied,
                "the driver of " + printable(configuration->path) + " is not allowed on this machine",
                configuration->allow_with);
  };
}

std::unique_ptr<Driver> make_driver(const DriverSettings& settings,
                                    const std::optional<gates::Configuration>& configuration) {
  const RunProgram run = run_where_allowed(configuration);
  const IsAllowed is_allowed = allowance_of(configuration);
  if (const auto* command = std::get_if<CommandSettings>(&settings.kind))
    return make_command_driver(*command, settings.timeout, run);
  if (const auto* webhook = std::get_if<WebhookSettings>(&settings.kind))
    return make_webhook_driver(*webhook, settings.timeout, is_allowed);
  if (const auto* file = std::get_if<WeightFileSettings>(&settings.kind))
    return make_weight_file_driver(*file, settings.timeout, run, is_allowed);
  if (const auto* kubernetes = std::get_if<KubernetesSettings>(&settings.kind))
    return make_kubernetes_driver(*kubernetes, settings.timeout, is_allowed);
  return make_noop_driver();
}

std::vector<std::pair<std::string, std::string>> hook_environment(const StepOrder& order,
                                                                  std::string_view action) {
  return {{"SIGNALBOX_TRAIN", order.train},
          {"SIGNALBOX_ATTEMPT", order.attempt},
          {"SIGNALBOX_STEP", order.step},
          {"SIGNALBOX_TOKEN", std::to_string(order.token)},
          {"SIGNALBOX_ACTION", std::string(action)},
          {"SIGNALBOX_WEIGHT", std::to_string(order.weight)},
          {"SIGNALBOX_VERSION", order.candidate},
          {"SIGNALBOX_BASELINE", order.baseline},
          {"SIGNALBOX_COMMIT", order.commit}};
}

Json hook_document(const StepOrder& order, std::string_view action) {
  return Json::object({{"train", order.train},
                       {"attempt", order.attempt},
                       {"step", order.step},
                       {"token", order.token},
                       {"action", action},
                       {"weight", order.weight},
                       {"version", order.candidate},
                       {"baseline", order.baseline},
                       {"commit", order.commit}});
}

Result<Observation> read_observation(std::string_view text) {
  JsonLimits limits;
  limits.max_bytes = kMaxObservationBytes;
  limits.max_depth = 4;
  const auto json = parse_json(trim(text), limits);
  if (!json) return fail_in("the answer to `observe`", json.error());
  Observation out;
  if (!json->is_object()) {
    SIGNALBOX_TRY(out.weight, weight_from(*json));
    return out;
  }
  if (const Json* weight = json->find("weight"); weight != nullptr && !weight->is_null()) {
    SIGNALBOX_TRY(out.weight, weight_from(*weight));
  }
  const std::string_view step = (*json)["step"].as_string();
  if (step.size() > kMaxStepBytes)
    return fail(ErrorKind::bad_input, "the answer to `observe`: a step of that length");
  out.step = step;
  out.promoted = (*json)["promoted"].as_bool();
  if (const Json* token = json->find("token"); token != nullptr && !token->is_null()) {
    if (!token->is_integer() || token->as_integer() < 0 || token->as_integer() > kMaxToken)
      return fail(ErrorKind::bad_input, "the answer to `observe`: the token is no whole number");
    out.token = static_cast<std::uint64_t>(token->as_integer());
  }
  return out;
}

std::string first_words(std::string_view text) {
  const std::vector<std::string_view> all = lines(trim(text));
  return all.empty() ? std::string() : as_words(all.front());
}

std::string last_words(std::string_view text) {
  const std::vector<std::string_view> all = lines(trim(text));
  return all.empty() ? std::string() : as_words(all.back());
}

}  // namespace signalbox::train::ramp
