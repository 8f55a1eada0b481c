#include <chrono>
#include <thread>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/http/client.hpp"
#include "instruments/train/ramp/drivers/drivers.hpp"
#include "instruments/train/ramp/drivers/rollout.hpp"

namespace signalbox::train::ramp {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kPoll{100};
constexpr std::size_t kMaxTokenBytes = std::size_t{64} << 10;
constexpr std::size_t kMaxRolloutBytes = std::size_t{4} << 20;
constexpr int kMaxConflicts = 5;  // Argo itself writes the Rollout between our read and our patch

enum class Part { itself, status };  // of the resource: the API patches its status at an address of its own

// Moves an Argo Rollout: a weight is the image and a strategy of that weight, promotion and abort are what
// `kubectl argo rollouts promote --full` and `abort` write.
class KubernetesDriver final : public Driver {
 public:
  KubernetesDriver(KubernetesSettings settings, Duration timeout, IsAllowed is_allowed)
      : settings_(std::move(settings)), timeout_(timeout), is_allowed_(std::move(is_allowed)) {}

  std::string_view name() const override { return "kubernetes"; }

  Result<Observation> observe(const StepOrder& order) override {
    SIGNALBOX_TRY(const Rollout rollout, get(end_of_call()));
    return observation_of(rollout, settings_, order);
  }
  Status set_weight(const StepOrder& order) override {
    const Steady::time_point end = end_of_call();
    SIGNALBOX_CHECK(apply(order, "set_weight", end));
    return wait_for(order, order.weight, end);
  }
  Status promote(const StepOrder& order) override {
    const Steady::time_point end = end_of_call();
    SIGNALBOX_CHECK(apply(order, "promote", end));
    SIGNALBOX_CHECK(patch(status_of("promoteFull"), Part::status, end));
    return wait_for(order, 100, end);
  }
  Status revert(const StepOrder& order) override {
    // Abort first: traffic leaves the candidate at once, before pods of the old image are asked for again.
    const Steady::time_point end = end_of_call();
    SIGNALBOX_TRY(const Rollout rollout, get(end));
    SIGNALBOX_CHECK(check_order(rollout, order, "revert"));
    // Where all traffic was on the candidate, the baseline is what rolls out, past the steps of its strategy.
    // An abort would keep the candidate then, also on a second try.
    const bool asks_for_candidate = rollout.image == image_of(settings_, order.candidate);
    const bool has_left = !asks_for_candidate || observation_of(rollout, settings_, order).promoted;
    if (!has_left) SIGNALBOX_CHECK(patch(status_of("abort"), Part::status, end));
    SIGNALBOX_CHECK(apply(order, "revert", end));
    if (has_left) SIGNALBOX_CHECK(patch(status_of("promoteFull"), Part::status, end));
    return wait_for(order, 0, end);
  }
  std::vector<std::string> manual_revert(const StepOrder& order) const override {
    const std::string where = fmt::format("{} -n {}", settings_.rollout, settings_.name_space);
    return {"kubectl argo rollouts abort " + where,
            fmt::format("kubectl argo rollouts set image {} {}={}", where, settings_.container,
                        image_of(settings_, order.baseline))};
  }

 private:
  // All requests of a call share its time limit: the lease is as long as calls may take.
  Steady::time_point end_of_call() const { return Steady::now() + timeout_; }

  std::string address(Part part) const {
    return fmt::format("{}/apis/argoproj.io/v1alpha1/namespaces/{}/rollouts/{}{}", settings_.api,
                       settings_.name_space, settings_.rollout, part == Part::status ? "/status" : "");
  }

  Result<http::ClientResponse> send(http::ClientRequest request, Steady::time_point end) const {
    SIGNALBOX_CHECK(is_allowed_());
    request.ca_file = settings_.ca_file;
    request.deadline = std::chrono::floor<milliseconds>(end - Steady::now());
    if (request.deadline <= milliseconds(0)) {
      return fail(ErrorKind::unavailable,
                  fmt::format("the API of Kubernetes has not done within {}", to_text(timeout_)));
    }
    request.max_response_bytes = kMaxRolloutBytes;
    request.headers.emplace_back("Accept", "application/json");
    if (!settings_.token_file.empty()) {
      SIGNALBOX_TRY(const std::string token, read_file(settings_.token_file, kMaxTokenBytes));
      request.headers.emplace_back("Authorization", fmt::format("Bearer {}", trim(token)));
    }
    SIGNALBOX_TRY(http::ClientResponse response, http::send(request));
    const int status = response.status;
    if ((status >= 200 && status < 300) || status == 409) return response;
    return fail(status == 401 || status == 403 ? ErrorKind::denied : ErrorKind::unavailable,
                fmt::format("the API of Kubernetes answers {} for Rollout {}/{}: {}", status,
                            settings_.name_space, settings_.rollout, last_words(response.body)));
  }

  Result<Rollout> get(Steady::time_point end) const {
    http::ClientRequest request;
    request.url = address(Part::itself);
    SIGNALBOX_TRY(const http::ClientResponse response, send(std::move(request), end));
    SIGNALBOX_TRY(const Json json, parse_json(response.body));
    return read_rollout(json, settings_);
  }

  // True: it was taken. False: the resource has changed since it was read.
  Result<bool> patch(const Json& json, Part part, Steady::time_point end) const {
    http::ClientRequest request;
    request.method = "PATCH";
    request.url = address(part);
    request.headers = {{"Content-Type", "application/merge-patch+json"}};
    request.body = json.dump();
    SIGNALBOX_TRY(const http::ClientResponse response, send(std::move(request), end));
    return response.status != 409;
  }

  static Json status_of(const char* member) {
    return Json::object({{"status", Json::object({{member, true}})}});
  }

  static Status check_token(const Rollout& rollout, const StepOrder& order) {
    if (rollout.token && *rollout.token > order.token) return fail(refused_token(order, *rollout.token));
    return {};
  }

  static Status check_order(const Rollout& rollout, const StepOrder& order, std::string_view action) {
    SIGNALBOX_CHECK(check_token(rollout, order));
    if (!rollout.step.starts_with(order.attempt + ".")) return {};
    const bool contradicts = (rollout.action == "promote" && action == "set_weight") ||
                             (rollout.action == "revert" && action != "revert");
    if (!contradicts) return {};
    return fail(ErrorKind::conflict,
                fmt::format("attempt {} ended already with {}", order.attempt, rollout.action));
  }

  Status apply(const StepOrder& order, std::string_view action, Steady::time_point end) const {
    for (int i = 0; i < kMaxConflicts; ++i) {
      SIGNALBOX_TRY(const Rollout rollout, get(end));
      SIGNALBOX_CHECK(check_order(rollout, order, action));
      if (rollout.step == order.step && rollout.action == action && rollout.token == order.token) return {};
      SIGNALBOX_TRY(const bool taken, patch(patch_of(rollout, settings_, order, action), Part::itself, end));
      if (taken) return {};
    }
    return fail(ErrorKind::unavailable,
                fmt::format("Rollout {} changed under each of {} patches", settings_.rollout, kMaxConflicts));
  }

  Status wait_for(const StepOrder& order, int weight, Steady::time_point end) const {
    while (true) {
      SIGNALBOX_TRY(const Rollout rollout, get(end));
      SIGNALBOX_CHECK(check_token(rollout, order));
      const Observation seen = observation_of(rollout, settings_, order);
      if (seen.weight == weight) return {};
      if (Steady::now() + kPoll >= end) {
        return fail(ErrorKind::unavailable,
                    fmt::format("Rollout {} has not come to {} % within {}", settings_.rollout, weight,
                                to_text(timeout_)),
                    fmt::format("kubectl argo rollouts get rollout {} -n {}", settings_.rollout,
                                settings_.name_space));
      }
      std::this_thread::sleep_for(kPoll);
    }
  }

  KubernetesSettings settings_;
  Duration timeout_;
  IsAllowed is_allowed_;
};

}  // namespace

std::unique_ptr<Driver> make_kubernetes_driver(KubernetesSettings settings, Duration timeout,
                                               IsAllowed is_allowed) {
  return std::make_unique<KubernetesDriver>(std::move(settings), timeout, std::move(is_allowed));
}

}  // namespace signalbox::train::ramp
