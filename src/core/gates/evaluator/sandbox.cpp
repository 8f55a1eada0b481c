#include "core/gates/evaluator/sandbox.hpp"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <initializer_list>

#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace signalbox::gates {
namespace {

constexpr rlim_t kEvaluationBytes = rlim_t{256} << 20;
constexpr rlim_t kEvaluationCpuSeconds = 1;

bool add(scmp_filter_ctx context, std::uint32_t action, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const int call = ::seccomp_syscall_resolve_name(name);
    // A call that this architecture does not have needs no rule.
    if (call >= 0 && ::seccomp_rule_add(context, action, call, 0) != 0) return false;
  }
  return true;
}

// The filter as the kernel takes it.
std::optional<Filter> exported(scmp_filter_ctx context) {
  const int file = ::memfd_create("filter", MFD_CLOEXEC);
  if (file < 0) return std::nullopt;
  Filter filter;
  const off_t size = ::seccomp_export_bpf(context, file) == 0 ? ::lseek(file, 0, SEEK_END) : -1;
  if (size > 0) {
    filter.resize(static_cast<std::size_t>(size) / sizeof(sock_filter));
    if (::pread(file, filter.data(), static_cast<std::size_t>(size), 0) != size) filter.clear();
  }
  ::close(file);
  if (filter.empty()) return std::nullopt;
  return filter;
}

bool limit(__rlimit_resource resource, rlim_t value) {
  const rlimit both{value, value};
  return ::setrlimit(resource, &both) == 0;
}

}  // namespace

std::optional<Filter> evaluation_filter() {
  const scmp_filter_ctx context = ::seccomp_init(SCMP_ACT_KILL_PROCESS);
  if (context == nullptr) return std::nullopt;
  std::optional<Filter> filter;
  if (add(context, SCMP_ACT_ALLOW,
          {"read", "write", "exit_group", "brk", "mmap", "munmap", "mremap", "futex", "clock_gettime"}) &&
      add(context, SCMP_ACT_ERRNO(ENOENT),
          {"open", "openat", "stat", "newfstatat", "fstat", "statx", "ioctl", "sysinfo"})) {
    filter = exported(context);
  }
  ::seccomp_release(context);
  return filter;
}

std::optional<Filter> evaluator_filter() {
  const scmp_filter_ctx context = ::seccomp_init(SCMP_ACT_KILL_PROCESS);
  if (context == nullptr) return std::nullopt;
  std::optional<Filter> filter;
  if (add(context, SCMP_ACT_ALLOW,
          {"read",      "write",       "exit_group",     "brk",          "mmap",          "munmap",
           "mremap",    "madvise",     "mprotect",       "futex",        "clock_gettime", "poll",
           "ppoll",     "clone",       "clone3",         "wait4",        "kill",          "pipe2",
           "close",     "close_range", "rt_sigprocmask", "rt_sigaction", "rt_sigreturn",  "set_robust_list",
           "setitimer", "prctl",       "seccomp",        "setrlimit",    "prlimit64",     "getppid",
           "rseq",      "getrandom",   "pread64"}) &&
      add(context, SCMP_ACT_ERRNO(ENOENT),
          {"open", "openat", "stat", "newfstatat", "fstat", "statx", "ioctl", "sysinfo", "access"})) {
    filter = exported(context);
  }
  ::seccomp_release(context);
  return filter;
}

bool limit_evaluation(std::size_t bytes_in_use) {
  return limit(RLIMIT_AS, bytes_in_use + kEvaluationBytes) && limit(RLIMIT_CPU, kEvaluationCpuSeconds) &&
         limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NOFILE, 0) &&
         ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
}

bool enter(const Filter& filter) {
  sock_fprog program{static_cast<unsigned short>(filter.size()), const_cast<sock_filter*>(filter.data())};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace signalbox::gates
