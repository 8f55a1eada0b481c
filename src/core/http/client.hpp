// Calls out, over libcurl: TLS verified, bounded in time and size, retried where that is safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::http {

struct ClientRequest {
  std::string method = "GET";
  std::string url;  // http or https
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds deadline{30'000};  // for all attempts together
  std::size_t max_response_bytes = std::size_t{64} << 20;
  std::string ca_file;   // PEM: the authorities trusted instead of the system's; empty: the system's
  int max_attempts = 4;  // 1: never again
};
struct ClientResponse {
  int status = 0;
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case
  std::string body;
};
// A status of 400 or more is a value, not an error, and so is a redirect: none is followed. Not reachable,
// bad certificate, too slow: unavailable. An address that is no http or https: bad_input.
//
// Tried again, with jitter and within the deadline: where no connection came about; where a server answers
// 429 or 503 and says Retry-After, so that it did not take the request; and, for methods that may be repeated
// (RFC 9110 section 9.2.2: all here but POST and PATCH), where the connection broke or the answer is 502, 503
// or 504.
Result<ClientResponse> send(const ClientRequest& request);

// Whether anything of a request was sent: then a server may have it, whatever became of the answer.
enum class Reached { nobody, somebody };
Result<ClientResponse> send(const ClientRequest& request, Reached& reached);

// Scheme, host and port of an http or https address, as messages name it: "https://box.example:8443". An
// address with a user name or password in it is refused (bad_input), because it would end in logs.
struct Address {
  std::string scheme;          // "http" or "https"
  std::string host;            // an IPv6 address without its brackets
  std::string port;            // never empty
  std::string path;            // from '/', without query
  std::string origin() const;  // without the port where it is the scheme's own
};
Result<Address> parse_address(std::string_view url);
bool is_loopback_name(std::string_view host);  // localhost, 127.0.0.0/8, ::1

}  // namespace signalbox::http
