// The kernel's folder of trace events (tracefs, Documentation/trace/events.rst), and events that are made
// there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/result.hpp"

namespace signalbox::profile {

class TracingFolder {
 public:
  // Where it is not mounted a mount is made that lies in no folder, is seen by no other process, and goes
  // with this. denied without root's rights, unavailable where the kernel has none.
  static Result<TracingFolder> open();

  // What perf_event_attr.config is for an event. not_found where there is none, with the nearest that there
  // is.
  Result<std::uint64_t> number_of(const std::string& group, const std::string& name) const;
  bool has(const char* file) const;
  int descriptor() const { return folder_.get(); }

 private:
  explicit TracingFolder(FileDescriptor folder) : folder_(std::move(folder)) {}
  FileDescriptor folder_;
};

// What the kernel answers where it does not support the instruction at a probe's place: ENOTSUPP of its
// include/linux/errno.h, which no C library has words for.
inline constexpr int kNotSupported = 524;
// What that means for the place `where`.
Error instruction_not_supported(std::string_view where);

// Events of this process, in a group of its own. They go with this, or, where we were killed, with the next
// one that is made; nobody comes by them meanwhile.
//
// They are made here, and not by the types uprobe and kprobe that perf_event_open has: a thread or process
// that inherits such an event has the kernel read the name of its file again, at an address of ours in its
// memory, and cannot be started (EFAULT of clone, Linux 6.18).
class TraceEvents {
 public:
  enum class Kind { user, kernel };
  TraceEvents() = default;
  TraceEvents(TraceEvents&& other) noexcept = default;
  TraceEvents& operator=(TraceEvents&& other) noexcept;
  ~TraceEvents();

  // `where`: "FILE:0xOFFSET", "FILE:0xOFFSET(0xCOUNTER)" of Kind::user, "FUNCTION" of Kind::kernel. Its
  // number, as TracingFolder::number_of tells. unavailable where the kernel has no such events, bad_input
  // where none can be there.
  Result<std::uint64_t> add(Kind kind, const std::string& where);

 private:
  void remove_all() noexcept;
  std::vector<TracingFolder> folder_;  // one, once it is needed
  std::vector<std::pair<Kind, std::string>> made_;
};

}  // namespace signalbox::profile
