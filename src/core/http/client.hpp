// Calls out, over libcurl: TLS verified, bounded in time and size, retried where that is safe.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::http {

struct ClientRequest {
  std::string method = "GET";
  std::string url;  // http or https
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds deadline{30'000};
  std::size_t max_response_bytes = std::size_t{64} << 20;
  std::string ca_file;  // PEM; empty: the system's
};
struct ClientResponse {
  int status = 0;
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case
  std::string body;
};
// A status of 400 or more is a value, not an error. Not reachable, bad certificate, too slow: unavailable.
Result<ClientResponse> send(const ClientRequest& request);

}  // namespace signalbox::http
