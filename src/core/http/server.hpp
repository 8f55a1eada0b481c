// The server: asynchronous, bounded everywhere, graceful at SIGTERM. Handlers run on worker threads and may
// block.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/http/openapi.hpp"
#include "core/http/route.hpp"

namespace signalbox::http {

struct Limits {
  std::size_t max_header_bytes = 16 << 10;
  std::size_t max_body_bytes = std::size_t{17} << 20;
  std::size_t max_body_bytes_together = std::size_t{256} << 20;  // of all requests at once
  std::size_t max_connections = 1024;
  std::size_t max_queued_requests = 256;
  std::size_t max_streams = 64;                    // of server-sent events at once
  std::size_t min_bytes_per_second = 64 << 10;     // bodies and answers get a second more for each of these
  std::chrono::milliseconds read_timeout{5'000};   // from a request's first byte to its last
  std::chrono::milliseconds write_timeout{5'000};  // of an answer
  std::chrono::milliseconds idle_timeout{30'000};
  std::chrono::milliseconds stop_timeout{5'000};
};

struct TlsFiles {
  std::filesystem::path certificate;  // PEM chain
  std::filesystem::path key;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: a free one
  std::optional<TlsFiles> tls;
  std::size_t worker_threads = 2;
  Limits limits;
  // Told each answer before it is sent, with the time it took to make. For GET and HEAD it may be the
  // server's own thread that calls, so do not block; for all other methods it is a worker (but for 503, when
  // no worker was free). Answers to requests that could not be read come with a Request of an empty path.
  // Calls come from several threads at once.
  std::function<void(const Request&, const Response&, std::chrono::nanoseconds)> on_answer;
};

// Who a request is from. Implemented in auth.hpp (tokens, one-time link, cookie); tests may give their own.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Called for every request, on a worker thread, several at once; may block. Bad Host or Origin: denied. No
  // credentials, or wrong ones: a principal of no name and no role.
  virtual Result<Principal> authenticate(const Request& request) = 0;
  // The same where it can be said without blocking (no slow hash, no database); nullopt: ask authenticate.
  // Called on the server's own thread, for GET and HEAD.
  virtual std::optional<Result<Principal>> authenticate_now(const Request&) { return std::nullopt; }
};

class Server {
 public:
  // Binds and listens, so that port() is known and clients may connect; answers once run() is called. Adds
  // GET /api/openapi.json. Two routes for one method and path, a bad path, a bad address or certificate:
  // bad_input. An address that is taken or not ours: unavailable.
  static Result<std::unique_ptr<Server>> create(const ServerOptions& options, std::vector<Route> routes,
                                                std::shared_ptr<Authenticator> authenticator);
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;
  // Until stop(), or SIGTERM/SIGINT when handle_signals was called. Requests that were still running
  // stop_timeout after that are cut off: unavailable, with their number.
  virtual Status run() = 0;
  virtual void stop() = 0;  // graceful; from any thread
  virtual void handle_signals() = 0;
};

}  // namespace signalbox::http
