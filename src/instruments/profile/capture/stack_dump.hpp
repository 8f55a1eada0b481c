// The stacks of all threads of processes, once, now. Nothing is stopped, signalled or written to: threads at
// rest are read beside, those that run are sampled.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/capture/session.hpp"
#include "instruments/profile/capture/thread_reader.hpp"

namespace signalbox::profile {

struct DumpRequest {
  std::vector<std::int32_t> pids;
  bool kernel = true;                         // what they wait in, too, where the kernel tells
  bool by_proc = false;                       // do without the program in the kernel
  std::chrono::milliseconds patience{2'000};  // for threads that will not hold still
};

struct DumpedThread {
  std::int32_t pid = 0;
  std::int32_t tid = 0;
  std::string name;
  std::string process;                // whose thread it is; empty where that had ended already
  char state = '?';                   // of /proc/PID/stat: 'R', 'S', 'D', 'T' …
  bool runs = false;                  // its stack is a sample of it at work
  std::string system_call;            // that it waits in; empty: none
  std::string waits_in;               // function of the kernel, where it tells; empty: none, or not told
  std::optional<std::size_t> sample;  // its stack: number of recording.raw.samples()
  std::string why_not;                // no stack: why
};

struct StackDump {
  Recording recording;  // one sample for each stack, of count 1 and no time
  std::vector<DumpedThread> threads;
  std::int64_t torn = 0;  // copies of stacks that were thrown away, since the thread moved meanwhile
  std::string how;
};

// A process that ended meanwhile has threads that say so; not_found where all have, denied where one may not
// be looked into.
Result<StackDump> dump_stacks(const DumpRequest& request);
// The same by a reader that was chosen before.
Result<StackDump> dump_stacks(const DumpRequest& request, ThreadReader& reader);

}  // namespace signalbox::profile
