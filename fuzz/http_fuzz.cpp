// Octets of a client to the request parser and the router, in one piece and in many: no crash, and the same
// requests however they arrive. No socket.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/http/answer_header.hpp"
#include "core/http/dispatcher.hpp"

namespace {

using namespace signalbox;
using namespace signalbox::http;

constexpr std::size_t kMaxHeader = 4 << 10;
constexpr std::size_t kMaxBody = 16 << 10;

// Admits everybody.
class Anybody final : public Authenticator {
 public:
  Result<Principal> authenticate(const Request&) override { return Principal{"fuzz", Role::admin}; }
  std::optional<Result<Principal>> authenticate_now(const Request& request) override {
    return authenticate(request);
  }
};

Route route(Method method, std::string path) {
  Route out;
  out.method = method;
  out.path = std::move(path);
  out.handle = [](const Request& request) -> Result<Response> {
    Response response;
    for (const auto& [name, value] : request.parameters) response.headers.emplace_back("X-" + name, value);
    response.headers.emplace_back("ETag", "\"x\"");
    response.body = request.body;
    return response;
  };
  return out;
}

const Dispatcher& dispatcher() {
  static const Dispatcher made = [] {
    std::vector<Route> routes;
    routes.push_back(route(Method::get, "/"));
    routes.push_back(route(Method::get, "/things/{id}"));
    routes.push_back(route(Method::post, "/things"));
    routes.push_back(route(Method::get, "/files/{rest*}"));
    return Dispatcher(std::move(Router::create(std::move(routes)).value()), std::make_shared<Anybody>());
  }();
  return made;
}

// The answers' headers and bodies, then how it ended.
std::string serve(std::string_view octets, std::size_t piece) {
  RequestParser parser(kMaxHeader, kMaxBody);
  std::string out;
  std::string pending;
  for (std::size_t at = 0;;) {
    const std::size_t used = parser.put(pending);
    if (used > pending.size()) std::abort();
    pending.erase(0, used);
    if (parser.state() == RequestParser::State::failed) return out + std::to_string(parser.failure().status);
    if (parser.state() == RequestParser::State::complete) {
      ReceivedRequest received = parser.take();
      if (received.request.body.size() > kMaxBody) std::abort();
      Exchange exchange{std::move(received.request), std::move(received.segments)};
      std::optional<Response> response = dispatcher().answer_now(exchange);
      if (!response) response = dispatcher().answer(exchange);
      Dispatcher::suit(exchange.request, *response);
      std::string header;
      write_header(header, *response,
                   {received.keep_alive, received.is_http10, response->content().size(), "", ""});
      // One empty line, at the end: no request writes into the answer's header.
      if (header.find("\r\n\r\n") != header.size() - 4) std::abort();
      out.append(header).append(response->content());
      parser.reset();
    } else if (used == 0) {
      if (at >= octets.size()) return out + (pending.empty() ? "end" : "more");
      pending += octets.substr(at, piece);
      at += piece;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 64 << 10) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  if (serve(octets, size + 1) != serve(octets, 1 + size % 7)) std::abort();
  return 0;
}
