#include "instruments/profile/capture/tracing.hpp"

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kGroup = "signalbox_";  // and the number of the process

Error only_for_root() {
  return {ErrorKind::denied, "trace events of the kernel are for root alone", "sudo signalbox profile …"};
}

std::vector<std::string> names_in(int folder, const std::string& path) {
  std::vector<std::string> out;
  const FileDescriptor at{::openat(folder, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!at) return out;
  std::error_code error;
  for (auto entry = fs::directory_iterator(fmt::format("/proc/self/fd/{}", at.get()), error);
       !error && entry != fs::end(entry); entry.increment(error))
    out.push_back(entry->path().filename().native());
  return out;
}

std::string all_of(int folder, const char* file) {
  const FileDescriptor in{::openat(folder, file, O_RDONLY | O_CLOEXEC)};
  std::string out;
  char octets[4096];
  for (ssize_t got = 0; in && (got = ::read(in.get(), octets, sizeof octets)) > 0;)
    out.append(octets, static_cast<std::size_t>(got));
  return out;
}

const char* list_of(TraceEvents::Kind kind) {
  return kind == TraceEvents::Kind::user ? "uprobe_events" : "kprobe_events";
}

// 0, or why not. The lists are never cut: what others made there stays.
int write_line(int folder, TraceEvents::Kind kind, const std::string& line) {
  const FileDescriptor out{::openat(folder, list_of(kind), O_WRONLY | O_APPEND | O_CLOEXEC)};
  if (!out) return errno;
  return ::write(out.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()) ? 0 : errno;
}

// What was left by processes of ours that are gone: lines as "p:signalbox_4711/probe_0 FILE:0x…".
void sweep(int folder, TraceEvents::Kind kind) {
  const std::string text = all_of(folder, list_of(kind));
  for (const std::string_view line : lines(text)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !line.substr(colon + 1).starts_with(kGroup)) continue;
    const std::string_view event = line.substr(colon + 1, line.find(' ') - colon - 1);
    const std::size_t slash = event.find('/');
    const auto pid = parse_integer(event.substr(kGroup.size(), slash - kGroup.size()));
    if (pid && ::access(fmt::format("/proc/{}", *pid).c_str(), F_OK) != 0)
      write_line(folder, kind, fmt::format("-:{}\n", event));
  }
}

}  // namespace

Error instruction_not_supported(std::string_view where) {
  return {
      ErrorKind::bad_input,
      fmt::format("the kernel can set no probe at {}: it does not support the instruction there",
                  printable(where)),
      "a probe's instruction is run at another place, which hlt, int, in, out and others cannot be; the next "
      "one may be"};
}

Result<TracingFolder> TracingFolder::open() {
  for (const char* place : {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}) {
    FileDescriptor out{::open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (out && ::faccessat(out.get(), "events", R_OK, 0) == 0) return TracingFolder(std::move(out));
  }
  const FileDescriptor context{static_cast<int>(::syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC))};
  if (context && ::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0) {
    FileDescriptor out{static_cast<int>(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, 0))};
    if (out) return TracingFolder(std::move(out));
  }
  const int why = errno;
  if (why == EPERM || why == EACCES) return fail(only_for_root());
  if (why == ENODEV)
    return fail(ErrorKind::unavailable, "this kernel has no trace events (CONFIG_EVENT_TRACING)");
  return fail(error_from_errno(why, "opening the folder of trace events"));
}

bool TracingFolder::has(const char* file) const {
  return ::faccessat(folder_.get(), file, F_OK, 0) == 0;
}

Result<std::uint64_t> TracingFolder::number_of(const std::string& group, const std::string& name) const {
  const std::string folder = fmt::format("events/{}", group);
  const FileDescriptor file{
      ::openat(folder_.get(), fmt::format("{}/{}/id", folder, name).c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file) {
    if (errno == EACCES) return fail(only_for_root());
    const bool has_group = has(folder.c_str());
    const auto near = has_group ? nearest(name, names_in(folder_.get(), folder))
                                : nearest(group, names_in(folder_.get(), "events"));
    return fail(ErrorKind::not_found, fmt::format("the kernel has no tracepoint {}:{}", group, name),
                !near       ? "ls /sys/kernel/tracing/events lists their groups"
                : has_group ? fmt::format("did you mean tracepoint:{}:{}?", group, *near)
                            : fmt::format("did you mean tracepoint:{}:{}?", *near, name));
  }
  char digits[32] = {};
  const ssize_t got = ::read(file.get(), digits, sizeof digits - 1);
  const auto id = parse_integer(trim(std::string_view(digits, got > 0 ? static_cast<std::size_t>(got) : 0)));
  if (id && *id >= 0) return static_cast<std::uint64_t>(*id);
  return fail(ErrorKind::unavailable,
              fmt::format("the tracepoint {}:{} has no number: it cannot be sampled", group, name));
}

TraceEvents& TraceEvents::operator=(TraceEvents&& other) noexcept {
  remove_all();
  folder_ = std::move(other.folder_);
  made_ = std::exchange(other.made_, {});
  return *this;
}

TraceEvents::~TraceEvents() {
  remove_all();
}

void TraceEvents::remove_all() noexcept {
  for (const auto& [kind, event] : std::exchange(made_, {}))
    write_line(folder_.front().descriptor(), kind, fmt::format("-:{}\n", event));
}

Result<std::uint64_t> TraceEvents::add(Kind kind, const std::string& where) {
  static std::atomic<unsigned> next{0};
  if (folder_.empty()) {
    SIGNALBOX_TRY(TracingFolder opened, TracingFolder::open());
    folder_.push_back(std::move(opened));
  }
  const TracingFolder& folder = folder_.front();
  if (!folder.has(list_of(kind)))
    return fail(ErrorKind::unavailable,
                kind == Kind::user ? "this kernel sets no probes in programs (CONFIG_UPROBE_EVENTS)"
                                   : "this kernel sets no probes in itself (CONFIG_KPROBES)",
                "signalbox profile doctor says which probes there are");
  sweep(folder.descriptor(), kind);
  const std::string group = fmt::format("{}{}", kGroup, ::getpid());
  const std::string name = fmt::format("probe_{}", next++);
  const int refused = write_line(folder.descriptor(), kind, fmt::format("p:{}/{} {}\n", group, name, where));
  if (refused == EACCES || refused == EPERM) return fail(only_for_root());
  if (refused == kNotSupported) return fail(instruction_not_supported(where));
  if (refused != 0)
    return fail(ErrorKind::bad_input,
                fmt::format("the kernel can set no probe at {}: {}", printable(where),
                            error_from_errno(refused, list_of(kind)).message),
                "an instruction has to begin there, and it has to be one that the kernel can step over");
  made_.emplace_back(kind, fmt::format("{}/{}", group, name));
  return folder.number_of(group, name);
}

}  // namespace signalbox::profile
