// Reads requests from octets as they arrive; knows no socket. HTTP/1.1 as RFC 9110 and 9112 say, and stricter
// where tolerance lets two readers disagree on where a request ends.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/route.hpp"

namespace signalbox::http {

// One request, with what the server needs to answer it.
struct ReceivedRequest {
  Request request;
  std::vector<std::string> segments;  // of its path, as in Target
  bool keep_alive = false;
  bool is_http10 = false;
};

class RequestParser {
 public:
  enum class State { header, body, complete, failed };

  RequestParser(std::size_t max_header_bytes, std::size_t max_body_bytes);
  ~RequestParser();

  // Reads from the front of `octets` and returns how many were used up. Where that is fewer than all, and the
  // state is header or body, the rest must come again with more behind it. Stops at the request's end.
  std::size_t put(std::string_view octets);
  State state() const;
  const ReceivedRequest& received() const;  // where state is body or complete: its header, at least
  bool expects_continue() const;            // the client waits for "100 Continue" before it sends the body
  std::size_t body_bytes() const;           // received so far
  const Response& failure() const;          // where state is failed: 400, 413, 417, 431, 501
  ReceivedRequest take();                   // where state is complete
  void reset();                             // ready for the next request

 private:
  class Impl;
  std::size_t max_header_bytes_;
  std::size_t max_body_bytes_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace signalbox::http
