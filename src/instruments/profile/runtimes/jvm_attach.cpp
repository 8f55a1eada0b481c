#include "instruments/profile/runtimes/jvm_attach.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/elf/elf_file.hpp"
#include "instruments/profile/runtimes/process_paths.hpp"
#include "instruments/profile/runtimes/process_status.hpp"

namespace signalbox::profile {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kProtocol = "1";  // all versions of HotSpot since 6 know it
constexpr std::size_t kMostArguments = 3;    // which this version sends always
constexpr std::size_t kMaxAnswerBytes = std::size_t{1} << 20;
constexpr std::string_view kHotSpotSymbol = "gHotSpotVMStructs";  // by which debuggers know it
constexpr std::string_view kSignalThread = "Signal Dispatch";     // as the kernel cuts "Signal Dispatcher"
constexpr std::string_view kIsStopped = "it is stopped";
constexpr int kPollMs = 20;

struct Ids {
  uid_t user;
  gid_t group;
};

bool has_thread_for_signals(std::int32_t pid) {
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid), error);
       !error && entry != std::filesystem::end(entry); entry.increment(error)) {
    const auto name = read_file(entry->path() / "comm");
    if (name && trim(*name) == kSignalThread) return true;
  }
  return false;
}

// In its command line, and in what java reads from its environment.
bool is_disabled(std::int32_t pid) {
  constexpr std::string_view kOption = "-XX:+DisableAttachMechanism";
  const auto command = read_file(fmt::format("/proc/{}/cmdline", pid));
  if (command && command->find(kOption) != std::string::npos) return true;
  const auto environment = read_file(fmt::format("/proc/{}/environ", pid));
  for (std::string_view left = environment ? std::string_view(*environment) : std::string_view();
       !left.empty();) {
    const std::size_t end = std::min(left.find('\0'), left.size());
    const std::string_view variable = left.substr(0, end);
    for (const std::string_view name : {"JAVA_TOOL_OPTIONS=", "_JAVA_OPTIONS=", "JDK_JAVA_OPTIONS="}) {
      if (variable.starts_with(name) && variable.find(kOption) != std::string_view::npos) return true;
    }
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return false;
}

bool has_hotspots_symbol(const std::string& path) {
  const auto elf = ElfFile::open(path);
  if (!elf) return false;
  for (const ElfSection& section : elf->sections()) {
    if (section.type != SHT_DYNSYM || section.link >= elf->sections().size()) continue;
    const std::string name = fmt::format("{0}{1}{0}", '\0', kHotSpotSymbol);
    if (elf->sections()[section.link].octets.find(name) != std::string_view::npos) return true;
  }
  return false;
}

// What the process that asks is told before it begins; it only calls what is safe after a fork.
struct Errand {
  Ids ids;
  bool changes_user;
  int folder;   // the process' /tmp
  int process;  // its pidfd; -1: no signal is sent
  std::int32_t pid;
  std::string trigger;  // ".attach_pidN"
  sockaddr_un socket;   // /proc/self/fd/FOLDER/.java_pidN
  std::string socket_name;
  std::string request;
  std::int64_t patience_ns;
};

// How an errand ended; the last octet of what it writes. Before `answered` comes what the JVM said: whole.
enum class End : char {
  answered = 'a',
  no_user = 'u',
  no_trigger = 't',
  no_signal = 's',
  no_listener = 'l',
  not_the_process = 'p',
  no_answer = 'n'
};

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// -1: nothing listens.
int connect_to(const Errand& errand) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&errand.socket), sizeof errand.socket) == 0) return fd;
  ::close(fd);
  return -1;
}

bool has_ended(const Errand& errand) {
  pollfd process{errand.process, POLLIN, 0};
  return ::poll(&process, 1, 0) > 0;
}

// Makes the JVM listen: the file, and the signal at which it looks for it. Where it does not listen in time
// the file stays: it may yet take the signal, and would print all its threads where there is none.
End wake(const Errand& errand, std::int64_t until_ns, int& fd) {
  if (errand.process < 0) return End::no_signal;
  const int made = ::openat(errand.folder, errand.trigger.c_str(),
                            O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (made >= 0) ::close(made);
  // One that is there is of somebody who asks at this moment; the JVM looks whose it is.
  struct stat found {};
  if (made < 0 && (::fstatat(errand.folder, errand.trigger.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0 ||
                   found.st_uid != errand.ids.user))
    return End::no_trigger;
  End end = End::no_listener;
  if (::syscall(SYS_pidfd_send_signal, errand.process, SIGQUIT, nullptr, 0) != 0) {
    end = End::no_signal;
  } else {
    while ((fd = connect_to(errand)) < 0 && now_ns() < until_ns) ::poll(nullptr, 0, kPollMs);
  }
  const bool may_take_it_yet = fd < 0 && end != End::no_signal && !has_ended(errand);
  // Also one that was left behind by somebody who waited in vain: it listens now.
  if (fd >= 0 || (made >= 0 && !may_take_it_yet)) ::unlinkat(errand.folder, errand.trigger.c_str(), 0);
  return fd >= 0 ? End::answered : end;
}

void write_all(int fd, const char* octets, std::size_t count) {
  while (count > 0) {
    const ssize_t wrote = ::send(fd, octets, count, MSG_NOSIGNAL);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return;
    octets += wrote;
    count -= static_cast<std::size_t>(wrote);
  }
}

// Carries the answer into `out`.
End carry_answer(int fd, int out, std::int64_t until_ns) {
  std::array<char, 4096> octets{};
  bool is_empty = true;
  for (;;) {
    const std::int64_t left_ms = (until_ns - now_ns()) / 1'000'000;
    pollfd ready{fd, POLLIN, 0};
    if (left_ms <= 0 || ::poll(&ready, 1, static_cast<int>(left_ms)) == 0) return End::no_answer;
    const ssize_t got = ::read(fd, octets.data(), octets.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return End::no_answer;
    if (got == 0) return is_empty ? End::no_answer : End::answered;
    is_empty = false;
    write_all(out, octets.data(), static_cast<std::size_t>(got));
  }
}

End run(const Errand& errand, int out) {
  if (errand.changes_user) {
    const auto& [user, group] = errand.ids;
    if (::syscall(SYS_setgroups, 0, nullptr) != 0 || ::syscall(SYS_setresgid, group, group, group) != 0 ||
        ::syscall(SYS_setresuid, user, user, user) != 0)
      return End::no_user;
  }
  const std::int64_t until_ns = now_ns() + errand.patience_ns;
  int fd = connect_to(errand);
  if (fd < 0) {
    const End end = wake(errand, until_ns, fd);
    if (end != End::answered) return end;
  } else {
    ::unlinkat(errand.folder, errand.trigger.c_str(), 0);  // left behind by one that waited in vain
  }
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid != errand.pid)
    return End::not_the_process;
  write_all(fd, errand.request.data(), errand.request.size());
  return carry_answer(fd, out, until_ns);
}

// The octets that the errand wrote, at most until a little after its own patience ends; empty where it did
// not end by itself, as then the last octet may be one of the JVM's.
std::string carried_out(const Errand& errand) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return {};
  FileDescriptor here{ends[0]};
  FileDescriptor there{ends[1]};
  const pid_t child = ::fork();
  if (child < 0) return {};
  if (child == 0) {
    const char end = static_cast<char>(run(errand, there.get()));
    write_all(there.get(), &end, 1);
    ::_exit(0);
  }
  there.reset();
  std::string out;
  const std::int64_t until_ns = now_ns() + errand.patience_ns + 2'000'000'000;
  std::array<char, 4096> octets{};
  bool is_whole = false;
  while (out.size() < kMaxAnswerBytes && !is_whole) {
    pollfd ready{here.get(), POLLIN, 0};
    const std::int64_t left_ms = (until_ns - now_ns()) / 1'000'000;
    if (left_ms <= 0) break;
    const int polled = ::poll(&ready, 1, static_cast<int>(left_ms));
    if (polled < 0 && errno == EINTR) continue;
    if (polled <= 0) break;
    const ssize_t got = ::read(here.get(), octets.data(), octets.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    out.append(octets.data(), static_cast<std::size_t>(got));
    is_whole = got == 0;
  }
  if (!is_whole) ::kill(child, SIGKILL);  // ours
  int how = 0;
  while (::waitpid(child, &how, 0) < 0 && errno == EINTR) {
  }
  return is_whole && WIFEXITED(how) ? out : std::string();
}

Error not_asked(std::int32_t pid, std::string_view why) {
  return {ErrorKind::unavailable, fmt::format("the JVM of process {} was not asked: {}", pid, why), {}};
}

Result<JvmAnswer> answer_of(const std::string& octets, std::int32_t pid,
                            const std::optional<std::string>& why_not) {
  const auto no = [&](std::string_view why) { return fail(not_asked(pid, why)); };
  switch (octets.empty() ? End::no_answer : static_cast<End>(octets.back())) {
    case End::answered:
      break;
    case End::no_user:
      return no("we may not act as its user");
    case End::no_trigger:
      return no("no file of ours can be made in its /tmp");
    case End::no_signal:
      return no(why_not.value_or("it may not be signalled"));
    case End::not_the_process:
      return no("another process listens at its socket");
    case End::no_listener:
      return no("it did not begin to listen");
    case End::no_answer:
      return no("it gave no whole answer");
  }
  const std::string_view text = std::string_view(octets).substr(0, octets.size() - 1);
  const std::size_t end = std::min(text.find('\n'), text.size());
  const auto code = parse_integer(trim(text.substr(0, end)));
  if (!code) return no("it answered with something else than its protocol");
  return JvmAnswer{static_cast<int>(*code), std::string(trim(text.substr(end)))};
}

}  // namespace

bool is_hotspot(std::int32_t pid) {
  const auto maps = read_file(fmt::format("/proc/{}/maps", pid));
  if (!maps) return false;
  for (const std::string_view line : lines(*maps)) {
    constexpr std::string_view kLibrary = "/libjvm.so";
    const bool is_there = line.ends_with(kLibrary);
    // Removed, or updated, while it runs: what lies at its path now is another.
    const bool was_there = line.ends_with(fmt::format("{} (deleted)", kLibrary));
    if ((!is_there && !was_there) || line.find(" r-xp ") == std::string_view::npos) continue;
    const std::string_view range = line.substr(0, line.find(' '));
    const std::string_view path = line.substr(line.find('/'));
    return has_hotspots_symbol(fmt::format("/proc/{}/map_files/{}", pid, range)) ||
           (is_there && has_hotspots_symbol(fmt::format("/proc/{}/root{}", pid, path)));
  }
  return false;
}

std::optional<std::string> why_not_to_signal(std::int32_t pid) {
  if (!is_hotspot(pid)) return "it is no HotSpot";
  if (is_disabled(pid)) return "it was started with -XX:+DisableAttachMechanism";
  if (!has_thread_for_signals(pid)) return "it does not take signals itself (-Xrs), or has just begun";
  const auto status = status_of(pid);
  if (!status || !status->catches(SIGQUIT)) return "it does not catch SIGQUIT";
  if (status->is_stopped()) return std::string(kIsStopped);
  return std::nullopt;
}

Result<JvmAnswer> ask_jvm(std::int32_t pid, const std::string& command,
                          const std::vector<std::string>& arguments, milliseconds patience) {
  // By this a signal goes to the process that is looked at now, or to none.
  const FileDescriptor process{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  const auto status = status_of(pid);
  if (!status || !status->user || !status->group || !process)
    return fail(ErrorKind::not_found, fmt::format("there is no process {}", pid));
  if (!is_hotspot(pid)) return fail(ErrorKind::not_found, fmt::format("process {} is no HotSpot", pid));
  if (status->is_stopped()) return fail(not_asked(pid, kIsStopped));
  if (::geteuid() != 0 && ::geteuid() != status->user)
    return fail(ErrorKind::denied, fmt::format("the JVM of process {} is another user's", pid),
                "run it as that user, or as root");
  const std::string folder_path = fmt::format("/proc/{}/root/tmp", pid);
  const FileDescriptor folder{::open(folder_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!folder) return fail(error_from_errno(errno, folder_path));

  const std::int32_t own_number = own_number_of(pid);
  const auto why_not = why_not_to_signal(pid);
  Errand errand{{*status->user, *status->group},
                ::geteuid() == 0,
                folder.get(),
                why_not ? -1 : process.get(),
                pid,
                fmt::format(".attach_pid{}", own_number),
                {},
                {},
                {},
                std::chrono::nanoseconds(patience).count()};
  const std::string socket = fmt::format("/proc/self/fd/{}/.java_pid{}", folder.get(), own_number);
  errand.socket.sun_family = AF_UNIX;
  std::memcpy(errand.socket.sun_path, socket.c_str(),
              std::min(socket.size() + 1, sizeof errand.socket.sun_path - 1));
  for (const std::string_view word : {kProtocol, std::string_view(command)})
    errand.request.append(word).push_back('\0');
  for (std::size_t i = 0; i < kMostArguments; ++i)
    errand.request.append(i < arguments.size() ? arguments[i] : "").push_back('\0');
  return answer_of(carried_out(errand), pid, why_not);
}

}  // namespace signalbox::profile
