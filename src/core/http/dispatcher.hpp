// From a request to its answer: who asks, which route, may they. Knows no socket.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/http/request_parser.hpp"
#include "core/http/router.hpp"
#include "core/http/server.hpp"

namespace signalbox::http {

// A request on its way to its answer.
struct Exchange {
  Request request;
  std::vector<std::string> segments;
  const Route* route = nullptr;  // once it is known that the request is admitted to it
  bool is_stream = false;        // the answer is the route's events
};

class Dispatcher {
 public:
  Dispatcher(Router router, std::shared_ptr<Authenticator> authenticator);

  // The answer where it can be given without blocking; nullopt: ask a worker, or is_stream was set.
  std::optional<Response> answer_now(Exchange& exchange) const;
  // The answer; may block. Where is_stream was set it means nothing.
  Response answer(Exchange& exchange) const;

  // Why the request will not be answered whatever its body is; may block. nullopt: it may go on.
  std::optional<Response> refuse_early(Exchange& exchange) const;

  // A problem that names the request.
  static Response problem(const Exchange& exchange, int status, const Error& error);
  static Response problem(const Exchange& exchange, const Error& error);
  // What depends on the request's conditions and on what its client understands: 304 where the ETag is the
  // one it has, brotli decoded where it has not asked for it.
  static void suit(const Request& request, Response& response);

 private:
  std::optional<Response> admit(Exchange& exchange, const Result<Principal>& principal) const;

  Router router_;
  std::shared_ptr<Authenticator> authenticator_;
};

}  // namespace signalbox::http
