#include "instruments/profile/capture/stack_dump.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <thread>
#include <tuple>

#include <fmt/format.h>
#include <time.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/capture/perf_sampler.hpp"
#include "instruments/profile/capture/proc.hpp"
#include "instruments/profile/capture/resting_stacks.hpp"
#include "instruments/profile/capture/system_calls.hpp"

namespace signalbox::profile {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSamplePeriod{1};
constexpr milliseconds kSampleTurn{10};
constexpr milliseconds kPause{1};  // before a thread that moved is read again
constexpr int kTornAtMost = 3;     // then a thread that wakes all the time is sampled instead
constexpr int kSampleTurns = 10;   // then it is asked again whether it runs at all
constexpr std::uint32_t kSampleStackBytes[] = {48U << 10, 8U << 10};

// One process whose threads are being read.
class ProcessDump {
 public:
  ProcessDump(std::int32_t pid, const DumpRequest& request, Recorder& recorder, StackDump& out)
      : pid_(pid), request_(request), recorder_(recorder), out_(out) {}

  // not_found where the process ended before all was read: what has no stack yet says so then.
  Status run(ThreadReader& reader) {
    Status done = read(reader);
    if (!done && done.error().kind == ErrorKind::not_found) tell_of_end();
    return done;
  }

 private:
  Status read(ThreadReader& reader) {
    SIGNALBOX_TRY(const std::vector<std::int32_t> tids, threads_of(pid_));
    for (const std::int32_t tid : tids) {
      pending_.insert(tid);
      describe(tid);
    }
    recorder_.learn_process(pid_);
    if (const AddressSpace* const space = recorder_.space_of(pid_))
      recorder_.python().look_at(pid_, *space, recorder_.code());
    const std::uint64_t until =
        monotonic_ns() + static_cast<std::uint64_t>(std::chrono::nanoseconds(request_.patience).count());
    do {
      SIGNALBOX_TRY(const std::vector<ThreadMoment> now, reader.read(pid_));
      SIGNALBOX_CHECK(take_resting(now, reader));
      if (pending_.empty()) break;
      sample(now);
      std::this_thread::sleep_for(pending_.empty() ? milliseconds{} : kPause);
    } while (!pending_.empty() && monotonic_ns() < until);
    for (const std::int32_t tid : pending_) {
      DumpedThread& thread = thread_of(tid);
      thread.state = state_of(tid);
      thread.why_not = why_no_stack(thread);
    }
    return {};
  }

  void tell_of_end() {
    const bool is_there = std::any_of(out_.threads.begin(), out_.threads.end(),
                                      [&](const DumpedThread& each) { return each.pid == pid_; });
    if (!is_there) {
      describe(pid_);
      pending_.insert(pid_);
    }
    for (const std::int32_t tid : pending_) {
      DumpedThread& thread = thread_of(tid);
      thread.state = '?';
      thread.why_not = why_no_stack(thread);
    }
  }

  DumpedThread& thread_of(std::int32_t tid) {
    return *std::find_if(out_.threads.begin(), out_.threads.end(),
                         [&](const DumpedThread& each) { return each.pid == pid_ && each.tid == tid; });
  }
  void describe(std::int32_t tid) {
    DumpedThread thread;
    thread.pid = pid_;
    thread.tid = tid;
    thread.name = comm_of(pid_, tid);
    thread.process = comm_of(pid_, pid_);
    thread.state = state_of(tid);
    out_.threads.push_back(std::move(thread));
  }
  char state_of(std::int32_t tid) const {
    const auto times = times_of_thread(pid_, tid);
    return times ? times->state : '?';
  }
  std::string why_no_stack(const DumpedThread& thread) const {
    if (thread.state == '?') return "it ended";
    if (thread.state == 'Z' || thread.state == 'X') return "it has ended and waits to be reaped";
    if (!why_not_sampled_.empty()) return "it runs, and may not be sampled: " + why_not_sampled_;
    return "it would not hold still";
  }
  void settle(std::int32_t tid, SampleRecord sample, const PythonStack& python = {}) {
    sample.time_ns = 0;
    sample.period_ns = 0;
    recorder_.take(sample, python);
    thread_of(tid).sample = recorder_.raw().samples().size() - 1;
    pending_.erase(tid);
  }

  // The stacks of threads that were at rest from before their copy was made until after it.
  Status take_resting(const std::vector<ThreadMoment>& before, ThreadReader& reader) {
    recorder_.python().find_threads(pid_);
    python_.clear();
    SIGNALBOX_TRY(const RestingStacks copies,
                  RestingStacks::copy(
                      pid_, before, [&](std::int32_t tid) { return pending_.contains(tid); },
                      [&](std::int32_t tid) { python_[tid] = recorder_.python().stack_of(pid_, tid); }));
    SIGNALBOX_TRY(const std::vector<std::int32_t> torn,
                  copies.take(reader, request_.kernel, [&](const ThreadMoment& moment, SampleRecord sample) {
                    sample.time_ns = 0;  // all are of now
                    settle_resting(moment, sample);
                  }));
    for (const std::int32_t tid : torn) {
      ++out_.torn;
      ++torn_[tid];
    }
    return {};
  }

  void settle_resting(const ThreadMoment& moment, const SampleRecord& sample) {
    DumpedThread& thread = thread_of(moment.tid);
    thread.state = state_of(moment.tid);
    thread.system_call = system_call_name(moment.system_call);
    const auto wchan = read_file(fmt::format("/proc/{}/task/{}/wchan", pid_, moment.tid));
    if (wchan && *wchan != "0") thread.waits_in = *wchan;
    settle(moment.tid, sample, python_[moment.tid]);
  }

  // Threads that run give their stack as a sample; those that stop meanwhile are at rest the next time.
  void sample(const std::vector<ThreadMoment>& moments) {
    std::vector<std::int32_t> running;
    for (const ThreadMoment& moment : moments) {
      const bool is_restless = moment.runs || torn_[moment.tid] >= kTornAtMost;
      if (is_restless && pending_.contains(moment.tid)) running.push_back(moment.tid);
    }
    if (running.empty()) return;
    auto sampler = start_sampler(running);
    if (!sampler) {
      if (sampler.error().kind != ErrorKind::not_found) why_not_sampled_ = sampler.error().message;
      return;
    }
    std::size_t left = running.size();
    for (int turn = 0; left > 0 && turn <= kSampleTurns; ++turn) {
      const bool is_last = turn == kSampleTurns;
      if (is_last)
        sampler->stop();
      else
        sampler->wait(kSampleTurn, -1);
      sampler->take(is_last ? PerfSampler::Moment::last : PerfSampler::Moment::running,
                    [&](const PerfRecord& record) {
                      const auto* taken = std::get_if<SampleRecord>(&record);
                      if (taken == nullptr || !pending_.contains(static_cast<std::int32_t>(taken->tid)))
                        return;
                      DumpedThread& thread = thread_of(static_cast<std::int32_t>(taken->tid));
                      thread.state = 'R';
                      thread.runs = true;
                      settle(thread.tid, *taken);
                      --left;
                    });
    }
  }

  Result<PerfSampler> start_sampler(const std::vector<std::int32_t>& tids) const {
    SamplingEvent event;
    event.period = kSamplePeriod;
    event.follows = Follows::nobody;
    event.stacks = UserStacks::registers_stack;
    std::optional<Error> first;
    for (const bool kernel : {true, false}) {
      if (kernel && !request_.kernel) continue;
      for (const std::uint32_t bytes : kSampleStackBytes) {
        event.kernel = kernel;
        event.stack_bytes = bytes;
        auto sampler = PerfSampler::start(event, tids);
        if (sampler) return sampler;
        if (!first) first = sampler.error();
      }
    }
    return fail(std::move(*first));
  }

  std::int32_t pid_;
  const DumpRequest& request_;
  Recorder& recorder_;
  StackDump& out_;
  std::set<std::int32_t> pending_;  // threads whose stack is not there yet
  std::map<std::int32_t, int> torn_;
  std::map<std::int32_t, PythonStack> python_;  // of threads at rest whose stacks were copied
  std::string why_not_sampled_;
};

// The best reader that tells of this process.
Result<std::unique_ptr<ThreadReader>> choose_reader(const DumpRequest& request, std::int32_t pid,
                                                    std::vector<std::string>& notes) {
  if (request.by_proc) return ThreadReader::by_proc();
  auto reader = ThreadReader::in_kernel();
  const auto told = reader ? (*reader)->read(pid) : fail(reader.error());
  if (told) return reader;
  notes.push_back(fmt::format("registers are not read in the kernel: {}", told.error().message));
  return ThreadReader::by_proc();
}

// The first of them that runs.
Result<std::int32_t> first_that_runs(const std::vector<std::int32_t>& pids) {
  for (const std::int32_t pid : pids) {
    if (threads_of(pid)) return pid;
  }
  return fail(threads_of(pids.front()).error());
}

}  // namespace

Result<StackDump> dump_stacks(const DumpRequest& request) {
  SIGNALBOX_TRY(const std::int32_t pid, first_that_runs(request.pids));
  std::vector<std::string> notes;
  SIGNALBOX_TRY(const std::unique_ptr<ThreadReader> reader, choose_reader(request, pid, notes));
  SIGNALBOX_TRY(StackDump out, dump_stacks(request, *reader));
  out.recording.notes.insert(out.recording.notes.begin(), notes.begin(), notes.end());
  return out;
}

Result<StackDump> dump_stacks(const DumpRequest& request, ThreadReader& reader) {
  StackDump out;
  SIGNALBOX_TRY(out.recording.pid, first_that_runs(request.pids));
  const std::uint64_t start = monotonic_ns();
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  out.recording.start_unix_ns = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  out.how = reader.how();
  Recorder recorder(0);  // samples have no times: all are of now
  Status last;
  bool is_one_whole = false;
  for (const std::int32_t pid : request.pids) {
    const Status done = ProcessDump(pid, request, recorder, out).run(reader);
    is_one_whole = is_one_whole || done;
    if (!done && done.error().kind != ErrorKind::not_found) return fail(done.error());
    last = done;
  }
  if (!is_one_whole) return fail(last.error());
  out.recording.rung = out.how;
  for (const RuntimeNote& note : recorder.python().take_notes())
    out.recording.notes.push_back(note.remedy.empty() ? note.message
                                                      : fmt::format("{}: {}", note.message, note.remedy));
  out.recording.quality = recorder.quality();
  out.recording.threads = recorder.threads();
  out.recording.processes = recorder.processes();
  out.recording.duration_ns = static_cast<std::int64_t>(monotonic_ns() - start);
  std::tie(out.recording.raw, out.recording.code) = std::move(recorder).finish();
  return out;
}

}  // namespace signalbox::profile
