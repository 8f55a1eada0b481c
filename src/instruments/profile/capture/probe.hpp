// Probes: a place in a program, or in the kernel, at which each passing is told of with its stack; and events
// that are counted, of the kernel or the processor.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
  std::string text;           // for messages
};

// All places of a probe, and the kernel's events that were made for them, which have to live as long as what
// is opened on them.
struct ProbePlaces {
  TraceEvents events;
  std::vector<ProbePlace> places;
};

// Finds the file that a probe names without a folder; empty where there is none.
using FindFile = std::function<std::string(const std::string& name)>;

// `find_file`: for files that are named without a folder. not_found where the file has no such place, with
// the nearest that it has, or the kernel no such tracepoint; unavailable where this kernel has no such
// probes; denied without root's rights; bad_input for a place where none can be.
Result<ProbePlaces> places_of(const Probe& probe, const FindFile& find_file);

// A file by its name alone, among those that process `pid` (0: none) has mapped, as path_within has them, the
// programs of $PATH and the libraries of this machine: "libc.so.6", "libc", "python3". Empty: there is none.
std::string find_code_file(const std::string& name, std::int32_t pid);

}  // namespace signalbox::profile
