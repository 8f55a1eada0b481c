// The running program signalbox-condition, seen from its client: frames in, frames out.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/file.hpp"
#include "core/base/result.hpp"

namespace signalbox::gates {

// $SIGNALBOX_LIBRARY/signalbox-condition, else the one in the library folder that belongs to the running
// program: beside it, or in lib/signalbox of a folder above it. unavailable where there is none.
Result<std::filesystem::path> find_evaluator();

class EvaluatorProcess {
 public:
  static Result<EvaluatorProcess> start(const std::filesystem::path& program);
  EvaluatorProcess(EvaluatorProcess&& other) noexcept;
  EvaluatorProcess& operator=(EvaluatorProcess&& other) noexcept;
  ~EvaluatorProcess();  // kills it

  // Both fail with unavailable where it died, or where it did not take or give all in time.
  Status write(std::string_view octets, std::chrono::milliseconds patience);
  Result<std::string> read_frame(std::size_t max_bytes, std::chrono::milliseconds patience);
  int pid() const { return pid_; }

 private:
  EvaluatorProcess(int pid, FileDescriptor socket);
  Result<std::string> read(std::size_t count, std::chrono::steady_clock::time_point until);
  void end();

  int pid_ = -1;
  FileDescriptor socket_;
};

}  // namespace signalbox::gates
