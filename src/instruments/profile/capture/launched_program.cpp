#include "instruments/profile/capture/launched_program.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/process.hpp"

namespace signalbox::profile {
namespace {

constexpr int kCannotRun = 127;  // as a shell says it

std::int64_t nanoseconds_of(const timeval& time) {
  return (std::int64_t{time.tv_sec} * 1'000'000 + time.tv_usec) * 1'000;
}

}  // namespace

Result<LaunchedProgram> LaunchedProgram::prepare(
    const std::vector<std::string>& argv,
    const std::vector<std::pair<std::string, std::string>>& environment) {
  if (argv.empty()) return fail(ErrorKind::bad_input, "no program to run");
  const auto program = find_program(argv.front());
  if (!program)
    return fail(ErrorKind::bad_input, fmt::format("there is no program {}", argv.front()),
                fmt::format("a file of this folder is called ./{}", argv.front()));
  int gate[2];
  int failed[2];
  if (::pipe2(gate, O_CLOEXEC) != 0) return fail(error_from_errno(errno, "pipe"));
  FileDescriptor gate_read{gate[0]};
  FileDescriptor gate_write{gate[1]};
  if (::pipe2(failed, O_CLOEXEC) != 0) return fail(error_from_errno(errno, "pipe"));
  FileDescriptor failed_read{failed[0]};
  FileDescriptor failed_write{failed[1]};
  std::vector<std::string> words = argv;
  std::vector<std::string> variables = environment_with(environment);
  const std::vector<char*> word_pointers = exec_pointers(words);
  const std::vector<char*> variable_pointers = exec_pointers(variables);
  const std::string path = program->native();
  const pid_t pid = ::fork();
  if (pid < 0) return fail(error_from_errno(errno, "fork"));
  if (pid == 0) {
    // Only calls that are safe after fork. The gate closed without a word: the profiler is gone, so it never
    // began.
    ::close(gate_write.get());
    char word = 0;
    ssize_t got = 0;
    while ((got = ::read(gate_read.get(), &word, 1)) < 0 && errno == EINTR) {
    }
    if (got != 1) ::_exit(kCannotRun);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::execve(path.c_str(), word_pointers.data(), variable_pointers.data());
    const int why = errno;
    [[maybe_unused]] const ssize_t told = ::write(failed_write.get(), &why, sizeof why);
    ::_exit(kCannotRun);
  }
  LaunchedProgram out;
  out.pid_ = pid;
  out.gate_ = std::move(gate_write);
  out.failed_ = std::move(failed_read);
  out.ended_ = FileDescriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  return out;
}

LaunchedProgram::~LaunchedProgram() {
  // One that was never let go ends by itself once its gate is closed.
  if (!gate_) return;
  gate_.reset();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Status LaunchedProgram::go() {
  if (::write(gate_.get(), "!", 1) != 1) return fail(error_from_errno(errno, "starting the program"));
  gate_.reset();
  int why = 0;
  ssize_t got = 0;
  while ((got = ::read(failed_.get(), &why, sizeof why)) < 0 && errno == EINTR) {
  }
  failed_.reset();
  if (got == sizeof why) {
    while (!exit_code()) ::usleep(1'000);
    Error error = error_from_errno(why, "running the program");
    error.kind = ErrorKind::bad_input;
    return fail(std::move(error));
  }
  return {};
}

std::optional<int> LaunchedProgram::exit_code() {
  if (exit_code_) return exit_code_;
  int status = 0;
  rusage usage{};
  const pid_t ended = ::wait4(pid_, &status, WNOHANG, &usage);
  if (ended != pid_) return std::nullopt;
  cpu_ns_ = nanoseconds_of(usage.ru_utime) + nanoseconds_of(usage.ru_stime);
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_code_;
}

}  // namespace signalbox::profile
