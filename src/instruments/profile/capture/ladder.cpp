#include "instruments/profile/capture/ladder.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "instruments/profile/capture/open_for_all.hpp"
#include "instruments/profile/capture/proc.hpp"

namespace signalbox::profile {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint32_t kStackBytes = 32U << 10;      // of each sample
constexpr std::uint32_t kSmallStackBytes = 8U << 10;  // where the rings may lock little memory

// One way of the ladder: what to ask the kernel for, and its name.
struct Rung {
  SamplingEvent event;
  std::string name;
};

// Stacks of a probe are walked here: a program of the kernel would run at the hits of all its events,
// whosever.
bool is_probe(const RecordRequest& request) {
  return request.probe && request.probe->kind != Probe::Kind::counter;
}

Follows followed_by(const RecordRequest& request) {
  return request.children ? Follows::children : Follows::threads;
}

std::vector<Rung> ladder(const RecordRequest& request, const std::vector<ProbePlace>& places) {
  SamplingEvent event;
  if (request.mode == Mode::off_cpu) event.at = SampledAt::switches;
  if (request.mode == Mode::hits) {
    event.at = SampledAt::hits;
    event.places = places;
    event.every = request.every;
  } else {
    event.period = nanoseconds(std::chrono::seconds(1)) / request.rate_hz;
  }
  event.starts_at_exec = !request.program.empty();
  event.follows = request.system ? Follows::nobody : followed_by(request);
  event.leaves_idle_out = request.system;
  std::vector<Rung> out;
  for (const bool kernel : {true, false}) {
    if (kernel && !request.kernel) continue;
    event.kernel = kernel;
    const std::string_view with = kernel ? "" : ", without the kernel";
    if (request.unwinding != Unwinding::frame_pointers) {
      event.stacks = UserStacks::registers_stack;
      for (const std::uint32_t bytes : {kStackBytes, kSmallStackBytes}) {
        // Hits come in bursts: small copies of each find room where large ones do not.
        if (bytes == kStackBytes && request.mode == Mode::hits && request.unwinding != Unwinding::dwarf)
          continue;
        event.stack_bytes = bytes;
        out.push_back(
            {event, fmt::format("perf_event, {} KiB of each stack unwound by tables{}", bytes >> 10, with)});
      }
    }
    if (request.unwinding != Unwinding::dwarf) {
      event.stacks = UserStacks::frame_pointers;
      out.push_back({event, fmt::format("perf_event, stacks by frame pointers{}", with)});
    }
  }
  return out;
}

// Has a program in the kernel, that of `attach`, run at each sample of the events of all threads. It is
// loaded already: what a thread makes before its event has the program goes without.
Result<PerfSampler> open_with_program(const SamplingEvent& event, const ThreadsNow& threads,
                                      const std::function<Status(const FileDescriptor&)>& attach) {
  return open_for_all(threads, [&](const std::vector<std::int32_t>& tids) -> Result<PerfSampler> {
    SIGNALBOX_TRY(PerfSampler out, PerfSampler::start(event, tids));
    for (const FileDescriptor& each : out.events()) SIGNALBOX_CHECK(attach(each));
    return out;
  });
}

Result<PerfSampler> open_without_program(const SamplingEvent& event, const ThreadsNow& threads) {
  return open_for_all(threads,
                      [&](const std::vector<std::int32_t>& tids) { return PerfSampler::start(event, tids); });
}

// Why waits cannot be told of without the program in the kernel: nothing else says when they end, and why.
Error needs_program(Error why) {
  why.message = fmt::format("waits are told of by a BPF program, which does not run here: {}", why.message);
  if (why.hint.empty()) why.hint = "signalbox profile doctor; --mode cpu does without";
  return why;
}

}  // namespace

std::vector<std::int32_t> threads_of_all(const std::vector<std::int32_t>& pids) {
  std::vector<std::int32_t> out;
  for (const std::int32_t pid : pids) {
    if (const auto tids = threads_of(pid)) out.insert(out.end(), tids->begin(), tids->end());
  }
  return out;
}

Result<Targets> find_targets(const RecordRequest& request) {
  Targets out;
  for (const std::int32_t pid : request.pids) {
    if (const auto there = threads_of(pid); !there) {
      if (!request.pids_may_end) return fail(there.error());
      continue;
    }
    out.pids.push_back(pid);
  }
  if (request.children && request.descendants) {
    std::vector<std::int32_t> below = descendants_of(out.pids);
    std::erase(below, ::getpid());
    out.pids.insert(out.pids.end(), below.begin(), below.end());
  }
  std::sort(out.pids.begin(), out.pids.end());
  out.pids.erase(std::unique(out.pids.begin(), out.pids.end()), out.pids.end());
  out.tids = threads_of_all(out.pids);
  if (out.tids.empty()) return fail(ErrorKind::not_found, "all processes that were found ended meanwhile");
  return out;
}

Targets that_may_be_opened(const Targets& targets) {
  SamplingEvent event;
  event.period = std::chrono::seconds(1);
  event.kernel = false;
  event.follows = Follows::nobody;
  Targets out;
  for (const std::int32_t pid : targets.pids) {
    constexpr int kAnyProcessor = -1;
    const auto opened = open_sampling_event(event, pid, kAnyProcessor);
    if (opened || opened.error().kind != ErrorKind::denied) out.pids.push_back(pid);
  }
  out.tids = threads_of_all(out.pids);
  return out;
}

Result<Started> start_sampler(const RecordRequest& request, const ThreadsNow& threads,
                              const std::vector<ProbePlace>& places) {
  std::vector<std::string> notes;
  std::optional<Error> first;
  std::unique_ptr<KernelWalker> walker;
  std::optional<Error> no_walker;
  for (const Rung& rung : ladder(request, places)) {
    const bool may_walk = !is_probe(request) && rung.event.stacks == UserStacks::registers_stack &&
                          request.unwinding != Unwinding::dwarf;
    if (may_walk && !walker && !no_walker) {
      if (auto loaded = KernelWalker::load())
        walker = std::move(*loaded);
      else
        no_walker = std::move(loaded).error();
    }
    const auto attach = [&](const FileDescriptor& event) -> Status {
      Status done = walker->attach(event);
      if (!done) no_walker = done.error();
      return done;
    };
    auto sampler = may_walk && !no_walker ? open_with_program(rung.event, threads, attach)
                                          : open_without_program(rung.event, threads);
    // Some events may have the program already: all are opened anew, without.
    if (!sampler && walker && no_walker) {
      walker.reset();
      sampler = open_without_program(rung.event, threads);
    }
    if (!sampler) {
      if (sampler.error().kind == ErrorKind::not_found) return fail(std::move(sampler).error());
      notes.push_back(fmt::format("not by {}: {}", rung.name, sampler.error().message));
      if (!first) first = sampler.error();
      continue;
    }
    if (std::string note = note_of_following(rung.event, kernel_follows_threads()); !note.empty())
      notes.push_back(std::move(note));
    Started out{std::move(*sampler), std::nullopt, nullptr, rung.name, std::move(notes)};
    if (!may_walk) return out;
    if (no_walker) {
      out.notes.push_back(fmt::format("stacks are not walked in the kernel: {}", no_walker->message));
      return out;
    }
    out.walker = std::move(walker);
    out.rung = "BPF: stacks walked in the kernel by tables of .eh_frame";
    return out;
  }
  return fail(std::move(*first));
}

Result<Started> start_waits(const RecordRequest& request, const ThreadsNow& threads) {
  WaitWatch watch;
  watch.wakers = request.wakers;
  watch.shortest = request.shortest_wait;
  watch.follows_children = request.children;
  auto loaded = KernelWalker::load(watch);
  if (!loaded) return fail(needs_program(std::move(loaded).error()));
  KernelWalker& walker = **loaded;

  SamplingEvent event;
  event.period = nanoseconds(std::chrono::seconds(1)) / request.rate_hz;
  event.starts_at_exec = !request.program.empty();
  event.follows = followed_by(request);
  event.stacks = UserStacks::registers_stack;
  std::optional<Error> first;
  for (const std::uint32_t bytes : {kStackBytes, kSmallStackBytes}) {
    event.stack_bytes = bytes;
    SamplingEvent at_switches = event;
    at_switches.at = SampledAt::switches;
    at_switches.tells_changes = request.mode == Mode::off_cpu;
    auto switches = open_with_program(
        at_switches, threads, [&](const FileDescriptor& each) { return walker.attach_switches(each); });
    if (!switches) {
      if (!first) first = switches.error();
      continue;
    }
    std::string name =
        "BPF: each switch of the scheduler, stacks walked in the kernel by tables of .eh_frame";
    std::vector<std::string> notes;
    if (std::string note = note_of_following(event, kernel_follows_threads()); !note.empty())
      notes.push_back(std::move(note));
    if (request.mode == Mode::off_cpu)
      return Started{std::move(*switches), std::nullopt, std::move(*loaded), std::move(name),
                     std::move(notes)};
    auto sampler =
        open_with_program(event, threads, [&](const FileDescriptor& each) { return walker.attach(each); });
    if (!sampler) {
      if (!first) first = sampler.error();
      continue;
    }
    return Started{std::move(*sampler), std::move(*switches), std::move(*loaded), std::move(name),
                   std::move(notes)};
  }
  return fail(std::move(*first));
}

}  // namespace signalbox::profile
