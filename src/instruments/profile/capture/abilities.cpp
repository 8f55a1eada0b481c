#include "instruments/profile/capture/abilities.hpp"

#include <cstdlib>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/capture/kernel_walker.hpp"
#include "instruments/profile/capture/perf_sampler.hpp"
#include "instruments/profile/capture/probe.hpp"
#include "instruments/profile/capture/proc.hpp"
#include "instruments/profile/capture/thread_reader.hpp"

namespace signalbox::profile {
namespace {

std::string setting(const std::string& name) {
  const auto text = read_file("/proc/sys/kernel/" + name);
  return text ? std::string(trim(*text)) : std::string();
}

SamplingEvent usual_event() {
  SamplingEvent event;
  event.period = std::chrono::milliseconds(10);
  event.follows = Follows::nobody;
  return event;
}

// One that was tried: what was found where it works, else why not and what mends it.
template <class Value>
Ability tried(std::string name, const Result<Value>& trial, std::string found) {
  Ability out{std::move(name), trial.has_value(), false, std::move(found), {}};
  if (trial) return out;
  out.found = trial.error().message;
  out.remedy = trial.error().hint;
  return out;
}

Ability sampling(std::string name, const SamplingEvent& event, bool is_needed) {
  Ability out{std::move(name), false, is_needed, {}, {}};
  const auto sampler = PerfSampler::start(event, {::getpid()});
  out.is_there = sampler.has_value();
  const std::string paranoid = setting("perf_event_paranoid");
  out.found = sampler ? fmt::format("perf_event_paranoid is {}", paranoid) : sampler.error().message;
  if (!sampler) out.remedy = sampler.error().hint;
  return out;
}

Ability walking_in_the_kernel() {
  Ability out = tried("stacks walked in the kernel", KernelWalker::load(), "the BPF program loads");
  if (!out.is_there && ::access("/sys/kernel/btf/vmlinux", R_OK) != 0) out.found += "; the kernel has no BTF";
  return out;
}

Ability telling_of_waits() {
  WaitWatch watch;
  watch.wakers = true;
  return tried("waits (--mode off-cpu, wall)", KernelWalker::load(watch),
               "the BPF programs at the scheduler load");
}

// Of ourselves: what a dump is to tell of threads that are at rest.
Ability reading_threads() {
  Ability out{"registers of threads at rest (dump)", false, false, {}, {}};
  const auto reader = ThreadReader::in_kernel();
  const auto told = reader ? (*reader)->read(::getpid()) : fail(reader.error());
  out.is_there = told.has_value();
  out.found = told ? "a BPF program reads them"
                   : fmt::format("{}: dump reads {}", told.error().message, ThreadReader::by_proc()->how());
  if (!told) out.remedy = told.error().hint;
  return out;
}

// A probe at code of ours that runs no more: at this very function, which is called once.
Status probe_ourselves() {
  const auto code = reinterpret_cast<std::uintptr_t>(&probe_ourselves);
  SIGNALBOX_TRY(const std::vector<MemoryRegion> regions, memory_map_of(::getpid()));
  for (const MemoryRegion& region : regions) {
    if (code < region.start || code >= region.limit) continue;
    Probe probe;
    probe.file = "/proc/self/exe";
    probe.name = fmt::format("0x{:x}", code - region.start + region.file_offset);
    SIGNALBOX_TRY(const ProbePlaces places, places_of(probe, {}));
    SamplingEvent event = usual_event();
    event.at = SampledAt::hits;
    event.places = places.places;
    SIGNALBOX_CHECK(PerfSampler::start(event, {::getpid()}));  // closed before its events are removed
    return {};
  }
  return fail(ErrorKind::internal, "no memory of ours has our code");
}

Ability probing_programs() {
  return tried("probes in programs (--probe uprobe, usdt)", probe_ourselves(), "the kernel sets them");
}

Ability probing_the_kernel() {
  return tried("tracepoints of the kernel (--probe tracepoint)",
               places_of({Probe::Kind::kernel_static, {}, "sched", "sched_switch", {}}, {}),
               "their list may be read");
}

Ability kernel_names() {
  Ability out{"names of the kernel's functions", false, false, {}, "sudo sysctl kernel.kptr_restrict=0"};
  // With hidden addresses every line begins with zeros.
  const FileDescriptor file{::open("/proc/kallsyms", O_RDONLY | O_CLOEXEC)};
  char first[17] = {};
  const bool read = file && ::read(file.get(), first, 16) == 16;
  out.is_there = read && std::string_view(first, 16) != "0000000000000000";
  out.found = fmt::format("kptr_restrict is {}", setting("kptr_restrict"));
  if (out.is_there) out.remedy.clear();
  return out;
}

Ability hardware_events() {
  Ability out{"events of the processor (cycles)", false, false, {}, {}};
  const bool is_there = ::access("/sys/bus/event_source/devices/cpu", F_OK) == 0;
  out.is_there = is_there;
  out.found =
      is_there ? "there is a counter unit" : "this (virtual) machine shows none: the kernel's clock is used";
  return out;
}

Ability symbol_servers() {
  Ability out{"symbols from a debuginfod server", false, false, {}, {}};
  const char* urls = std::getenv("DEBUGINFOD_URLS");
  out.is_there = urls != nullptr && *urls != '\0';
  out.found = out.is_there ? std::string(urls) : "DEBUGINFOD_URLS is not set";
  if (!out.is_there) out.remedy = "export DEBUGINFOD_URLS=https://debuginfod.debian.net";
  return out;
}

}  // namespace

std::vector<Ability> try_abilities() {
  SamplingEvent own = usual_event();
  own.kernel = false;
  SamplingEvent with_kernel = usual_event();
  SamplingEvent copies = usual_event();
  copies.kernel = false;
  copies.stacks = UserStacks::registers_stack;
  copies.stack_bytes = 8U << 10;
  return {sampling("samples of one's own programs", own, true),
          sampling("the kernel's part of a stack", with_kernel, false),
          sampling("stacks without frame pointers, unwound here", copies, false),
          walking_in_the_kernel(),
          telling_of_waits(),
          reading_threads(),
          probing_programs(),
          probing_the_kernel(),
          kernel_names(),
          hardware_events(),
          symbol_servers()};
}

}  // namespace signalbox::profile
