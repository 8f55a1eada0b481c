#include "instruments/profile/capture/session.hpp"

#include <algorithm>
#include <set>
#include <thread>
#include <tuple>

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include "core/base/text.hpp"
#include "instruments/profile/capture/governor.hpp"
#include "instruments/profile/capture/interruptible.hpp"
#include "instruments/profile/capture/kernel_walker.hpp"
#include "instruments/profile/capture/ladder.hpp"
#include "instruments/profile/capture/launched_program.hpp"
#include "instruments/profile/capture/open_for_all.hpp"
#include "instruments/profile/capture/perf_sampler.hpp"
#include "instruments/profile/capture/proc.hpp"
#include "instruments/profile/capture/resting_stacks.hpp"
#include "instruments/profile/capture/target_time.hpp"
#include "instruments/profile/runtimes/jvm_names.hpp"

namespace signalbox::profile {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kLongestPeriod = std::chrono::seconds(1);  // that the governor goes to

// A sampler hands on records that are a little older than now.
constexpr std::chrono::milliseconds kRecordsComeWithin{3};
// Processes that wake targets and are none: of more only the kernel's part of a stack is known.
constexpr std::size_t kMaxWakers = 64;
// The copy of the stack where a wait began lies in its ring when the wait has been over for so long.
constexpr std::uint64_t kCopiesComeWithinNs = 1'000'000'000;

std::int64_t unix_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// Processor time of all processors that was not idle, so far.
std::int64_t busy_ns() {
  const auto text = read_file("/proc/stat");
  return text ? parse_busy_time(*text).count() : 0;
}

// Not where all processes of a machine are looked at: nobody named them. A note is made once.
void ask_runtimes(const RecordRequest& request, const std::vector<std::int32_t>& pids, Asking asking,
                  std::vector<RuntimeNote>& notes) {
  if (!request.asks_runtimes || request.system) return;
  for (const std::int32_t pid : pids) {
    for (RuntimeNote& note : ask_jvm_for_names(pid, asking)) {
      if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(std::move(note));
    }
  }
}

// A target maps most of its code as it starts, which the program in the kernel is told at each turn: the
// first ones are short.
std::chrono::milliseconds longest_turn(nanoseconds elapsed) {
  return std::max(std::chrono::milliseconds(1),
                  std::chrono::duration_cast<std::chrono::milliseconds>(elapsed) / 4);
}

// All threads of running targets are told of from here on. `threads` finds them: what one makes once it is
// followed the kernel follows itself.
Status follow_targets(KernelWalker& walker, const ThreadsNow& threads, const Targets& targets) {
  std::set<std::int32_t> known;
  for (int rounds = 0; rounds < kMaxOpenings; ++rounds) {
    bool is_new = false;
    threads();
    for (const std::int32_t pid : targets.pids) {
      const auto tids = threads_of(pid);
      if (!tids) continue;  // it ended
      for (const std::int32_t tid : *tids) {
        if (!known.insert(tid).second) continue;
        is_new = true;
        const auto times = times_of_thread(pid, tid);
        if (!times || times->state == 'Z') continue;  // the first thread, which ended before the others
        SIGNALBOX_CHECK(walker.follow(pid, tid, KernelWalker::From::now));
      }
    }
    if (!is_new) break;
  }
  return {};
}

// Where the threads of running targets wait that do so already. What cannot be read comes without a stack.
Status tell_of_resting(const Targets& targets, WaitRecorder& waits) {
  SIGNALBOX_TRY(const std::unique_ptr<ThreadReader> reader, ThreadReader::in_kernel());
  for (const std::int32_t pid : targets.pids) {
    const auto moments = reader->read(pid);
    if (!moments) continue;
    const auto copies = RestingStacks::copy(pid, *moments, [](std::int32_t) { return true; });
    if (!copies) continue;
    const auto torn = copies->take(
        *reader, true, [&](const ThreadMoment&, const SampleRecord& sample) { waits.take(sample); });
    if (!torn && torn.error().kind != ErrorKind::not_found) return fail(torn.error());
  }
  return {};
}

}  // namespace

struct Session::State {
  State(const RecordRequest& wanted, Started on, Targets of, std::uint64_t now)
      : request(wanted),
        started(std::move(on)),
        targets(std::move(of)),
        start_ns(now),
        recorder(now),
        target_time(targets.pids) {}

  RecordRequest request;
  TraceEvents events;  // go when nothing is opened on them any more
  Started started;
  Targets targets;
  std::optional<LaunchedProgram> program;
  std::uint64_t start_ns;
  Recorder recorder;
  WaitRecorder waits{recorder, start_ns};
  TargetTime target_time;
  Interruptible interruptible;
  std::optional<std::int64_t> sample_cost_ns;  // nullopt: not known; where the kernel walks, it tells itself
  std::size_t left_out = 0;
  std::int64_t own_before_ns = 0;
  std::int64_t cpu_before_ns = 0;
  std::int64_t start_unix_ns = 0;
  std::int64_t end_ns = -1;
  std::optional<Governor> governor;
  std::vector<std::string> governed;
  std::set<std::int32_t> wakers;    // that are no targets
  std::int64_t lost_before = 0;     // samples, until the rate was changed
  std::int64_t lost_before_ns = 0;  // of processor time that they stand for
  Ending ending = Ending::duration;
  std::vector<RuntimeNote> runtimes;
  std::vector<std::int32_t> without_first_thread;  // processes of which others may run on

  void take(PerfSampler::Moment moment) {
    const auto of_wait = [&](const PerfRecord& record) {
      const auto* sample = std::get_if<SampleRecord>(&record);
      if (sample != nullptr) {
        if (sample->pid != 0) waits.take(*sample);
      } else if (!std::holds_alternative<LostRecord>(record) &&
                 !std::holds_alternative<ThrottleRecord>(record)) {
        recorder.take(record);  // a copy that did not come is no lost sample: its wait says so itself
      }
    };
    if (request.mode == Mode::off_cpu)
      started.sampler.take(moment, of_wait);
    else
      started.sampler.take(moment, [&](const PerfRecord& record) { recorder.take(record); });
    if (started.switches) started.switches->take(moment, of_wait);
    if (!started.walker) return;
    started.walker->take({[&](const WalkedSample& sample) {
                            recorder.take(sample, nanoseconds(request_period()),
                                          static_cast<std::int64_t>(request.every));
                          },
                          [&](const WalkedSample& stack) { recorder.learn_stack(stack); },
                          [&](const Wait& wait) {
                            if (wait.waker) learn_waker(static_cast<std::int32_t>(wait.waker->pid));
                            waits.take(wait);
                          },
                          [&](const ThreadTime& time) { waits.take(time); }});
    waits.settle(monotonic_ns() - kCopiesComeWithinNs);
    for (const std::int32_t pid : recorder.take_changed()) tell_walker(pid);
    for (const std::int32_t pid : recorder.take_ended()) without_first_thread.push_back(pid);
    std::erase_if(without_first_thread, [&](std::int32_t pid) {
      if (!has_ended(pid)) return false;  // other threads of it run on
      started.walker->forget_process(pid);
      recorder.python().forget(pid);
      return true;
    });
    for (const PythonThreadPlace& place : recorder.python().take_places(monotonic_ns()))
      started.walker->set_python_thread(place);
    for (RuntimeNote& note : recorder.python().take_notes()) runtimes.push_back(std::move(note));
  }
  // All threads of the target now.
  std::vector<std::int32_t> threads_now() const {
    if (request.system) return {kAllThreads};
    std::vector<std::int32_t> pids = request.children ? recorder.processes() : targets.pids;
    if (pids.empty()) pids = targets.pids;
    return threads_of_all(pids);
  }
  // The same, once records told of processes that were started up to now.
  std::vector<std::int32_t> threads_by_records() {
    if (!request.system) {
      std::this_thread::sleep_for(kRecordsComeWithin);
      take(PerfSampler::Moment::running);
    }
    return threads_now();
  }
  Result<PerfSampler> open(const SamplingEvent& event, const std::vector<std::int32_t>& tids) const {
    SIGNALBOX_TRY(PerfSampler out, PerfSampler::start(event, tids));
    if (started.walker) {
      for (const FileDescriptor& each : out.events()) SIGNALBOX_CHECK(started.walker->attach(each));
    }
    return out;
  }
  // Samples are taken half as often from here on. All events are opened anew: those that threads and
  // processes inherited cannot be changed, and a changed one goes on telling its old period. The old ones end
  // once the new ones run.
  Status halve_rate() {
    SamplingEvent slower = started.sampler.event();
    slower.period *= 2;
    slower.starts_at_exec = false;
    SIGNALBOX_TRY(PerfSampler next,
                  open_for_all([&] { return threads_by_records(); },
                               [&](const std::vector<std::int32_t>& tids) { return open(slower, tids); }));
    started.sampler.stop();
    take(PerfSampler::Moment::last);
    const std::int64_t lost = lost_so_far();
    lost_before_ns += (lost - lost_before) * request_period();
    lost_before = lost;
    started.sampler = std::move(next);
    return {};
  }
  std::int64_t lost_so_far() const {
    const std::uint64_t in_ring = started.walker ? started.walker->counts().lost : 0;
    return recorder.quality().lost + static_cast<std::int64_t>(in_ring);
  }
  void govern(const Recording& now) {
    const std::int64_t cost_ns = now.overhead.stolen_ns.value_or(0) + now.overhead.beside_ns;
    const auto share = governor->over({now.duration_ns, cost_ns, now.quality.cpu_ns});
    if (!share || started.sampler.event().period * 2 > kLongestPeriod) return;
    const Status halved = halve_rate();
    if (!halved) governor.reset();
    const double rate_hz = 1e9 / static_cast<double>(started.sampler.event().period.count());
    governed.push_back(
        halved ? fmt::format("profiling cost {:.2f} % after {:.1f} s: {:.4g} samples a second from there on",
                             *share * 100, static_cast<double>(now.duration_ns) * 1e-9, rate_hz)
               : fmt::format("profiling cost {:.2f} %, and samples cannot become fewer: {}", *share * 100,
                             halved.error().message));
  }
  // The kernel walks the stacks of processes whose code it was told of: of one that wakes a target, from its
  // second time on.
  void learn_waker(std::int32_t pid) {
    if (pid == 0 || recorder.space_of(pid) != nullptr || wakers.size() >= kMaxWakers) return;
    if (wakers.insert(pid).second) recorder.learn_waker(pid);
  }
  // A process that cannot be told of is one whose samples come as copies of their stacks.
  void tell_walker(std::int32_t pid) {
    if (const AddressSpace* space = recorder.space_of(pid)) {
      if (!started.walker->set_process(pid, *space, recorder.code())) started.walker->forget_process(pid);
      recorder.python().look_at(pid, *space, recorder.code());
      started.walker->set_python(pid, recorder.python().layout_of(pid));
    } else {
      started.walker->forget_process(pid);
    }
  }
  // Processor time of the target so far.
  std::int64_t cpu_ns() {
    if (request.system) return busy_ns();
    return program && program->exit_code() ? program->cpu_ns() : target_time.so_far().count();
  }
  std::int64_t request_period() const { return started.sampler.event().period.count(); }
  bool target_ended() {
    if (request.system) return false;
    if (program) return program->exit_code().has_value();
    return std::all_of(targets.pids.begin(), targets.pids.end(), has_ended);
  }
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::start(const RecordRequest& request) {
  const std::int64_t own_before = own_cpu_ns();
  std::optional<LaunchedProgram> program;
  Targets targets;
  std::vector<RuntimeNote> runtimes;
  if (!request.program.empty()) {
    SIGNALBOX_TRY(program, LaunchedProgram::prepare(request.program, request.environment));
    targets = {{program->pid()}, {program->pid()}};
  } else if (request.system) {
    targets.tids = {kAllThreads};
  } else {
    SIGNALBOX_TRY(targets, find_targets(request));
    ask_runtimes(request, targets.pids, Asking::first, runtimes);  // before anything is measured
  }
  ProbePlaces places;
  if (request.probe) {
    const bool is_running = request.program.empty();  // what is started has mapped nothing of its own yet
    SIGNALBOX_TRY(places, places_of(*request.probe, is_running ? std::span<const std::int32_t>(targets.pids)
                                                               : std::span<const std::int32_t>()));
  }
  const auto start_on = [&request, &places](const ThreadsNow& of) {
    return tells_waits(request.mode) ? start_waits(request, of) : start_sampler(request, of, places.places);
  };
  const bool is_attached = request.program.empty() && !request.system;
  ThreadsNow threads = [&] {
    if (!is_attached) return targets.tids;
    if (auto now = find_targets(request)) targets = std::move(*now);
    return targets.tids;
  };
  auto sampling = start_on(threads);
  std::size_t left_out = 0;
  if (!sampling && sampling.error().kind == ErrorKind::denied && request.pids_may_end) {
    Targets open = that_may_be_opened(targets);
    if (!open.tids.empty() && open.pids.size() < targets.pids.size()) {
      left_out = targets.pids.size() - open.pids.size();
      targets = std::move(open);
      threads = [&] { return targets.tids = threads_of_all(targets.pids); };
      sampling = start_on(threads);
    }
  }
  if (!sampling) {
    Error why = std::move(sampling).error();
    if (request.system && why.kind == ErrorKind::denied)
      why.hint = "sudo sysctl kernel.perf_event_paranoid=0, or run it as root: all processes are asked for";
    return fail(std::move(why));
  }
  Started started = std::move(*sampling);
  if (tells_waits(request.mode)) {
    SIGNALBOX_CHECK(program
                        ? started.walker->follow(program->pid(), program->pid(), KernelWalker::From::its_exec)
                        : follow_targets(*started.walker, threads, targets));
  }
  auto state = std::make_unique<State>(request, std::move(started), std::move(targets), monotonic_ns());
  State& at = *state;
  at.program = std::move(program);
  at.events = std::move(places.events);
  at.own_before_ns = own_before;
  at.runtimes = std::move(runtimes);
  if (request.overhead_limit) at.governor.emplace(*request.overhead_limit);
  at.start_unix_ns = unix_ns();
  at.left_out = left_out;
  if (left_out > 0)
    at.started.notes.push_back(
        fmt::format("{} left out: they may not be sampled", counted(left_out, "process", "processes")));
  if (!at.started.walker && request.mode != Mode::hits) {
    const auto cost = measure_sample_cost_ns(at.started.sampler.event());
    if (cost)
      at.sample_cost_ns = *cost;
    else
      at.started.notes.push_back(fmt::format("what a sample costs is not known: {}", cost.error().message));
  }
  if (at.program) {
    SIGNALBOX_CHECK(at.program->go());
  } else {
    at.cpu_before_ns = at.cpu_ns();
    for (const std::int32_t pid : at.targets.pids) at.recorder.learn_process(pid);
    if (tells_waits(request.mode)) {
      if (const Status told = tell_of_resting(at.targets, at.waits); !told)
        at.started.notes.push_back(
            fmt::format("where threads waited already is not known: {}", told.error().message));
    }
    at.take(PerfSampler::Moment::running);
  }
  return std::unique_ptr<Session>(new Session(std::move(state)));
}

std::chrono::nanoseconds Session::elapsed() const {
  return nanoseconds(monotonic_ns() - state_->start_ns);
}

const Recorder& Session::recorder() const {
  return state_->recorder;
}

std::vector<RawSample> Session::take_samples() {
  State& at = *state_;
  if (tells_waits(at.request.mode)) {
    at.waits.begin_look();
    const OpenTimes open = at.started.walker->open_times();
    at.take(PerfSampler::Moment::running);  // the stacks of what was read
    at.waits.look(open.waits);
  }
  return at.recorder.take_samples();
}

bool Session::turn(std::chrono::milliseconds at_most) {
  State& at = *state_;
  if (at.interruptible.happened()) {
    at.ending = Ending::interrupted;
    return false;
  }
  const auto& duration = at.request.duration;
  if (duration && elapsed() >= *duration) return false;
  if (at.target_ended()) {
    at.ending = Ending::target_ended;
    return false;
  }
  if (duration)
    at_most = std::min(at_most, std::chrono::ceil<std::chrono::milliseconds>(*duration - elapsed()));
  at_most = std::min(at_most, longest_turn(elapsed()));
  at.started.sampler.wait(at_most, at.program ? at.program->ended() : -1);
  at.take(PerfSampler::Moment::running);
  if (at.governor && at.governor->is_due(elapsed().count())) at.govern(so_far());
  return true;
}

Recording Session::so_far() const {
  State& at = *state_;
  Recording out;
  out.mode = at.request.mode;
  out.kernel = at.started.sampler.event().kernel && at.request.kernel;
  out.children = at.request.children;
  out.quality = at.recorder.quality();
  out.waits = at.waits.totals();
  out.rung = at.started.rung;
  out.knows_bottoms = at.started.sampler.event().stacks == UserStacks::registers_stack;
  out.notes = at.started.notes;
  out.governed = at.governed;
  out.left_out = at.left_out;
  out.start_unix_ns = at.start_unix_ns;
  out.duration_ns = at.end_ns >= 0 ? at.end_ns : elapsed().count();
  out.period_ns = at.request_period();
  if (at.request.probe) {
    out.probe = at.request.probe->text;
    out.hits = name_of_hits(*at.request.probe);
  }
  out.every = static_cast<std::int64_t>(at.request.every);
  out.ending = at.ending;
  if (!at.targets.pids.empty()) out.pid = at.targets.pids.front();
  if (at.program) out.exit_code = at.program->exit_code();
  if (at.started.walker) {
    const WalkerCounts counts = at.started.walker->counts();
    out.quality.lost += static_cast<std::int64_t>(counts.lost);
    if (counts.untold > 0)
      out.notes.push_back(fmt::format("{} threads are not told of: there are too many", counts.untold));
    out.octets_from_kernel = static_cast<std::int64_t>(at.started.walker->octets_sent());
    out.overhead.stolen_ns = at.started.walker->run_ns();
  } else if (at.sample_cost_ns) {
    out.overhead.stolen_ns = *at.sample_cost_ns * out.quality.samples;
  }
  out.lost_ns = at.lost_before_ns + (out.quality.lost - at.lost_before) * out.period_ns;
  out.overhead.beside_ns = own_cpu_ns() - at.own_before_ns;
  out.overhead.target_ns = at.cpu_ns() - at.cpu_before_ns;
  // Of what has ended, the scheduler's own account, of all threads.
  if (tells_waits(at.request.mode) && at.end_ns >= 0)
    out.overhead.target_ns = out.waits.lifetime_ns - out.waits.off_ns;
  return out;
}

std::optional<KernelTables> Session::kernel_tables() const {
  const auto& walker = state_->started.walker;
  if (!walker) return std::nullopt;
  return KernelTables{walker->rows_used(), walker->map_bytes()};
}

void Session::stop() {
  State& at = *state_;
  if (at.end_ns >= 0) return;
  at.started.sampler.stop();
  if (at.started.switches) at.started.switches->stop();
  OpenTimes open;
  if (tells_waits(at.request.mode)) open = at.started.walker->stop_waits();
  at.end_ns = elapsed().count();
  at.take(PerfSampler::Moment::last);
  for (const Wait& wait : open.waits) at.waits.take(wait);
  for (const ThreadTime& time : open.times) at.waits.take(time);
  if (tells_waits(at.request.mode))
    at.waits.finish(at.request.mode == Mode::wall ? WaitRecorder::Sum::whole : WaitRecorder::Sum::waits);
}

Recording Session::finish() && {
  stop();
  State& at = *state_;
  Recording out = so_far();
  ask_runtimes(at.request, at.recorder.processes(), Asking::again, at.runtimes);
  out.runtimes = std::move(at.runtimes);
  out.threads = at.recorder.threads();
  out.processes = at.recorder.processes();
  std::tie(out.raw, out.code) = std::move(at.recorder).finish();
  return out;
}

}  // namespace signalbox::profile
