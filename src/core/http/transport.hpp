// A connection's octets, with or without TLS, as coroutines on the server's one thread. Seen by the server's
// own files alone.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace boost::asio::ssl {
class context;
}

namespace signalbox::http {

using Executor = boost::asio::io_context::executor_type;
template <class T>
using Task = boost::asio::awaitable<T, Executor>;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using SteadyClock = std::chrono::steady_clock;
using Timer = boost::asio::basic_waitable_timer<SteadyClock, boost::asio::wait_traits<SteadyClock>, Executor>;
using ErrorCode = boost::system::error_code;
// Completion as values: co_await gives (error, …), nothing throws.
inline constexpr auto kAsTuple = boost::asio::as_tuple(boost::asio::use_awaitable_t<Executor>{});

// What a read gave: `size` octets, or an error (of an ended connection: eof).
struct ReadOutcome {
  ErrorCode error;
  std::size_t size = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual Task<ErrorCode> handshake() = 0;
  virtual Task<ReadOutcome> read(std::span<char> into) = 0;
  // All of both, in one gathered write where that can be. Both must stay until it is done.
  virtual Task<ErrorCode> write(std::string_view header, std::string_view body) = 0;
  virtual Task<void> finish() = 0;  // nothing more is written; the other side may still be read
  // Ends what is waiting: it completes with operation_aborted.
  virtual void cancel() = 0;
  virtual void close() = 0;
  virtual Socket& socket() = 0;
};

std::unique_ptr<Transport> make_tcp_transport(Socket socket);
std::unique_ptr<Transport> make_tls_transport(Socket socket, boost::asio::ssl::context& context);

}  // namespace signalbox::http
