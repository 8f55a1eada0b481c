// The header of an answer, as it goes over the wire.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/http/route.hpp"

namespace signalbox::http {

// How an answer is framed.
struct Framing {
  bool keep_alive = false;
  bool is_http10 = false;
  std::optional<std::size_t> content_length;  // nullopt: the body ends where the connection ends, or none
  std::string_view date;                      // IMF-fixdate
  std::string_view request_id;                // shown where the answer is a problem
};

// Appends the status line and the fields of `response`, with those that every answer has unless it brings its
// own: nosniff, no-store, a Content-Security-Policy that allows nothing, no frames, same-origin. A control
// character in a value becomes a space.
void write_header(std::string& out, const Response& response, const Framing& framing);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
std::string http_date(std::chrono::sys_seconds time);

}  // namespace signalbox::http
