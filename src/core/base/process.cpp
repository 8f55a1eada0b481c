#include "core/base/process.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.hpp"

extern char** environ;
extern "C" {
#include <sys/pidfd.h>  // glibc 2.36 leaves the C linkage to us
}

namespace signalbox {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::size_t kMaxWriteBytes =
    4096;  // PIPE_BUF: a write of it never waits once poll says that the pipe takes some
constexpr std::size_t kMaxKeptErrorBytes = std::size_t{64} << 10;

struct Pipe {
  FileDescriptor read_end;
  FileDescriptor write_end;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(error_from_errno(errno, "pipe"));
  return Pipe{FileDescriptor{ends[0]}, FileDescriptor{ends[1]}};
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// A write to a program that has ended must be an error, not a signal that ends us.
void ignore_broken_pipes() {
  static const bool done = [] {
    ::signal(SIGPIPE, SIG_IGN);
    return true;
  }();
  (void)done;
}

}  // namespace

struct Process::State {
  pid_t pid = -1;
  FileDescriptor input;
  FileDescriptor output;
  FileDescriptor errors;
  std::string kept_errors;
  std::string name;
  Steady::time_point deadline;
  bool waited = false;

  ~State() {
    input.reset();
    output.reset();
    if (pid > 0 && !waited) {
      ::kill(-pid, SIGKILL);
      ::kill(pid, SIGKILL);
      int status = 0;
      while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
      }
    }
  }

  // Rounded up: whoever measured the time from before the start sees that all of it has passed.
  int milliseconds_left() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
    return left <= 0 ? 0 : static_cast<int>(std::min<long long>(left, 1'000'000));
  }

  Error too_slow() const {
    return {ErrorKind::unavailable, fmt::format("{}: not finished in time", name), {}};
  }

  // Takes what standard error has, without waiting; false at its end.
  bool drain_errors() {
    char buffer[4096];
    const ssize_t got = ::read(errors.get(), buffer, sizeof buffer);
    if (got > 0) {
      const std::size_t room = kMaxKeptErrorBytes - std::min(kMaxKeptErrorBytes, kept_errors.size());
      kept_errors.append(buffer, std::min(room, static_cast<std::size_t>(got)));
      return true;
    }
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    errors.reset();
    return false;
  }
};

Process::Process(std::unique_ptr<State> state) : state_(std::move(state)) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;
Process::~Process() = default;

int Process::pid() const {
  return state_->pid;
}

Result<Process> Process::start(const std::vector<std::string>& argv, const ProcessOptions& options) {
  ignore_broken_pipes();
  if (argv.empty()) return fail(ErrorKind::internal, "no program to run");
  SIGNALBOX_TRY(Pipe input, make_pipe());
  SIGNALBOX_TRY(Pipe output, make_pipe());
  SIGNALBOX_TRY(Pipe errors, make_pipe());
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.read_end.get(), 0);
  posix_spawn_file_actions_adddup2(&actions, output.write_end.get(), 1);
  posix_spawn_file_actions_adddup2(&actions, errors.write_end.get(), 2);
  if (!options.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, options.directory.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t no_signals;
  sigemptyset(&no_signals);
  posix_spawnattr_setsigmask(&attributes, &no_signals);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  std::vector<std::string> arguments = argv;
  std::vector<std::string> variables = environment_with(options.environment);
  auto state = std::make_unique<State>();
  const int error = ::posix_spawnp(&state->pid, argv[0].c_str(), &actions, &attributes,
                                   exec_pointers(arguments).data(), exec_pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    state->pid = -1;
    return fail(ErrorKind::unavailable, fmt::format("cannot run {}: {}", argv[0], std::strerror(error)),
                error == ENOENT ? fmt::format("install {}, or put it on the PATH", argv[0]) : std::string{});
  }
  state->name = argv[0];
  state->input = std::move(input.write_end);
  state->output = std::move(output.read_end);
  state->errors = std::move(errors.read_end);
  ::fcntl(state->errors.get(), F_SETFL, O_NONBLOCK);
  state->deadline = Steady::now() + options.deadline;
  return Process(std::move(state));
}

Status Process::write(std::string_view octets) {
  if (!state_->input)
    return fail(ErrorKind::internal, "writing to " + state_->name + ": its input is closed");
  while (!octets.empty()) {
    pollfd wanted[2] = {{state_->input.get(), POLLOUT, 0}, {state_->errors.get(), POLLIN, 0}};
    const int ready = ::poll(wanted, 2, state_->milliseconds_left());
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return fail(state_->too_slow());
    if (wanted[1].revents != 0) state_->drain_errors();
    if (wanted[0].revents == 0) continue;
    const std::size_t chunk = std::min(octets.size(), kMaxWriteBytes);
    const ssize_t written = ::write(state_->input.get(), octets.data(), chunk);
    if (written < 0 && errno != EINTR) return fail(error_from_errno(errno, "writing to " + state_->name));
    if (written > 0) octets.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

void Process::close_input() {
  state_->input.reset();
}

Result<std::string> Process::read(std::size_t limit) {
  for (;;) {
    pollfd wanted[2] = {{state_->output.get(), POLLIN, 0}, {state_->errors.get(), POLLIN, 0}};
    const int ready = ::poll(wanted, 2, state_->milliseconds_left());
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return fail(state_->too_slow());
    if (wanted[1].revents != 0) state_->drain_errors();
    if (wanted[0].revents == 0) continue;
    std::string out(limit, '\0');
    const ssize_t got = ::read(state_->output.get(), out.data(), limit);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(error_from_errno(errno, "reading from " + state_->name));
    out.resize(static_cast<std::size_t>(got));
    return out;
  }
}

Result<ProcessResult> Process::wait() {
  state_->input.reset();
  state_->output.reset();
  while (state_->errors) {
    pollfd wanted{state_->errors.get(), POLLIN, 0};
    const int ready = ::poll(&wanted, 1, state_->milliseconds_left());
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return fail(state_->too_slow());
    state_->drain_errors();
  }
  // It may have closed its outputs and go on: its end has the same deadline.
  const FileDescriptor ended{::pidfd_open(state_->pid, 0)};
  if (!ended) return fail(error_from_errno(errno, "waiting for " + state_->name));
  pollfd wanted{ended.get(), POLLIN, 0};
  int ready = 0;
  while ((ready = ::poll(&wanted, 1, state_->milliseconds_left())) < 0 && errno == EINTR) {
  }
  if (ready == 0) return fail(state_->too_slow());
  int status = 0;
  while (::waitpid(state_->pid, &status, 0) < 0) {
    if (errno != EINTR) return fail(error_from_errno(errno, "waiting for " + state_->name));
  }
  state_->waited = true;
  ProcessResult result;
  result.exit_code = exit_code_of(status);
  result.errors = std::move(state_->kept_errors);
  return result;
}

Result<ProcessResult> run_process(const std::vector<std::string>& argv, const ProcessOptions& options) {
  SIGNALBOX_TRY(Process process, Process::start(argv, options));
  Process::State& state = *process.state_;
  std::string_view unsent = options.input;
  std::string output;
  // One loop writes what it takes and reads what it gives, so that neither side waits for the other.
  for (;;) {
    if (unsent.empty()) state.input.reset();
    pollfd wanted[3] = {
        {state.input.get(), POLLOUT, 0}, {state.output.get(), POLLIN, 0}, {state.errors.get(), POLLIN, 0}};
    const int ready = ::poll(wanted, 3, state.milliseconds_left());
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return fail(state.too_slow());
    if (wanted[2].revents != 0) state.drain_errors();
    if (wanted[0].revents != 0) {
      const ssize_t written =
          ::write(state.input.get(), unsent.data(), std::min(unsent.size(), kMaxWriteBytes));
      if (written > 0) unsent.remove_prefix(static_cast<std::size_t>(written));
      if (written < 0 && errno != EINTR) unsent = {};  // it reads no further: its own affair
    }
    if (wanted[1].revents == 0) continue;
    SIGNALBOX_TRY(const std::string piece, process.read());
    if (piece.empty()) break;
    if (output.size() + piece.size() > options.max_output_bytes) {
      return fail(ErrorKind::bad_input,
                  fmt::format("{}: more than {} bytes of output", argv[0], options.max_output_bytes));
    }
    output += piece;
  }
  SIGNALBOX_TRY(ProcessResult result, process.wait());
  result.output = std::move(output);
  return result;
}

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& changes) {
  std::vector<std::string> out;
  const auto changed = [&](std::string_view entry) {
    for (const auto& [name, value] : changes) {
      if (entry.size() > name.size() && entry.substr(0, name.size()) == name && entry[name.size()] == '=')
        return true;
    }
    return false;
  };
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!changed(*entry)) out.emplace_back(*entry);
  }
  for (const auto& [name, value] : changes) {
    if (!value.empty()) out.push_back(name + "=" + value);
  }
  return out;
}

std::vector<char*> exec_pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::optional<std::filesystem::path> find_program(std::string_view name) {
  if (name.find('/') != std::string_view::npos) {
    return ::access(std::string(name).c_str(), X_OK) == 0 ? std::optional(std::filesystem::path(name))
                                                          : std::nullopt;
  }
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const std::filesystem::path candidate = std::filesystem::path(rest.substr(0, colon)) / name;
    std::error_code ignored;
    if (::access(candidate.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(candidate, ignored))
      return candidate;
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
  }
  return std::nullopt;
}

std::filesystem::path own_executable() {
  std::error_code error;
  auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path() : path;
}

}  // namespace signalbox
