// signalbox-condition: answers conditions on its standard input, a socket that its client made. It has no
// environment, no files and no network; each evaluation runs in a child that has less still and is killed at
// its deadline.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/gates/evaluator/program.hpp"
#include "core/gates/evaluator/sandbox.hpp"
#include "core/gates/protocol.hpp"

namespace signalbox::gates {
namespace {

namespace wire = protocol;
using SteadyClock = std::chrono::steady_clock;

constexpr int kClient = STDIN_FILENO;
constexpr int kStatm = 3;
constexpr int kFirstFree = 4;
constexpr int kExitUnavailable = 3;
constexpr int kExitBug = 4;
constexpr int kCompileSeconds = 2;
constexpr std::size_t kEvaluationsAChild = 128;  // so that their sum stays below the limit of processor time

bool write_all(int file, std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t written = ::write(file, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// False at the end of the input.
bool read_exactly(int file, std::string& out, std::size_t count) {
  out.resize(count);
  for (std::size_t have = 0; have < count;) {
    const ssize_t got = ::read(file, out.data() + have, count - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
  }
  return true;
}

// Bytes of address space in use, which a child has too.
std::size_t bytes_in_use() {
  char text[64] = {};
  if (::pread(kStatm, text, sizeof text - 1, 0) <= 0) return 0;
  return std::strtoull(text, nullptr, 10) * 4096;
}

// A child that evaluates, and the pipe its answers come through.
class Evaluation {
 public:
  Evaluation(pid_t child, int answers) : child_(child), answers_(answers) {}
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;
  ~Evaluation() { end(); }

  // The next answer; nothing where the child ended, or was killed at the deadline, before it.
  std::optional<wire::Answer> next(SteadyClock::time_point deadline) {
    std::string header;
    std::string body;
    if (!take(header, wire::kFrameHeaderBytes, deadline)) return std::nullopt;
    const std::uint32_t length = wire::frame_length(header);
    if (length > wire::kMaxAnswerBytes || !take(body, length, deadline)) return std::nullopt;
    return wire::read_answer(body);
  }

  // Why there was no answer.
  wire::Answer post_mortem() {
    end();
    if (late_) return {wire::Kind::timeout, "it ran past its deadline and was killed"};
    if (WIFEXITED(status_) && WEXITSTATUS(status_) == kExitOutOfMemory)
      return {wire::Kind::memory, "it ran out of memory"};
    if (killed_by(SIGXCPU) || killed_by(SIGKILL))
      return {wire::Kind::timeout, "it used up its processor time"};
    if (killed_by(SIGSYS))
      return {wire::Kind::error, "it made a system call that no condition needs, and was killed"};
    if (killed_by(SIGSEGV) || killed_by(SIGBUS) || killed_by(SIGABRT))
      return {wire::Kind::memory, "it ran out of memory or of stack"};
    return {wire::Kind::error, "its evaluation ended without an answer"};
  }

 private:
  bool killed_by(int signal) const { return WIFSIGNALED(status_) && WTERMSIG(status_) == signal; }

  bool take(std::string& out, std::size_t count, SteadyClock::time_point deadline) {
    while (unread_.size() < count) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
      pollfd wanted{answers_, POLLIN, 0};
      const int ready = left > 0 ? ::poll(&wanted, 1, static_cast<int>(left)) : 0;
      if (ready < 0 && errno == EINTR) continue;
      if (ready == 0) {
        late_ = true;
        return false;
      }
      char buffer[4096];
      const ssize_t got = ::read(answers_, buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        ended_ = true;
        return false;
      }
      unread_.append(buffer, static_cast<std::size_t>(got));
    }
    out = unread_.substr(0, count);
    unread_.erase(0, count);
    return true;
  }

  void end() {
    if (child_ < 0) return;
    // Where its pipe was closed it has ended by itself, and how it did so is what counts.
    if (!ended_) ::kill(child_, SIGKILL);
    ::close(answers_);
    while (::waitpid(child_, &status_, 0) < 0 && errno == EINTR) {
    }
    child_ = -1;
  }

  pid_t child_;
  int answers_;
  int status_ = 0;
  bool late_ = false;   // killed at its deadline
  bool ended_ = false;  // closed its end of the pipe, which it does by ending
  std::string unread_;
};

// Answers requests until the client closes its end.
class Evaluator {
 public:
  explicit Evaluator(Filter evaluation) : evaluation_(std::move(evaluation)) {}

  int run() {
    std::string header;
    std::string body;
    while (read_exactly(kClient, header, wire::kFrameHeaderBytes)) {
      const std::uint32_t length = wire::frame_length(header);
      if (length > wire::kMaxRequestBytes || !read_exactly(kClient, body, length)) return kExitBug;
      const auto request = wire::read_request(body);
      if (!request || !answer(*request)) return kExitBug;
    }
    return 0;
  }

 private:
  bool answer(const wire::Request& request) {
    std::string why;
    const itimerval limit{{0, 0}, {kCompileSeconds, 0}};
    const itimerval none{};
    ::setitimer(ITIMER_REAL, &limit, nullptr);
    const Program* const program = programs_.find_or_compile(request.expression, why);
    ::setitimer(ITIMER_REAL, &none, nullptr);
    const std::size_t count = request.variants.empty() ? 1 : request.count;
    if (program == nullptr) return repeat({wire::Kind::refused, why}, count);
    if (request.input != input_text_) {
      input_ = Value::parse(request.input);
      input_text_ = request.input;
    }
    const Value variants = request.variants.empty() ? Value() : Value::parse(request.variants);
    if (!input_.valid() || (!request.variants.empty() && !variants.valid()))
      return repeat({wire::Kind::error, "jq cannot read the input"}, count);
    return evaluate(*program, variants, count, request.deadline);
  }

  static bool repeat(const wire::Answer& answer, std::size_t count) {
    const std::string frame = wire::write_answer(answer);
    for (std::size_t i = 0; i < count; ++i) {
      if (!write_all(kClient, frame)) return false;
    }
    return true;
  }

  bool evaluate(const Program& program, const Value& variants, std::size_t count,
                std::chrono::milliseconds deadline) {
    for (std::size_t done = 0; done < count;) {
      const std::size_t end = std::min(count, done + kEvaluationsAChild);
      auto started = SteadyClock::now();
      std::optional<Evaluation> evaluation;
      if (!start(program, variants, done, end, evaluation)) return false;
      const std::size_t first = done;
      for (; done < end; ++done) {
        const auto answer = evaluation->next(started + deadline);
        if (!answer) break;
        if (!write_all(kClient, wire::write_answer(*answer))) return false;
        started = SteadyClock::now();
      }
      if (done == end) continue;
      // A child may have fallen over what the evaluations before left behind: the next begins with this one.
      if (done > first) continue;
      if (!write_all(kClient, wire::write_answer(evaluation->post_mortem()))) return false;
      ++done;
    }
    return true;
  }

  bool start(const Program& program, const Value& variants, std::size_t from, std::size_t to,
             std::optional<Evaluation>& out) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    const std::size_t in_use = bytes_in_use();
    const pid_t child = ::fork();
    if (child == 0) evaluate_here(program, variants, from, to, ends[1], in_use);
    ::close(ends[1]);
    if (child < 0) {
      ::close(ends[0]);
      return false;
    }
    out.emplace(child, ends[0]);
    return true;
  }

  [[noreturn]] void evaluate_here(const Program& program, const Value& variants, std::size_t from,
                                  std::size_t to, int answers, std::size_t in_use) const {
    const auto kept = static_cast<unsigned>(answers);
    if (kept > 0) ::close_range(0, kept - 1, 0);
    ::close_range(kept + 1, ~0U, 0);
    if (!limit_evaluation(in_use) || ::getppid() != self_ || !enter(evaluation_))
      ::_exit(kExitUnavailable + 1);
    for (std::size_t i = from; i < to; ++i) {
      if (!write_all(answers, wire::write_answer(program.evaluate(input_, variants, i)))) break;
    }
    ::_exit(0);
  }

  Filter evaluation_;
  const pid_t self_ = ::getpid();
  ProgramCache programs_;
  std::string input_text_;
  Value input_;
};

int unavailable(const char* what) {
  std::fprintf(stderr, "signalbox-condition: %s\n", what);
  return kExitUnavailable;
}

int main_of_evaluator() {
  ::clearenv();
  ::signal(SIGPIPE, SIG_IGN);
  const int statm = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (statm < 0) return unavailable("/proc is not there");
  if (statm != kStatm && ::dup2(statm, kStatm) < 0) return unavailable("no file descriptor is left");
  ::close_range(kFirstFree, ~0U, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  const auto own = evaluator_filter();
  auto evaluation = evaluation_filter();
  if (!own || !evaluation) return unavailable("libseccomp makes no filter");
  Evaluator evaluator(std::move(*evaluation));
  if (!enter(*own)) return unavailable("the kernel refuses a seccomp filter: nothing is evaluated without");
  return evaluator.run();
}

}  // namespace
}  // namespace signalbox::gates

int main(int argc, char**) {
  if (argc > 1 || ::isatty(STDIN_FILENO) == 1) {
    std::fputs(
        "signalbox-condition evaluates conditions for Signalbox's own programs; people use "
        "`signalbox evidence check`\n",
        stderr);
    return 2;
  }
  return signalbox::gates::main_of_evaluator();
}
