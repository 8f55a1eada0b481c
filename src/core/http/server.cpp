#include "core/http/server.hpp"

#include <boost/asio/basic_signal_set.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <fmt/core.h>

#include "core/base/version.hpp"
#include "core/http/answer_header.hpp"
#include "core/http/server_state.hpp"
#include "core/http/tls.hpp"

namespace signalbox::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Signals = asio::basic_signal_set<Executor>;
using std::chrono::milliseconds;

constexpr int kBacklog = 1024;
constexpr milliseconds kSweepPeriod{100};
constexpr milliseconds kAcceptPause{50};  // where there are no file descriptors left

Route describe(const std::vector<Route>& routes) {
  Route route;
  route.path = "/api/openapi.json";
  route.summary = "This description";
  std::vector<Route> all = routes;
  all.push_back(route);
  auto text = std::make_shared<const std::string>(openapi(all, version()).pretty() + "\n");
  route.handle = [text](const Request&) -> Result<Response> {
    Response response;
    response.shared_body = text;
    return response;
  };
  return route;
}

class AsioServer final : public Server {
 public:
  AsioServer(const ServerOptions& options, Dispatcher dispatcher)
      : state_(std::make_shared<ServerState>(options, std::move(dispatcher))),
        acceptor_(std::make_unique<Acceptor>(state_->io)),
        sweep_timer_(std::make_unique<Timer>(state_->io)),
        signals_(std::make_unique<Signals>(state_->io)) {}

  Status listen() {
    const ServerOptions& options = state_->options;
    if (options.tls) {
      SIGNALBOX_TRY(tls_, tls_context(*options.tls));
    }
    ErrorCode error;
    const auto address =
        asio::ip::make_address(options.address == "localhost" ? "127.0.0.1" : options.address, error);
    if (error) return fail(ErrorKind::bad_input, options.address + ": not an IP address");
    const tcp::endpoint endpoint(address, options.port);
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(Acceptor::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(kBacklog, error);
    if (!error) port_ = acceptor_->local_endpoint(error).port();
    if (!error) return {};
    return fail(ErrorKind::unavailable,
                fmt::format("{}:{}: {}", options.address, options.port, error.message()),
                error == asio::error::address_in_use ? "choose another port, or 0 for a free one" : "");
  }

  std::uint16_t port() const override { return port_; }

  Status run() override {
    asio::co_spawn(state_->io, accept(), asio::detached);
    asio::co_spawn(state_->io, sweep(), asio::detached);
    state_->io.run();
    const std::size_t cut_off = state_->connections.size();
    return end_workers(cut_off);
  }

  void stop() override {
    asio::post(state_->io, [this] { begin_stop(); });
  }

  void handle_signals() override {
    signals_->add(SIGTERM);
    signals_->add(SIGINT);
    await_signal();
  }

 private:
  void await_signal() {
    signals_->async_wait([this](const ErrorCode& error, int) {
      if (error) return;
      // A second signal says that waiting is no longer wanted.
      if (state_->stopping) stop_at_ = SteadyClock::now();
      begin_stop();
      await_signal();
    });
  }

  void begin_stop() {
    if (std::exchange(state_->stopping, true)) return;
    stop_at_ = SteadyClock::now() + state_->options.limits.stop_timeout;
    ErrorCode ignored;
    acceptor_->close(ignored);
    state_->cancel_idle();
    sweep_timer_->cancel();
  }

  Task<void> accept() {
    while (!state_->stopping) {
      Socket socket(state_->io);
      auto [error] = co_await acceptor_->async_accept(socket, kAsTuple);
      if (state_->stopping) co_return;
      if (error) {
        Timer pause(state_->io, kAcceptPause);
        co_await pause.async_wait(kAsTuple);
        continue;
      }
      if (state_->connections.size() >= state_->options.limits.max_connections) {
        turn_away(socket);
        continue;
      }
      admit(std::move(socket));
    }
  }

  void admit(Socket socket) {
    ErrorCode ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto transport =
        tls_ ? make_tls_transport(std::move(socket), *tls_) : make_tcp_transport(std::move(socket));
    asio::co_spawn(state_->io, serve_connection(*state_, std::move(transport)), asio::detached);
  }

  // One try to say why, without waiting.
  void turn_away(Socket& socket) const {
    if (tls_) return;
    Response response = Response::problem({ErrorKind::unavailable, "too many connections", "try again soon"});
    response.headers.emplace_back("Retry-After", "1");
    std::string text;
    write_header(text, response, {false, false, response.body.size(), state_->date(), {}});
    ErrorCode ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(text + response.body), ignored);
  }

  // Watches deadlines; once the server stops, waits for the connections to end, at most until stop_at_.
  Task<void> sweep() {
    bool cut = false;
    while (!state_->stopping || !state_->connections.empty()) {
      sweep_timer_->expires_after(kSweepPeriod);
      co_await sweep_timer_->async_wait(kAsTuple);
      state_->sweep();
      if (!state_->stopping || SteadyClock::now() < stop_at_) continue;
      // What is closed gets one more round to end; what a worker holds cannot.
      if (std::exchange(cut, true)) break;
      state_->close_all();
    }
    ErrorCode ignored;
    signals_->cancel(ignored);
    if (!state_->connections.empty()) state_->io.stop();
  }

  Status end_workers(std::size_t cut_off) {
    const std::size_t hung = state_->workers.stop(milliseconds(cut_off == 0 ? 1000 : 0)) +
                             state_->stream_worker.stop(milliseconds(cut_off == 0 ? 1000 : 0));
    if (hung == 0 && cut_off == 0) return {};
    return fail(ErrorKind::unavailable,
                fmt::format("stopped with {} requests still running", std::max(hung, cut_off)));
  }

  std::shared_ptr<ServerState> state_;
  std::unique_ptr<asio::ssl::context> tls_;
  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<Timer> sweep_timer_;
  std::unique_ptr<Signals> signals_;
  SteadyClock::time_point stop_at_ = SteadyClock::time_point::max();
  std::uint16_t port_ = 0;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::create(const ServerOptions& options, std::vector<Route> routes,
                                               std::shared_ptr<Authenticator> authenticator) {
  routes.push_back(describe(routes));
  SIGNALBOX_TRY(Router router, Router::create(std::move(routes)));
  auto server =
      std::make_unique<AsioServer>(options, Dispatcher(std::move(router), std::move(authenticator)));
  SIGNALBOX_CHECK(server->listen());
  return server;
}

}  // namespace signalbox::http
