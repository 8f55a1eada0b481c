// GET /metrics on this machine itself.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "core/base/result.hpp"
#include "core/http/server.hpp"

namespace signalbox::http {

// Answers on a thread of its own until it goes. It tells numbers and changes nothing; a page of another site
// whose name was pointed here is turned away by its Host.
class MetricsServer {
 public:
  // `address` is "127.0.0.1:7417" or "[::1]:0"; bad_input where it is none of this machine itself.
  // `text` is called from several threads.
  static Result<std::unique_ptr<MetricsServer>> start(std::string_view address,
                                                      std::function<std::string()> text);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;
  std::uint16_t port() const { return server_->port(); }

 private:
  explicit MetricsServer(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

}  // namespace signalbox::http
