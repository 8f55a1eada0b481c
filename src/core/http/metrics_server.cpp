#include "core/http/metrics_server.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/http/client.hpp"
#include "core/http/listen.hpp"
#include "core/http/own_names.hpp"

namespace signalbox::http {
namespace {

// One of this machine's own addresses and a port, both said.
Result<Listen> own_address(std::string_view text) {
  constexpr std::uint16_t kNone = 0;
  auto out = parse_listen(text, kNone);
  const bool says_both = out && out->port_is_given && text.find(':') != std::string_view::npos;
  if (!says_both || !is_loopback_name(out->address))
    return fail(ErrorKind::bad_input,
                fmt::format("--listen {}: is no address of this machine itself", printable(text)),
                "for example 127.0.0.1:7417; --no-listen does without");
  return out;
}

}  // namespace

MetricsServer::MetricsServer(std::unique_ptr<Server> server)
    : server_(std::move(server)), thread_([this] { (void)server_->run(); }) {}

MetricsServer::~MetricsServer() {
  server_->stop();
  thread_.join();
}

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(std::string_view address,
                                                            std::function<std::string()> text) {
  SIGNALBOX_TRY(const Listen listen, own_address(address));
  ServerOptions options;
  options.address = listen.address;
  options.port = listen.port;
  options.worker_threads = 1;
  options.limits.max_connections = 32;
  options.limits.max_body_bytes = 0;
  options.limits.stop_timeout = std::chrono::milliseconds(500);
  Route route;
  route.path = "/metrics";
  route.summary = "Counters for Prometheus";
  route.handle = [text = std::move(text)](const Request&) {
    Response out;
    out.content_type = "text/plain; version=0.0.4; charset=utf-8";
    out.body = text();
    return Result<Response>(std::move(out));
  };
  auto names = std::make_shared<OwnNames>("local");
  SIGNALBOX_TRY(std::unique_ptr<Server> server, Server::create(options, {route}, names));
  SIGNALBOX_CHECK(names->listens_on(listen.address, server->port()));
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(server)));
}

}  // namespace signalbox::http
