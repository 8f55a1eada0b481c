#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "core/http/transport.hpp"

namespace signalbox::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMaxJoined = 16 << 10;  // one TLS record

// Octets inside TLS.
class TlsTransport final : public Transport {
 public:
  TlsTransport(Socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}

  Task<ErrorCode> handshake() override {
    auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAsTuple);
    co_return error;
  }

  Task<ReadOutcome> read(std::span<char> into) override {
    auto [error, size] = co_await stream_.async_read_some(asio::buffer(into.data(), into.size()), kAsTuple);
    co_return ReadOutcome{error, size};
  }

  // A stream writes one record for each piece, so a small answer is joined first.
  Task<ErrorCode> write(std::string_view header, std::string_view body) override {
    if (header.size() + body.size() <= kMaxJoined) {
      joined_.assign(header).append(body);
      co_return co_await write_one(joined_);
    }
    const ErrorCode error = co_await write_one(header);
    if (error) co_return error;
    co_return co_await write_one(body);
  }

  Task<void> finish() override {
    auto [error] = co_await stream_.async_shutdown(kAsTuple);
    if (!error) stream_.next_layer().shutdown(Socket::shutdown_send, error);
  }

  void cancel() override {
    ErrorCode ignored;
    stream_.next_layer().cancel(ignored);
  }
  void close() override {
    ErrorCode ignored;
    stream_.next_layer().close(ignored);
  }
  Socket& socket() override { return stream_.next_layer(); }

 private:
  Task<ErrorCode> write_one(std::string_view octets) {
    auto [error, size] = co_await asio::async_write(stream_, asio::buffer(octets), kAsTuple);
    co_return error;
  }

  asio::ssl::stream<Socket> stream_;
  std::string joined_;
};

}  // namespace

std::unique_ptr<Transport> make_tls_transport(Socket socket, asio::ssl::context& context) {
  return std::make_unique<TlsTransport>(std::move(socket), context);
}

}  // namespace signalbox::http
