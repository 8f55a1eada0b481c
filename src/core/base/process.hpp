// Other programs, run without a shell.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox {

struct ProcessOptions {
  std::string input;                // given to its standard input, then closed
  std::filesystem::path directory;  // where it runs; empty: here
  std::vector<std::pair<std::string, std::string>>
      environment;                             // added to ours; an empty value removes the name
  std::chrono::milliseconds deadline{60'000};  // then SIGKILL to its process group
  std::size_t max_output_bytes =
      std::size_t{64}
      << 20;  // of standard output; more ends it with an error. Of standard error 64 KiB are kept
};

struct ProcessResult {
  int exit_code = 0;   // 128 + signal when a signal ended it
  std::string output;  // standard output
  std::string errors;  // the first 64 KiB of standard error
};

// Runs argv[0] (found on the PATH) to its end. An exit code other than 0 is a value, not an error; a missing
// program is unavailable, a passed deadline is unavailable, too much output is bad_input.
Result<ProcessResult> run_process(const std::vector<std::string>& argv, const ProcessOptions& options = {});

// A running program whose standard output is read while it runs, and whose standard input can be written to.
// Destroying it closes both ends and, when it still runs, kills it.
class Process {
 public:
  static Result<Process> start(const std::vector<std::string>& argv, const ProcessOptions& options = {});
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  ~Process();

  Status write(std::string_view octets);  // all of it, to its standard input
  void close_input();
  // Up to `limit` octets; an empty string at the end of its output.
  Result<std::string> read(std::size_t limit = std::size_t{64} << 10);
  Result<ProcessResult> wait();  // waits for its end; `output` is empty, `errors` holds up to 64 KiB
  int pid() const;

 private:
  friend Result<ProcessResult> run_process(const std::vector<std::string>& argv,
                                           const ProcessOptions& options);
  struct State;
  explicit Process(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// This process' environment with some names changed: an empty value removes one. "NAME=value" each.
std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& changes);
// As exec(3) takes them, with a null at the end; valid as long as `texts` is.
std::vector<char*> exec_pointers(std::vector<std::string>& texts);

// Absolute path of a program on the PATH.
std::optional<std::filesystem::path> find_program(std::string_view name);
// Absolute path of the running executable.
std::filesystem::path own_executable();

}  // namespace signalbox
