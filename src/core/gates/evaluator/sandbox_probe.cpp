// For a test: goes into one of the two sandboxes and tries what must not work there. Exits with 0 where it
// worked, with the error number where the call failed; a filter that kills ends it by SIGSYS.
#include <cerrno>
#include <csignal>
#include <string_view>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/gates/evaluator/sandbox.hpp"

namespace {

constexpr int kUsage = 125;
constexpr int kNoSandbox = 126;

int outcome(long result) {
  return result >= 0 ? 0 : errno;
}

int attempt(std::string_view what) {
  if (what == "nothing") return 0;
  if (what == "open") return outcome(::open("/etc/passwd", O_RDONLY));
  if (what == "create") return outcome(::open("/tmp/signalbox-sandbox-probe", O_CREAT | O_WRONLY, 0600));
  if (what == "socket") return outcome(::socket(AF_INET, SOCK_STREAM, 0));
  if (what == "kill") return outcome(::kill(::getppid(), SIGCONT));
  if (what == "unlink") return outcome(::unlink("/tmp/signalbox-sandbox-probe"));
  if (what == "execute") {
    char name[] = "/bin/true";
    char* const words[] = {name, nullptr};
    return outcome(::execv(name, words));
  }
  if (what == "fork") {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    return outcome(child);
  }
  return kUsage;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return kUsage;
  const bool evaluation = std::string_view(argv[1]) == "evaluation";
  const auto filter =
      evaluation ? signalbox::gates::evaluation_filter() : signalbox::gates::evaluator_filter();
  if (!filter || !signalbox::gates::enter(*filter)) return kNoSandbox;
  ::_exit(attempt(argv[2]));
}
