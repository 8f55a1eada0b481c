#include "instruments/profile/agent/metrics_server.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/http/client.hpp"
#include "core/http/own_names.hpp"

namespace signalbox::profile {
namespace {

struct Listen {
  std::string host;
  std::uint16_t port = 0;
};
Result<Listen> listen_of(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  const auto no = [&] {
    return fail(ErrorKind::bad_input,
                fmt::format("--listen {}: is no address of this machine itself", printable(address)),
                "for example 127.0.0.1:7417; --no-listen does without");
  };
  if (colon == std::string_view::npos) return no();
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto port = parse_integer(address.substr(colon + 1));
  if (!http::is_loopback_name(host) || !port || *port < 0 || *port > 65'535) return no();
  return Listen{host == "localhost" ? "127.0.0.1" : std::string(host), static_cast<std::uint16_t>(*port)};
}

}  // namespace

MetricsServer::MetricsServer(std::unique_ptr<http::Server> server)
    : server_(std::move(server)), thread_([this] { (void)server_->run(); }) {}

MetricsServer::~MetricsServer() {
  server_->stop();
  thread_.join();
}

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(std::string_view address,
                                                            std::function<std::string()> text) {
  SIGNALBOX_TRY(const Listen listen, listen_of(address));
  http::ServerOptions options;
  options.address = listen.host;
  options.port = listen.port;
  options.worker_threads = 1;
  options.limits.max_connections = 32;
  options.limits.max_body_bytes = 0;
  options.limits.stop_timeout = std::chrono::milliseconds(500);
  http::Route route;
  route.path = "/metrics";
  route.summary = "Counters for Prometheus";
  route.handle = [text = std::move(text)](const http::Request&) {
    http::Response out;
    out.content_type = "text/plain; version=0.0.4; charset=utf-8";
    out.body = text();
    return Result<http::Response>(std::move(out));
  };
  auto names = std::make_shared<http::OwnNames>("local");
  SIGNALBOX_TRY(std::unique_ptr<http::Server> server, http::Server::create(options, {route}, names));
  SIGNALBOX_CHECK(names->listens_on(listen.host, server->port()));
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(server)));
}

}  // namespace signalbox::profile
