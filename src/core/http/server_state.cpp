#include "core/http/server_state.hpp"

#include <boost/asio/post.hpp>
#include <fmt/core.h>

#include "core/base/encoding.hpp"
#include "core/base/random.hpp"
#include "core/http/answer_header.hpp"

namespace signalbox::http {
namespace {

using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::system_clock;

}  // namespace

ServerState::ServerState(const ServerOptions& given, Dispatcher dispatch)
    : options(given),
      dispatcher(std::move(dispatch)),
      workers(given.worker_threads, given.limits.max_queued_requests),
      stream_worker(1, given.limits.max_streams),
      id_prefix_(to_hex(random_octets(3))) {}

std::string ServerState::next_request_id() {
  return fmt::format("{}-{:x}", id_prefix_, ++last_id_);
}

std::string_view ServerState::date() {
  const auto now = floor<seconds>(system_clock::now());
  if (now != date_of_) {
    date_of_ = now;
    date_ = http_date(now);
  }
  return date_;
}

void ServerState::sweep() {
  const auto now = SteadyClock::now();
  for (Connection* connection : connections) {
    if (connection->deadline > now) continue;
    connection->timed_out = true;
    connection->transport->cancel();
  }
}

void ServerState::cancel_idle() {
  for (Connection* connection : connections) {
    if (!connection->is_idle) continue;
    connection->transport->cancel();
    if (connection->sleeping != nullptr) connection->sleeping->cancel();
  }
}

void ServerState::close_all() {
  for (Connection* connection : connections) {
    connection->transport->close();
    if (connection->sleeping != nullptr) connection->sleeping->cancel();
  }
}

Task<bool> ServerState::run_on(WorkerPool& pool, std::function<void()> work) {
  auto start = [this, &pool, &work](auto handler) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    auto done = [shared, executor = io.get_executor()](bool was_done) {
      boost::asio::post(executor, [shared, was_done] { (*shared)(was_done); });
    };
    auto job = [done, work = std::move(work), alive = shared_from_this()] {
      work();
      done(true);
    };
    if (!pool.submit(std::move(job))) done(false);
  };
  boost::asio::use_awaitable_t<Executor> token;
  co_return co_await boost::asio::async_initiate<boost::asio::use_awaitable_t<Executor>, void(bool)>(start,
                                                                                                     token);
}

}  // namespace signalbox::http
