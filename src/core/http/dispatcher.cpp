#include "core/http/dispatcher.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/http/brotli.hpp"

namespace signalbox::http {
namespace {

// Whether a list of a header (Accept-Encoding, If-None-Match) has the item, with a weight other than 0. `*`
// stands for what is not named.
bool lists(const Request& request, std::string_view header, std::string_view item) {
  const auto found = request.headers.find(header);
  if (found == request.headers.end()) return false;
  bool others = false;
  for (const std::string_view part : split(found->second, ',')) {
    const std::size_t semicolon = std::min(part.find(';'), part.size());
    const std::string_view name = trim(part.substr(0, semicolon));
    const std::string_view weight = trim(part.substr(std::min(semicolon + 1, part.size())));
    const bool wanted = weight.empty() || weight.find_first_not_of("q=0.") != std::string_view::npos;
    if (name == item) return wanted;
    if (name == "*") others = wanted;
  }
  return others;
}

Response not_modified(const Response& response) {
  Response out;
  out.status = 304;
  out.content_type.clear();
  for (const std::string_view kept : {"ETag", "Cache-Control", "Vary", "Content-Security-Policy"}) {
    if (const std::string* value = response.header(kept)) out.headers.emplace_back(kept, *value);
  }
  return out;
}

void decode_brotli(Response& response) {
  auto plain = brotli_decode(response.content());
  if (!plain) {
    response = Response::problem(plain.error());
    return;
  }
  std::erase_if(response.headers,
                [](const auto& header) { return to_lower(header.first) == "content-encoding"; });
  response.static_body = {};
  response.shared_body = nullptr;
  response.body = std::move(*plain);
}

template <class Call>
Response guarded(const Exchange& exchange, Call&& call) {
  try {
    return call();
  } catch (const std::exception& error) {
    return Dispatcher::problem(exchange, {ErrorKind::internal, error.what(), "please report it"});
  } catch (...) {
    return Dispatcher::problem(exchange, {ErrorKind::internal, "an exception", "please report it"});
  }
}

}  // namespace

Dispatcher::Dispatcher(Router router, std::shared_ptr<Authenticator> authenticator)
    : router_(std::move(router)), authenticator_(std::move(authenticator)) {}

Response Dispatcher::problem(const Exchange& exchange, int status, const Error& error) {
  Json body = Json::object({{"type", "about:blank"},
                            {"title", reason_phrase(status)},
                            {"status", status},
                            {"detail", error.message}});
  if (!error.hint.empty()) body.set("hint", error.hint);
  if (!exchange.request.id.empty()) body.set("request_id", exchange.request.id);
  Response response = Response::json(body, status);
  response.content_type = "application/problem+json";
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

Response Dispatcher::problem(const Exchange& exchange, const Error& error) {
  return problem(exchange, http_status(error.kind), error);
}

std::optional<Response> Dispatcher::admit(Exchange& exchange, const Result<Principal>& principal) const {
  if (!principal) return problem(exchange, principal.error());
  Request& request = exchange.request;
  request.principal = *principal;
  Router::Match match = router_.match(request.method, exchange.segments);
  const bool asks_options = request.method == Method::options && match.route == nullptr;
  if (asks_options && (!match.allow.empty() || exchange.segments.empty())) {
    Response response;
    response.status = 204;
    response.content_type.clear();
    response.headers.emplace_back("Allow", match.allow.empty() ? "GET, HEAD, POST, OPTIONS" : match.allow);
    return response;
  }
  if (match.route == nullptr && !match.allow.empty()) {
    Response response = problem(
        exchange, 405,
        {ErrorKind::bad_input, "the path is there, but not for " + std::string(name_of(request.method)), ""});
    response.headers.emplace_back("Allow", match.allow);
    return response;
  }
  if (match.route == nullptr)
    return problem(exchange,
                   {ErrorKind::not_found, "nothing is at " + request.path, "see /api/openapi.json"});
  if (request.principal.role < match.route->role) {
    if (!request.principal.name.empty())
      return problem(exchange, {ErrorKind::denied, request.principal.name + " may not do this", ""});
    Response response =
        problem(exchange, 401,
                {ErrorKind::denied, "this needs a token",
                 "open the address that signalbox serve printed, or send Authorization: Bearer TOKEN"});
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
  }
  request.parameters = std::move(match.parameters);
  exchange.route = match.route;
  exchange.is_stream = static_cast<bool>(match.route->events) && request.method == Method::get;
  return std::nullopt;
}

std::optional<Response> Dispatcher::answer_now(Exchange& exchange) const {
  const Method method = exchange.request.method;
  if (method != Method::get && method != Method::head) return std::nullopt;
  const std::optional<Result<Principal>> principal = authenticator_->authenticate_now(exchange.request);
  if (!principal) return std::nullopt;
  if (std::optional<Response> refused = admit(exchange, *principal)) return refused;
  if (exchange.is_stream || !exchange.route->at_hand) return std::nullopt;
  std::optional<Response> out;
  Response failed = guarded(exchange, [&] {
    out = exchange.route->at_hand(exchange.request);
    return Response{};
  });
  if (failed.status >= 500) return failed;
  return out;
}

Response Dispatcher::answer(Exchange& exchange) const {
  return guarded(exchange, [&]() -> Response {
    if (exchange.route == nullptr) {
      const Result<Principal> principal = authenticator_->authenticate(exchange.request);
      if (std::optional<Response> refused = admit(exchange, principal)) return std::move(*refused);
    }
    if (exchange.is_stream) return {};
    if (exchange.route->events) return Response{200, "text/event-stream", {}, {}, {}, {}};
    if (exchange.route->at_hand) {
      if (std::optional<Response> ready = exchange.route->at_hand(exchange.request)) return std::move(*ready);
    }
    Result<Response> response = exchange.route->handle(exchange.request);
    return response ? std::move(*response) : problem(exchange, response.error());
  });
}

std::optional<Response> Dispatcher::refuse_early(Exchange& exchange) const {
  std::optional<Response> refused;
  Response failed = guarded(exchange, [&] {
    refused = admit(exchange, authenticator_->authenticate(exchange.request));
    return Response{};
  });
  if (failed.status >= 500) return failed;
  return refused;
}

void Dispatcher::suit(const Request& request, Response& response) {
  const std::string* tag = response.header("ETag");
  if (tag != nullptr && response.status == 200 &&
      (request.method == Method::get || request.method == Method::head) &&
      lists(request, "if-none-match", *tag)) {
    response = not_modified(response);
    return;
  }
  const std::string* encoding = response.header("Content-Encoding");
  if (encoding != nullptr && *encoding == "br" && !lists(request, "accept-encoding", "br"))
    decode_brotli(response);
}

}  // namespace signalbox::http
