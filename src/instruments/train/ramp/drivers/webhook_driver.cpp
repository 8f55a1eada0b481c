#include <fmt/core.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/http/client.hpp"
#include "core/http/secret.hpp"
#include "instruments/train/ramp/drivers/drivers.hpp"

namespace signalbox::train::ramp {
namespace {

constexpr std::size_t kMaxAnswerBytes = std::size_t{1} << 20;

// POST of each step to an address, under an idempotency key that is the same on every try; GET tells what is
// true. 409 and 412 mean: a newer token was seen.
class WebhookDriver final : public Driver {
 public:
  WebhookDriver(WebhookSettings settings, Duration timeout, IsAllowed is_allowed)
      : settings_(std::move(settings)), timeout_(timeout), is_allowed_(std::move(is_allowed)) {}

  std::string_view name() const override { return "webhook"; }

  Result<Observation> observe(const StepOrder& order) override {
    SIGNALBOX_TRY(const http::ClientResponse response, send("GET", order, "observe"));
    return read_observation(response.body);
  }
  Status set_weight(const StepOrder& order) override { return post(order, "set_weight"); }
  Status promote(const StepOrder& order) override { return post(order, "promote"); }
  Status revert(const StepOrder& order) override { return post(order, "revert"); }
  std::vector<std::string> manual_revert(const StepOrder& order) const override {
    return {
        fmt::format("curl -X POST -H 'Content-Type: application/json' -H 'Idempotency-Key: {}' -d '{}' {}",
                    key_of(order), hook_document(order, "revert").dump(), settings_.url)};
  }

 private:
  static std::string key_of(const StepOrder& order) { return fmt::format("{}/{}", order.train, order.step); }

  Status post(const StepOrder& order, std::string_view action) {
    SIGNALBOX_CHECK(send("POST", order, action));
    return {};
  }

  Result<http::ClientResponse> send(const char* method, const StepOrder& order, std::string_view action) {
    SIGNALBOX_CHECK(is_allowed_());
    http::ClientRequest request;
    request.method = method;
    request.url = settings_.url;
    request.deadline = timeout_;
    request.ca_file = settings_.ca_file;
    request.max_response_bytes = kMaxAnswerBytes;
    request.headers = {{"Accept", "application/json"},
                       {"Signalbox-Train", order.train},
                       {"Signalbox-Token", std::to_string(order.token)}};
    if (request.method == "POST") {
      request.headers.emplace_back("Content-Type", "application/json");
      request.headers.emplace_back("Idempotency-Key", key_of(order));
      request.body = hook_document(order, action).dump();
    }
    SIGNALBOX_CHECK(add_bearer(request));
    auto response = http::send(request);
    if (!response) return fail_in(fmt::format("webhook {}", action), response.error());
    if (response->status >= 200 && response->status < 300) return response;
    const std::string said = last_words(response->body);
    const std::string tail = said.empty() ? said : ": " + said;
    if (response->status == 409 || response->status == 412) {
      return fail(ErrorKind::conflict,
                  fmt::format("webhook {} refused token {}{}", action, order.token, tail),
                  "signalbox train status " + order.train);
    }
    return fail(ErrorKind::unavailable,
                fmt::format("webhook {} answered {}{}", action, response->status, tail));
  }

  Status add_bearer(http::ClientRequest& request) const {
    if (settings_.token_env.empty()) return {};
    SIGNALBOX_TRY(const std::string token,
                  http::read_secret({settings_.token_env, {}}, "token of the webhook"));
    request.headers.emplace_back("Authorization", "Bearer " + token);
    return {};
  }

  WebhookSettings settings_;
  Duration timeout_;
  IsAllowed is_allowed_;
};

}  // namespace

std::unique_ptr<Driver> make_webhook_driver(WebhookSettings settings, Duration timeout,
                                            IsAllowed is_allowed) {
  return std::make_unique<WebhookDriver>(std::move(settings), timeout, std::move(is_allowed));
}

}  // namespace signalbox::train::ramp
