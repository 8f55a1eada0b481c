// Probes: a place in a program, or in the kernel, at which each passing is told of with its stack; and events
// that are counted, of the kernel or the processor.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "instruments/profile/capture/tracing.hpp"

namespace signalbox::profile {

struct Probe {
  enum class Kind {
    user_function,    // uprobe:FILE:FUNCTION, uprobe:FILE:0xOFFSET
    user_static,      // usdt:FILE:PROVIDER:NAME
    kernel_static,    // tracepoint:GROUP:NAME
    kernel_function,  // kprobe:FUNCTION
    counter,          // page-faults, cycles …
  };
  Kind kind = Kind::user_function;
  std::string file;   // of user_function and user_static
  std::string group;  // provider, or group of tracepoints
  std::string name;
  std::string text;  // as it was given
};

// bad_input with what is expected.
Result<Probe> parse_probe(std::string_view text);

// An event that is counted.
struct Counter {
  std::string_view name;
  std::uint32_t type = 0;  // of perf_event_attr, as `config` is
  std::uint64_t config = 0;
  std::uint64_t usual_every = 1;  // each so many-th is told of
  bool is_in_kernel = false;      // it happens in the kernel alone
};
std::span<const Counter> counters();
// bad_input with the nearest there is.
Result<Probe> parse_counter(std::string_view name);

// What is counted: "hits" of a place, or the event's own name.
std::string name_of_hits(const Probe& probe);

// What perf_event_open(2) is given for one place of a probe: fields of perf_event_attr.
struct ProbePlace {
  std::uint32_t type = 0;
  std::uint64_t config = 0;
  bool is_in_kernel = false;  // who comes by is in the kernel
  // The kernel may count one passing as many, by what the event tells of (__perf_count of its
  // include/trace/events: nanoseconds of sched_stat_runtime).
  bool is_weighed = false;
  std::string text;  // for messages
};

// All places of a probe, and the kernel's events that were made for them, which have to live as long as what
// is opened on them.
struct ProbePlaces {
  TraceEvents events;
  std::vector<ProbePlace> places;
};

// A file of machine code that is held open: what its path leads to may be another one by now.
struct ProbedFile {
  FileDescriptor file;
  std::string name;  // for people: its path, and whether that is gone
};

// The files that a probe names. By a name alone ("libc.so.6", "libc", "python3"): each that one of these
// processes has mapped, whatever became of its path; where none has, the first among the programs of $PATH
// and the libraries of this machine. By a path: the file there. not_found where there is none; conflict where
// the path leads to another file than the one that a process has mapped from it.
Result<std::vector<ProbedFile>> find_code_files(const std::string& name, std::span<const std::int32_t> pids);

// Of a probe of these processes, which may be none. not_found where the file has no such place, with the
// nearest that it has, or the kernel no such tracepoint; unavailable where this kernel has no such probes;
// denied without root's rights; bad_input for a place where none can be; conflict as above, and where a file
// was written while it was read.
Result<ProbePlaces> places_of(const Probe& probe, std::span<const std::int32_t> pids);

}  // namespace signalbox::profile
