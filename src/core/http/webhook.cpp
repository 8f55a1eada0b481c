#include "core/http/webhook.hpp"

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/hmac.hpp"

namespace signalbox::http {
namespace {

constexpr std::size_t kMaxAnswerBytes = std::size_t{1} << 16;
constexpr std::string_view kKeyPrefix = "whsec_";
constexpr std::size_t kMinKeyBytes = 16;  // the specification asks for 24, its own examples have 18
constexpr std::size_t kMaxKeyBytes = 64;

// What is sent and never told.
struct Secrets {
  std::string url, token, key;
};

Result<std::string> secret_or_empty(const SecretSource& source, std::string_view what) {
  if (!source.is_named()) return std::string();
  return read_secret(source, what);
}

Result<Secrets> read_secrets(const Webhook& webhook) {
  Secrets out;
  SIGNALBOX_TRY(out.url, secret_or_empty(webhook.whole_url, "address of the webhook"));
  SIGNALBOX_TRY(out.token, secret_or_empty(webhook.token, "token of the webhook"));
  SIGNALBOX_TRY(out.key, secret_or_empty(webhook.key, "key of the webhook"));
  return out;
}

// An address that was read from a secret is not in the words about it.
Result<std::string> address_of(const Webhook& webhook, const Secrets& secrets) {
  if (secrets.url.empty()) return webhook.url;
  if (parse_address(secrets.url)) return secrets.url;
  return fail(ErrorKind::unavailable, "the address of the webhook is no http or https address");
}

Result<ClientRequest> request_of(const Webhook& webhook, const WebhookCall& call, const Secrets& secrets) {
  ClientRequest request;
  request.method = call.method == WebhookCall::Method::post ? "POST" : "PUT";
  SIGNALBOX_TRY(request.url, address_of(webhook, secrets));
  request.url += call.below;
  request.deadline = call.deadline;
  request.ca_file = webhook.ca_file;
  request.max_response_bytes = kMaxAnswerBytes;
  request.body = call.body.dump();
  request.headers = {
      {"Accept", "application/json"}, {"Content-Type", "application/json"}, {"Idempotency-Key", call.id}};
  if (!secrets.token.empty()) request.headers.emplace_back("Authorization", "Bearer " + secrets.token);
  if (secrets.key.empty()) return request;
  SIGNALBOX_TRY(const auto signature, signature_headers(secrets.key, call.id, call.time, request.body));
  request.headers.insert(request.headers.end(), signature.begin(), signature.end());
  return request;
}

}  // namespace

Result<std::vector<std::pair<std::string, std::string>>> signature_headers(std::string_view key,
                                                                           std::string_view id, Time time,
                                                                           std::string_view body) {
  const auto octets = key.starts_with(kKeyPrefix) ? from_base64(key.substr(kKeyPrefix.size()))
                                                  : Result<std::string>(std::string());
  if (!octets || octets->size() < kMinKeyBytes || octets->size() > kMaxKeyBytes) {
    return fail(ErrorKind::bad_input,
                fmt::format("the key of the webhook is not {} and {} to {} octets in base64", kKeyPrefix,
                            kMinKeyBytes, kMaxKeyBytes),
                "printf 'whsec_%s' \"$(openssl rand -base64 32)\"");
  }
  const std::string timestamp =
      std::to_string(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
  const Sha256 mac = hmac_sha256(*octets, fmt::format("{}.{}.{}", id, timestamp, body));
  return std::vector<std::pair<std::string, std::string>>{
      {"webhook-id", std::string(id)},
      {"webhook-timestamp", timestamp},
      {"webhook-signature", "v1," + to_base64(as_octets(mac))}};
}

Result<ClientResponse> call_webhook(const Webhook& webhook, const WebhookCall& call, Reached& reached) {
  reached = Reached::nobody;
  SIGNALBOX_TRY(const Secrets secrets, read_secrets(webhook));
  SIGNALBOX_TRY(const ClientRequest request, request_of(webhook, call, secrets));
  auto response = send(request, reached);
  if (!response) return response;
  for (const std::string& secret : {secrets.url, secrets.token, secrets.key})
    response->body = without_secret(std::move(response->body), secret);
  return response;
}

}  // namespace signalbox::http
