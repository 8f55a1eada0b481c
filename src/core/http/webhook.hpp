// Telling somebody else's server: JSON under an id that is the same on every try, signed where a key is
// named.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/http/client.hpp"
#include "core/http/secret.hpp"

namespace signalbox::http {

struct Webhook {
  std::string url;         // empty where the address is a secret
  SecretSource whole_url;  // that holds it then: who knows the address of a chat's webhook may post there
  SecretSource token;      // sent as a bearer token
  SecretSource key;        // signs: "whsec_" and 16 to 64 octets in base64
  std::string ca_file;     // PEM; empty: the system's authorities
};

struct WebhookCall {
  enum class Method { post, put } method = Method::post;
  std::string below;  // added to the path of the address, "/2026-12.planning"; may be empty
  std::string id;     // headers webhook-id and Idempotency-Key: [A-Za-z0-9._:+-]
  Time time;          // header webhook-timestamp
  Json body;
  std::chrono::milliseconds deadline{30'000};
};

// As `send` answers. unavailable where a secret is not there. Of address, token and key nothing is in an
// error or in the answer's body. `reached`: where it fails, whether the server may have it all the same.
Result<ClientResponse> call_webhook(const Webhook& webhook, const WebhookCall& call, Reached& reached);

// The headers of https://www.standardwebhooks.com, version 1: webhook-id, webhook-timestamp in Unix seconds,
// webhook-signature "v1,<base64>", the HMAC-SHA-256 of "<id>.<timestamp>.<body>". bad_input where the key is
// none; the message does not hold it.
Result<std::vector<std::pair<std::string, std::string>>> signature_headers(std::string_view key,
                                                                           std::string_view id, Time time,
                                                                           std::string_view body);

}  // namespace signalbox::http
