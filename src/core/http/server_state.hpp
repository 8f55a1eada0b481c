// What the connections of one server share. All of it is touched on the server's own thread alone, but for
// the pools and the dispatcher.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include <boost/asio/io_context.hpp>

#include "core/http/dispatcher.hpp"
#include "core/http/server.hpp"
#include "core/http/transport.hpp"
#include "core/http/worker_pool.hpp"

namespace signalbox::http {

// A connection as the server sees it: when its present wait ends at the latest, and how to end it.
struct Connection {
  std::unique_ptr<Transport> transport;
  SteadyClock::time_point deadline = SteadyClock::time_point::max();
  bool is_idle = false;    // waits for the first octet of a request, or between two events
  bool timed_out = false;  // the deadline passed and the wait was cancelled
  Timer* sleeping = nullptr;
};

// Work that a worker still has keeps it alive, whatever becomes of the server.
class ServerState : public std::enable_shared_from_this<ServerState> {
 public:
  ServerState(const ServerOptions& options, Dispatcher dispatcher);

  std::string next_request_id();
  std::string_view date();  // of now, as HTTP writes it; rendered once a second
  // Cancels what waits past its deadline. Called several times a second.
  void sweep();
  void cancel_idle();
  void close_all();
  // Has a pool do the work, and waits. False: the pool was full and it was not done.
  Task<bool> run_on(WorkerPool& pool, std::function<void()> work);

  const ServerOptions options;
  const Dispatcher dispatcher;
  WorkerPool workers;
  WorkerPool stream_worker;  // one thread for all event sources: they never keep a request waiting
  std::unordered_set<Connection*> connections;
  std::size_t streams = 0;
  std::size_t body_bytes = 0;  // of the requests that were received or are being so
  bool stopping = false;
  boost::asio::io_context io{1};  // the last, so that what it holds is destroyed before all else

 private:
  std::string id_prefix_;
  std::uint64_t last_id_ = 0;
  std::chrono::sys_seconds date_of_{};
  std::string date_;
};

// Serves one connection until it ends.
Task<void> serve_connection(ServerState& server, std::unique_ptr<Transport> transport);

}  // namespace signalbox::http
