// One connection: requests in, answers out, in order.
#include <vector>

#include <fmt/core.h>
#include <sys/socket.h>

#include "core/http/answer_header.hpp"
#include "core/http/event_buffer.hpp"
#include "core/http/server_state.hpp"

namespace signalbox::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::size_t kReadBytes = 16 << 10;
constexpr milliseconds kLinger{1'000};  // how long what still comes is read after the last answer
constexpr milliseconds kEventPeriod{1'000};
constexpr milliseconds kKeepAlivePeriod{15'000};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

class Session final : public Connection {
 public:
  Session(ServerState& server, std::unique_ptr<Transport> given)
      : server_(server),
        parser_(server.options.limits.max_header_bytes, server.options.limits.max_body_bytes) {
    transport = std::move(given);
    server_.connections.insert(this);
  }
  ~Session() {
    hold(0);
    server_.connections.erase(this);
  }

  Task<void> run() {
    arm(limits().read_timeout);
    is_idle = true;  // nobody waits for an answer yet
    if (const ErrorCode error = co_await transport->handshake(); error) co_return;
    is_idle = false;
    bool again = true;
    while (again) {
      parser_.reset();
      hold(0);
      const Received received = co_await receive();
      if (received == Received::nothing) break;
      again = received == Received::request ? co_await answer(parser_.take()) : co_await refuse();
    }
    co_await part();
  }

 private:
  enum class Received { request, refused, nothing };

  const Limits& limits() const { return server_.options.limits; }

  // Starts a wait that ends after so long.
  void arm(milliseconds at_most) { arm_until(SteadyClock::now() + at_most); }
  void arm_until(SteadyClock::time_point when) {
    deadline = when;
    timed_out = false;
  }
  void disarm() { deadline = SteadyClock::time_point::max(); }

  // More time for more octets, so that a slow line can carry much and a dripping client gains nothing.
  milliseconds time_for(std::size_t octets) const {
    return milliseconds(octets * 1000 / limits().min_bytes_per_second);
  }

  std::string_view pending() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }

  // Counts this connection's body among those of all.
  void hold(std::size_t body_bytes) {
    server_.body_bytes += body_bytes - held_;
    held_ = body_bytes;
  }

  // Reads until the parser has a request or refuses one.
  Task<Received> receive() {
    SteadyClock::time_point started = SteadyClock::now();
    bool is_admitted = false;
    for (;;) {
      begin_ += parser_.put(pending());
      hold(parser_.body_bytes());
      if (parser_.state() == RequestParser::State::complete) co_return Received::request;
      if (parser_.state() == RequestParser::State::failed) co_return Received::refused;
      if (parser_.state() == RequestParser::State::body && begin_ < end_ && progressed()) continue;
      if (parser_.state() == RequestParser::State::body && !std::exchange(is_admitted, true)) {
        if (!co_await admit_body()) co_return Received::refused;
        started = SteadyClock::now();
      }
      if (server_.body_bytes > limits().max_body_bytes_together) {
        refusal_ =
            Response::problem({ErrorKind::unavailable, "too much is being sent at once", "try again soon"});
        refusal_->headers.emplace_back("Retry-After", "1");
        tell({}, *refusal_, SteadyClock::now());
        parser_.reset();  // what came of the body makes room for others
        hold(0);
        co_return Received::refused;
      }
      const bool untouched = parser_.state() == RequestParser::State::header && begin_ == end_;
      if (untouched && server_.stopping) co_return Received::nothing;
      is_idle = untouched;
      if (untouched) {
        arm(limits().idle_timeout);
      } else {
        arm_until(started + limits().read_timeout + time_for(parser_.body_bytes()));
      }
      const ErrorCode error = co_await fill();
      if (std::exchange(is_idle, false)) started = SteadyClock::now();
      if (error) co_return timed_out && !untouched ? Received::refused : Received::nothing;
    }
  }

  // Before a body is waited for: whether the request would be refused anyway. False: refusal_ says why.
  Task<bool> admit_body() {
    disarm();
    const auto started = SteadyClock::now();
    Exchange exchange{parser_.received().request, parser_.received().segments};
    exchange.request.body.clear();
    exchange.request.id = server_.next_request_id();
    auto work = [this, &exchange, started] {
      refusal_ = server_.dispatcher.refuse_early(exchange);
      if (refusal_) tell(exchange.request, *refusal_, started);
    };
    if (!co_await server_.run_on(server_.workers, work)) {
      refusal_ = busy(exchange);
      tell(exchange.request, *refusal_, started);
    }
    if (refusal_ || !parser_.expects_continue()) co_return !refusal_;
    arm(limits().write_timeout);
    co_return !co_await transport->write(kContinue, {});
  }

  static Response busy(const Exchange& exchange) {
    return Dispatcher::problem(exchange, {ErrorKind::unavailable, "too much to do", "try again soon"});
  }

  // Whether the parser took something since it was last asked: a body's pieces come one by one.
  bool progressed() { return std::exchange(parsed_to_, begin_) != begin_; }

  Task<ErrorCode> fill() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (begin_ > 0) {
      buffer_.erase(0, begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    parsed_to_ = std::string::npos;
    if (buffer_.size() < end_ + kReadBytes) buffer_.resize(end_ + kReadBytes);
    const ReadOutcome outcome =
        co_await transport->read(std::span(buffer_).subspan(end_, buffer_.size() - end_));
    end_ += outcome.size;
    co_return outcome.error;
  }

  // The request was no request, or too slow.
  Task<bool> refuse() {
    Exchange exchange;
    exchange.request.id = server_.next_request_id();
    Response response = refusal_ ? std::move(*refusal_)
                        : parser_.state() == RequestParser::State::failed
                            ? parser_.failure()
                            : Response::problem(408, {ErrorKind::bad_input, "the request took too long", ""});
    if (!refusal_) tell(exchange.request, response, SteadyClock::now());
    co_await write(exchange.request, response, {false, false});
    co_return false;
  }

  // True: another request may follow.
  Task<bool> answer(ReceivedRequest received) {
    const auto started = SteadyClock::now();
    disarm();
    Exchange exchange{std::move(received.request), std::move(received.segments)};
    exchange.request.id = server_.next_request_id();
    std::optional<Response> response = server_.dispatcher.answer_now(exchange);
    if (response) {
      tell(exchange.request, *response, started);
    } else if (!exchange.is_stream) {
      response = co_await ask_worker(exchange, started);
    }
    if (exchange.is_stream) {
      co_await stream(exchange, started);
      co_return false;
    }
    const bool keep_alive = received.keep_alive && !server_.stopping;
    co_return co_await write(exchange.request, *response, {keep_alive, received.is_http10}) && keep_alive;
  }

  Task<Response> ask_worker(Exchange& exchange, SteadyClock::time_point started) {
    Response response;
    auto work = [this, &exchange, &response, started] {
      response = server_.dispatcher.answer(exchange);
      if (!exchange.is_stream) tell(exchange.request, response, started);
    };
    if (!co_await server_.run_on(server_.workers, work)) {
      response = busy(exchange);
      tell(exchange.request, response, started);
    }
    co_return response;
  }

  void tell(const Request& request, Response& response, SteadyClock::time_point started) const {
    Dispatcher::suit(request, response);
    if (server_.options.on_answer)
      server_.options.on_answer(request, response, nanoseconds(SteadyClock::now() - started));
  }

  struct Ending {
    bool keep_alive = false;
    bool is_http10 = false;
  };
  // False: the client did not take it.
  Task<bool> write(const Request& request, const Response& response, Ending ending) {
    const std::string_view body = response.content();
    Framing framing{ending.keep_alive, ending.is_http10, body.size(), server_.date(), request.id};
    if (response.status == 204 || response.status == 304) framing.content_length = std::nullopt;
    header_.clear();
    write_header(header_, response, framing);
    const bool has_body = framing.content_length && request.method != Method::head;
    arm(limits().write_timeout + time_for(has_body ? body.size() : 0));
    const ErrorCode error = co_await transport->write(header_, has_body ? body : std::string_view());
    co_return !error;
  }

  // Server-sent events (WHATWG HTML, 9.2): the source is asked about each second, until either side ends it.
  Task<void> stream(Exchange& exchange, SteadyClock::time_point started) {
    EventBuffer events;
    std::string last_id;
    if (const auto found = exchange.request.headers.find("last-event-id");
        found != exchange.request.headers.end())
      last_id = found->second;
    std::optional<Response> refused;
    if (server_.streams >= limits().max_streams)
      refused = Dispatcher::problem(exchange, {ErrorKind::unavailable, "too many streams", ""});
    ++server_.streams;
    if (!refused) refused = co_await ask_source(exchange, last_id, events);
    Response head{200, "text/event-stream", {}, {}, {}, {}};
    tell(exchange.request, refused ? *refused : head, started);
    if (refused) {
      co_await write(exchange.request, *refused, {false, false});
    } else {
      co_await send_events(exchange, head, last_id, events);
    }
    --server_.streams;
  }

  Task<void> send_events(Exchange& exchange, const Response& head, std::string& last_id,
                         EventBuffer& events) {
    header_.clear();
    write_header(header_, head, {false, false, std::nullopt, server_.date(), {}});
    header_ += "retry: 2000\n\n";
    if (!co_await flush(events)) co_return;
    auto last_sent = SteadyClock::now();
    while (co_await sleep(kEventPeriod)) {
      if (co_await ask_source(exchange, last_id, events)) co_return;
      header_.clear();
      if (events.text().empty() && SteadyClock::now() - last_sent >= kKeepAlivePeriod) header_ = ":\n\n";
      if (events.text().empty() && header_.empty()) continue;
      if (!co_await flush(events)) co_return;
      last_sent = SteadyClock::now();
    }
  }

  // Why there are no events, where that is so. A source that nobody has time for is asked next time.
  Task<std::optional<Response>> ask_source(Exchange& exchange, std::string& last_id, EventBuffer& events) {
    Result<std::string> next = last_id;
    auto work = [&exchange, &last_id, &events, &next] {
      try {
        next = exchange.route->events(exchange.request, last_id, events);
      } catch (const std::exception& error) {
        next = fail(ErrorKind::internal, error.what());
      }
    };
    co_await server_.run_on(server_.stream_worker, work);
    if (!next) co_return Dispatcher::problem(exchange, next.error());
    last_id = std::move(*next);
    co_return std::nullopt;
  }

  Task<bool> flush(EventBuffer& events) {
    arm(limits().write_timeout + time_for(events.text().size()));
    const ErrorCode error = co_await transport->write(header_, events.text());
    disarm();
    events.clear();
    co_return !error;
  }

  // False: the server stops, or the client has gone.
  Task<bool> sleep(milliseconds how_long) {
    if (server_.stopping) co_return false;
    Timer timer(server_.io, how_long);
    sleeping = &timer;
    is_idle = true;
    co_await timer.async_wait(kAsTuple);
    is_idle = false;
    sleeping = nullptr;
    co_return !server_.stopping && !client_is_gone();
  }

  bool client_is_gone() {
    char octet = 0;
    const int socket = transport->socket().native_handle();
    return ::recv(socket, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  }

  // Says goodbye so that the last answer arrives: a close with unread octets would destroy it.
  Task<void> part() {
    const auto until = SteadyClock::now() + kLinger;
    arm_until(until);
    co_await transport->finish();
    for (;;) {
      arm_until(until);
      begin_ = end_ = 0;
      if (co_await fill()) break;
    }
    transport->close();
  }

  ServerState& server_;
  RequestParser parser_;
  std::string buffer_;  // what was read and not used up is in [begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t parsed_to_ = std::string::npos;
  std::string header_;
  std::optional<Response> refusal_;  // decided before the body came
  std::size_t held_ = 0;
};

}  // namespace

Task<void> serve_connection(ServerState& server, std::unique_ptr<Transport> transport) {
  Session session(server, std::move(transport));
  co_await session.run();
}

}  // namespace signalbox::http
