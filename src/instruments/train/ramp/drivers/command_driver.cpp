#include <fmt/core.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "instruments/train/ramp/drivers/drivers.hpp"

namespace signalbox::train::ramp {
namespace {

constexpr std::size_t kMaxHookOutputBytes = std::size_t{1} << 20;
constexpr int kRefused = 75;  // EX_TEMPFAIL of sysexits.h: what a hook answers to an older token

// The user's own programs. Each is told step and token; one that saw a newer token ends with 75.
class CommandDriver final : public Driver {
 public:
  CommandDriver(CommandSettings settings, Duration timeout, RunProgram run)
      : settings_(std::move(settings)), timeout_(timeout), run_(std::move(run)) {}

  std::string_view name() const override { return "command"; }

  Result<Observation> observe(const StepOrder& order) override {
    SIGNALBOX_TRY(const ProcessResult result, call(settings_.observe, order, "observe"));
    return read_observation(result.output);
  }
  Status set_weight(const StepOrder& order) override {
    SIGNALBOX_CHECK(call(settings_.set_weight, order, "set_weight"));
    return {};
  }
  Status promote(const StepOrder& order) override {
    SIGNALBOX_CHECK(call(settings_.promote, order, "promote"));
    return {};
  }
  Status revert(const StepOrder& order) override {
    SIGNALBOX_CHECK(call(settings_.revert, order, "revert"));
    return {};
  }
  std::vector<std::string> manual_revert(const StepOrder& order) const override {
    std::string line;
    for (const auto& [key, value] : hook_environment(order, "revert")) line += key + "='" + value + "' ";
    return {line + join(settings_.revert, " ")};
  }

 private:
  Result<ProcessResult> call(const Words& words, const StepOrder& order, std::string_view action) {
    ProcessOptions options;
    options.environment = hook_environment(order, action);
    options.input = hook_document(order, action).dump() + "\n";
    options.deadline = timeout_;
    options.max_output_bytes = kMaxHookOutputBytes;
    auto result = run_(words, std::move(options));
    if (!result) return fail_in(fmt::format("hook {}", action), result.error());
    if (result->exit_code == 0) return result;
    const std::string said = last_words(result->errors.empty() ? result->output : result->errors);
    const std::string tail = said.empty() ? said : ": " + said;
    if (result->exit_code == kRefused) {
      return fail(ErrorKind::conflict, fmt::format("hook {} refused token {}{}", action, order.token, tail),
                  "signalbox train status " + order.train);
    }
    return fail(ErrorKind::unavailable,
                fmt::format("hook {} ended with exit code {}{}", action, result->exit_code, tail));
  }

  CommandSettings settings_;
  Duration timeout_;
  RunProgram run_;
};

}  // namespace

std::unique_ptr<Driver> make_command_driver(CommandSettings settings, Duration timeout, RunProgram run) {
  return std::make_unique<CommandDriver>(std::move(settings), timeout, std::move(run));
}

}  // namespace signalbox::train::ramp
