// A connection to the store for each thread that asks.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "core/store/database.hpp"

namespace signalbox::serve {

// Thread-safe; each connection is its thread's alone, and lives as long as the pool.
class DatabasePool {
 public:
  explicit DatabasePool(std::string url) : url_(std::move(url)) {}
  Result<store::Database*> of_this_thread();

 private:
  std::string url_;
  std::mutex mutex_;
  std::unordered_map<std::thread::id, std::unique_ptr<store::Database>> databases_;
};

}  // namespace signalbox::serve
