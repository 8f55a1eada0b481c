// A recording of a program or of running processes: what `signalbox profile` does between its command line
// and its files.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/capture/overhead.hpp"
#include "instruments/profile/capture/probe.hpp"
#include "instruments/profile/capture/recorder.hpp"
#include "instruments/profile/capture/wait_recorder.hpp"

namespace signalbox::profile {

// What is told: where processor time goes, where threads wait, or both; or from where a place is come by.
enum class Mode { cpu, off_cpu, wall, hits };
inline bool tells_waits(Mode mode) {
  return mode == Mode::off_cpu || mode == Mode::wall;
}
inline bool samples_time(Mode mode) {  // of processors
  return mode == Mode::cpu || mode == Mode::wall;
}

enum class Unwinding { automatic, frame_pointers, dwarf };

struct RecordRequest {
  std::vector<std::string> program;  // argv of what to launch; or
  std::vector<std::int32_t> pids;    // processes that run
  bool system = false;               // or all processes of the machine
  // They were found by name or group: one that ended meanwhile, or that may not be sampled, is left out.
  bool pids_may_end = false;
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours for the launched program
  std::optional<std::chrono::nanoseconds> duration;              // absent: until the launched program ends
  Mode mode = Mode::cpu;
  int rate_hz = 99;                               // of samples of processor time
  std::chrono::nanoseconds shortest_wait{1'000};  // shorter waits are only added up
  bool wakers = false;                            // waits say who ended them
  std::optional<Probe> probe;                     // of Mode::hits
  std::uint64_t every = 1;                        // of hits: each so many-th is told of
  Unwinding unwinding = Unwinding::automatic;
  bool kernel = true;       // kernel frames where the kernel allows it
  bool children = true;     // the target's descendants, too
  bool descendants = true;  // of them, those that run already; false: the target has all that it is to have
  bool asks_runtimes = false;  // JVMs among the targets are asked what their code is called, at start and end
  std::optional<double>
      overhead_limit;  // a share of the target's processor time: above it samples become fewer
};

// Why a recording ended.
enum class Ending { duration, target_ended, interrupted };

struct Recording {
  Mode mode = Mode::cpu;
  bool kernel = true;    // it tells of the kernel, too: samples of time there, frames of waits there
  bool children = true;  // and of the target's children
  RawProfile raw;
  CodeTable code;
  std::vector<RecordedThread> threads;
  std::vector<std::int32_t> processes;
  RecordingQuality quality;
  WaitTotals waits;  // of modes that tell of them
  Overhead overhead;
  std::string rung;                // how samples were taken: "perf: registers and stack, 16 KiB"
  bool knows_bottoms = true;       // false: the kernel walked frame pointers, and does not say where they end
  std::vector<std::string> notes;  // what was asked for and is not there, and why
  std::vector<std::string> governed;  // what was done, or cannot be, where profiling cost more than its limit
  std::vector<RuntimeNote> runtimes;  // what is to be said of Java, Node …
  std::size_t left_out = 0;           // processes that may not be sampled
  std::int64_t octets_from_kernel = 0;  // where stacks are walked there
  std::int64_t start_unix_ns = 0;
  std::int64_t duration_ns = 0;
  std::int64_t period_ns = 0;  // of the samples, in the end
  std::int64_t lost_ns = 0;    // processor time that lost samples stand for
  std::string probe;           // of Mode::hits, as it was given
  std::string hits = "hits";   // of Mode::hits: the name of the column
  std::int64_t every = 1;      // of hits
  Ending ending = Ending::duration;
  std::optional<int> exit_code;  // of the launched program, where it ended
  std::int32_t pid = 0;          // the launched program's, or the first target's; 0: the whole machine
};

// What the program in the kernel has, where one walks stacks.
struct KernelTables {
  std::uint64_t unwind_rows = 0;           // of the tables it walks by
  std::optional<std::uint64_t> map_bytes;  // of all its maps; nullopt: the kernel does not tell
};

// Samples from `start` on until `finish`. SIGINT and SIGTERM are taken note of while it lives, beside a
// handler that was there before; the second one ends us. One lives at a time.
class Session {
 public:
  // bad_input or not_found where the program or process is not there; denied, unavailable where the kernel
  // does not let us, with what to do.
  static Result<std::unique_ptr<Session>> start(const RecordRequest& request);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Waits for samples, this long at most, and takes them. Whether it goes on: not where the time is over, the
  // target ended, or we were interrupted.
  bool turn(std::chrono::milliseconds at_most);
  const Recorder& recorder() const;
  // For who looks at a recording that goes on: the samples since the last call; of waits that go on, the part
  // since then. What is finished is without them.
  std::vector<RawSample> take_samples();
  std::chrono::nanoseconds elapsed() const;
  // What is true of it so far, but for stacks, code and threads.
  Recording so_far() const;
  std::optional<KernelTables> kernel_tables() const;  // nullopt: stacks are not walked there
  // Takes no more samples, and those that the kernel still has: what is taken and said after is of the whole.
  void stop();
  Recording finish() &&;  // stops it

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace signalbox::profile
