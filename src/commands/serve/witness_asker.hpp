// Asks the log's witnesses for their cosignatures while the server runs.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/store/database.hpp"

namespace signalbox::serve {

// A thread with a connection of its own: looks each second whether the log grew, and asks. A round that
// failed is tried again after twice the time, up to a minute. `clock` must outlive it.
class WitnessAsker {
 public:
  using OpenDatabase = std::function<Result<std::unique_ptr<store::Database>>()>;
  // `say` is told what changed: a witness that fails, one that is well again, an alarm. Called on the thread.
  WitnessAsker(OpenDatabase open, const Clock& clock, std::function<void(std::string_view)> say);
  WitnessAsker(const WitnessAsker&) = delete;
  WitnessAsker& operator=(const WitnessAsker&) = delete;
  ~WitnessAsker();

 private:
  void run();
  bool wait(std::chrono::milliseconds time);  // false: it is to end

  OpenDatabase open_;
  const Clock& clock_;
  std::function<void(std::string_view)> say_;
  std::mutex mutex_;
  std::condition_variable ending_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace signalbox::serve
