// SIGINT and SIGTERM as something to wait for.
#pragma once

#include <chrono>

#include "core/base/file.hpp"
#include "core/base/result.hpp"

namespace signalbox::queries {

// While it lives the two signals end nothing by themselves. Before other threads are made, which inherit
// that.
class StopSignal {
 public:
  static Result<StopSignal> listen();
  // Waits until `deadline` or a signal; true once one came.
  bool wait_until(std::chrono::steady_clock::time_point deadline);

 private:
  explicit StopSignal(FileDescriptor descriptor) : descriptor_(std::move(descriptor)) {}
  FileDescriptor descriptor_;
  bool came_ = false;
};

}  // namespace signalbox::queries
