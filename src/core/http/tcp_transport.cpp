#include <array>

#include <boost/asio/write.hpp>

#include "core/http/transport.hpp"

namespace signalbox::http {
namespace {

namespace asio = boost::asio;

// Octets as they are.
class TcpTransport final : public Transport {
 public:
  explicit TcpTransport(Socket socket) : socket_(std::move(socket)) {}

  Task<ErrorCode> handshake() override { co_return ErrorCode{}; }

  Task<ReadOutcome> read(std::span<char> into) override {
    auto [error, size] = co_await socket_.async_read_some(asio::buffer(into.data(), into.size()), kAsTuple);
    co_return ReadOutcome{error, size};
  }

  Task<ErrorCode> write(std::string_view header, std::string_view body) override {
    const std::array<asio::const_buffer, 2> pieces{asio::buffer(header), asio::buffer(body)};
    auto [error, size] = co_await asio::async_write(socket_, pieces, kAsTuple);
    co_return error;
  }

  Task<void> finish() override {
    ErrorCode ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    co_return;
  }

  void cancel() override {
    ErrorCode ignored;
    socket_.cancel(ignored);
  }
  void close() override {
    ErrorCode ignored;
    socket_.close(ignored);
  }
  Socket& socket() override { return socket_; }

 private:
  Socket socket_;
};

}  // namespace

std::unique_ptr<Transport> make_tcp_transport(Socket socket) {
  return std::make_unique<TcpTransport>(std::move(socket));
}

}  // namespace signalbox::http
