// A client of plain sockets and a server around it, for tests that send what no library would.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/http/server.hpp"

namespace signalbox::http::testing {

// One TCP connection to loopback. Nothing throws: what fails shows as an empty answer.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient(const RawClient&) = delete;

  bool send(std::string_view octets);  // false: the server has closed
  void finish();                       // no more from here: half closed
  void close();
  void reset();  // closes with RST
  // What comes until the server closes, or the time is over.
  std::string read_all(std::chrono::milliseconds at_most = std::chrono::seconds(10));
  // What comes until `end` was seen, the server closes, or the time is over.
  std::string read_until(std::string_view end, std::chrono::milliseconds at_most = std::chrono::seconds(10));
  // One answer with its body, by Content-Length.
  std::string read_answer(std::chrono::milliseconds at_most = std::chrono::seconds(10));
  bool is_closed_within(std::chrono::milliseconds at_most);  // the server ended it, whatever it sent before
  int descriptor() const { return socket_; }

 private:
  bool read_some(std::chrono::steady_clock::time_point until);
  int socket_ = -1;
  std::string received_;
};

// Everybody is admin.
std::shared_ptr<Authenticator> trusting();

// A server that runs on a thread of its own until it goes out of scope.
class RunningServer {
 public:
  explicit RunningServer(std::vector<Route> routes, ServerOptions options = {},
                         std::shared_ptr<Authenticator> authenticator = trusting());
  ~RunningServer();
  RawClient connect() const { return RawClient(port()); }
  std::uint16_t port() const { return server_->port(); }
  Server& server() { return *server_; }
  Status stop();  // and waits for the end

  // Sends one request with Connection: close on a connection of its own; gives the whole answer.
  std::string get(std::string_view path, std::string_view more_headers = "") const;

 private:
  std::unique_ptr<Server> server_;
  Status ended_;
  std::thread thread_;
};

int status_of(std::string_view answer);                                // 0 where there is none
std::string body_of(std::string_view answer);                          // behind the empty line
std::string field_of(std::string_view answer, std::string_view name);  // "" where there is none

Route route_for(Method method, std::string path, Handler handle);

}  // namespace signalbox::http::testing
