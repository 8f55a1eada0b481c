#include "core/gates/evaluator_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/process.hpp"
#include "core/gates/protocol.hpp"

namespace signalbox::gates {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

constexpr const char* kProgram = "signalbox-condition";
constexpr int kFoldersAbove = 8;  // how far up from the running program its library folder may be

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return ::access(path.c_str(), X_OK) == 0 && fs::is_regular_file(path, ignored);
}

tl::unexpected<Error> died(std::string what) {
  return fail(ErrorKind::unavailable, "the evaluator of conditions " + std::move(what),
              "run the command again; when it stays so, report it");
}

// Waits until the socket is ready; an error where it is not in time.
Status wait_for(int socket, short events, SteadyClock::time_point until) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now()).count();
    if (left <= 0) return died("does not answer");
    pollfd wanted{socket, events, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(left));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return fail(error_from_errno(errno, "waiting for signalbox-condition"));
  }
}

// posix_spawn's settings: the socket as standard input, nothing of our signals, a process group of its own.
class SpawnSettings {
 public:
  explicit SpawnSettings(int socket) {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes,
                               POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

}  // namespace

Result<fs::path> find_evaluator() {
  if (const char* folder = std::getenv("SIGNALBOX_LIBRARY"); folder != nullptr && *folder != '\0') {
    if (fs::path given = fs::path(folder) / kProgram; is_program(given)) return given;
    return fail(ErrorKind::unavailable, std::string(folder) + ": holds no " + kProgram,
                "SIGNALBOX_LIBRARY names the folder lib/signalbox of an installation");
  }
  fs::path folder = own_executable().parent_path();
  if (fs::path beside = folder / kProgram; is_program(beside)) return beside;
  for (int i = 0; i < kFoldersAbove && folder.has_relative_path(); ++i, folder = folder.parent_path()) {
    if (fs::path library = folder / "lib" / "signalbox" / kProgram; is_program(library)) return library;
  }
  return fail(ErrorKind::unavailable, std::string(kProgram) + " is not beside this program",
              "build it (ninja signalbox-condition), or set SIGNALBOX_LIBRARY to its folder");
}

EvaluatorProcess::EvaluatorProcess(int pid, FileDescriptor socket) : pid_(pid), socket_(std::move(socket)) {}

EvaluatorProcess::EvaluatorProcess(EvaluatorProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::move(other.socket_)) {}

EvaluatorProcess& EvaluatorProcess::operator=(EvaluatorProcess&& other) noexcept {
  if (this != &other) {
    end();
    pid_ = std::exchange(other.pid_, -1);
    socket_ = std::move(other.socket_);
  }
  return *this;
}

EvaluatorProcess::~EvaluatorProcess() {
  end();
}

void EvaluatorProcess::end() {
  if (pid_ < 0) return;
  socket_.reset();
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

Result<EvaluatorProcess> EvaluatorProcess::start(const fs::path& program) {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(error_from_errno(errno, "a socket for signalbox-condition"));
  FileDescriptor ours(ends[0]);
  const FileDescriptor theirs(ends[1]);
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  const SpawnSettings settings(theirs.get());
  std::string name = kProgram;
  char* const argv[] = {name.data(), nullptr};
  char* const environment[] = {nullptr};
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, program.c_str(), &settings.actions, &settings.attributes, argv, environment);
  if (error != 0) return fail(error_from_errno(error, program.string()));
  return EvaluatorProcess(pid, std::move(ours));
}

Status EvaluatorProcess::write(std::string_view octets, std::chrono::milliseconds patience) {
  const auto until = SteadyClock::now() + patience;
  while (!octets.empty()) {
    const ssize_t sent = ::send(socket_.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      octets.remove_prefix(static_cast<std::size_t>(sent));
    } else if (sent < 0 && errno == EAGAIN) {
      SIGNALBOX_CHECK(wait_for(socket_.get(), POLLOUT, until));
    } else if (sent == 0 || errno != EINTR) {
      return died("has ended");
    }
  }
  return {};
}

Result<std::string> EvaluatorProcess::read(std::size_t count, SteadyClock::time_point until) {
  std::string out(count, '\0');
  for (std::size_t have = 0; have < count;) {
    const ssize_t got = ::recv(socket_.get(), out.data() + have, count - have, 0);
    if (got > 0) {
      have += static_cast<std::size_t>(got);
    } else if (got < 0 && errno == EAGAIN) {
      SIGNALBOX_CHECK(wait_for(socket_.get(), POLLIN, until));
    } else if (got == 0 || errno != EINTR) {
      return died("has ended");
    }
  }
  return out;
}

Result<std::string> EvaluatorProcess::read_frame(std::size_t max_bytes, std::chrono::milliseconds patience) {
  const auto until = SteadyClock::now() + patience;
  SIGNALBOX_TRY(const std::string header, read(protocol::kFrameHeaderBytes, until));
  const std::uint32_t length = protocol::frame_length(header);
  if (length > max_bytes) return died("says something that is no answer");
  return read(length, until);
}

}  // namespace signalbox::gates
