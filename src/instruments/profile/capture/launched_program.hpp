// A program that is started for its profile: made, held before its first instruction, let go.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/result.hpp"

namespace signalbox::profile {

// Shares our terminal, standard streams and process group, so that Ctrl-C reaches it too. It is never killed
// by us: whoever forgets this value leaves it running.
class LaunchedProgram {
 public:
  // A child that waits to become argv[0]. `environment` is added to ours. bad_input where there is no such
  // program.
  static Result<LaunchedProgram> prepare(const std::vector<std::string>& argv,
                                         const std::vector<std::pair<std::string, std::string>>& environment);

  LaunchedProgram(LaunchedProgram&&) noexcept = default;
  LaunchedProgram& operator=(LaunchedProgram&&) noexcept = default;
  ~LaunchedProgram();  // one that was never let go ends

  std::int32_t pid() const { return pid_; }
  // Lets it become the program; an error where that failed.
  Status go();
  // For poll(2): readable once it has ended.
  int ended() const { return ended_.get(); }
  // Its exit code, 128 + signal where one ended it; nothing while it runs. Reaps it.
  std::optional<int> exit_code();
  // Processor time of it and of all its children that ended, once exit_code() told.
  std::int64_t cpu_ns() const { return cpu_ns_; }

 private:
  LaunchedProgram() = default;
  std::int32_t pid_ = -1;
  FileDescriptor gate_;    // written to: go
  FileDescriptor failed_;  // read: the errno of exec, or its end
  FileDescriptor ended_;
  std::optional<int> exit_code_;
  std::int64_t cpu_ns_ = 0;
};

}  // namespace signalbox::profile
