// The server: asynchronous, bounded everywhere, graceful at SIGTERM. Handlers run on worker threads and may
// block.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/http/route.hpp"

namespace signalbox::http {

struct Limits {
  std::size_t max_header_bytes = 16 << 10;
  std::size_t max_body_bytes = std::size_t{17} << 20;
  std::size_t max_connections = 1024;
  std::size_t max_queued_requests = 256;
  std::chrono::milliseconds read_timeout{5'000};  // from a request's first byte to its last
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
};

// Who a request is from. Implemented in auth.hpp (tokens, one-time link, cookie); tests may give their own.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  virtual Result<Principal> authenticate(const Request& request) = 0;
};

class Server {
 public:
  static Result<std::unique_ptr<Server>> create(ServerOptions options, std::vector<Route> routes,
                                                std::shared_ptr<Authenticator> authenticator);
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;
  virtual Status run() = 0;  // until stop(), or SIGTERM/SIGINT when handle_signals was called
  virtual void stop() = 0;   // graceful; from any thread
  virtual void handle_signals() = 0;
};

Json openapi(const std::vector<Route>& routes, std::string_view version);

}  // namespace signalbox::http
