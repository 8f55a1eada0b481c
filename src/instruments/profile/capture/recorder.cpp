#include "instruments/profile/capture/recorder.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <linux/perf_event.h>
#include <unistd.h>

#include "instruments/profile/capture/proc.hpp"

namespace signalbox::profile {
namespace {

constexpr std::uint64_t kContextMarks =
    static_cast<std::uint64_t>(-4096);  // PERF_CONTEXT_MAX: marks are above it
constexpr std::size_t kMaxDepth = 512;
constexpr const char* kOwnName =
    "[signalbox]";  // where all processes of a machine are sampled, ours among them
constexpr std::uint64_t kLearnEveryNs = 50'000'000;  // a process' memory is read again at most so often

bool is_mark(std::uint64_t entry) {
  return entry >= kContextMarks;
}

// The part of a callchain behind `mark`, leaf first.
std::span<const std::uint64_t> part_of(std::span<const std::uint64_t> callchain, std::uint64_t mark) {
  const auto found = std::find(callchain.begin(), callchain.end(), mark);
  if (found == callchain.end()) return {};
  const auto begin = found + 1;
  return {begin, std::find_if(begin, callchain.end(), is_mark)};
}

#if defined(__aarch64__)
constexpr Machine kThisMachine = Machine::aarch64;
#else
constexpr Machine kThisMachine = Machine::x86_64;
#endif

StackSnapshot snapshot_of(const SampleRecord& sample) {
  const auto& registers = sample.registers.values;
  StackSnapshot out{registers[kRegisterIp], registers[kRegisterSp], registers[kRegisterFp], 0, sample.stack};
#if defined(__aarch64__)
  out.lr = registers[kRegisterLr];
#endif
  out.has_fp = sample.registers.has_fp;
  return out;
}

std::uint64_t key_of(std::int32_t pid, std::int32_t tid) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(pid)) << 32) |
         static_cast<std::uint32_t>(tid);
}

}  // namespace

Recorder::Process& Recorder::process(std::int32_t pid) {
  const auto [found, is_new] = processes_.try_emplace(pid);
  if (is_new) {
    process_order_.push_back(pid);
    learn_process(pid);
  }
  return found->second;
}

void Recorder::learn_process(std::int32_t pid) {
  const auto [found, is_new] = processes_.try_emplace(pid);
  if (is_new) process_order_.push_back(pid);
  found->second.name = pid == ::getpid() ? kOwnName : comm_of(pid, pid);
  const auto regions = memory_map_of(pid);
  if (!regions) return;
  for (const MemoryRegion& region : *regions) {
    if (region.executable && region.path != "[vsyscall]")
      map(pid, region.start, region.limit, region.file_offset, region.path);
  }
}

void Recorder::learn_waker(std::int32_t pid) {
  const auto regions = memory_map_of(pid);
  if (!regions || regions->empty()) return;  // it ended, may not be looked into, or is a thread of the kernel
  AddressSpace& space = wakers_[pid];
  for (const MemoryRegion& region : *regions) {
    if (!region.executable || region.path == "[vsyscall]") continue;
    space.map({region.start, region.limit, region.file_offset,
               code_.mapped(pid, region.start, region.limit, region.path)});
  }
  note_change(pid);
}

void Recorder::map(std::int32_t pid, std::uint64_t start, std::uint64_t limit, std::uint64_t file_offset,
                   const std::string& path) {
  const CodeId code = code_.mapped(pid, start, limit, path);
  processes_[pid].space.map({start, limit, file_offset, code});
  note_change(pid);
}

void Recorder::note_change(std::int32_t pid) {
  if (changed_.empty() || changed_.back() != pid) changed_.push_back(pid);
}

std::vector<std::int32_t> Recorder::take_changed() {
  std::sort(changed_.begin(), changed_.end());
  changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
  return std::exchange(changed_, {});
}

const AddressSpace* Recorder::space_of(std::int32_t pid) const {
  if (const auto found = processes_.find(pid); found != processes_.end()) return &found->second.space;
  const auto waker = wakers_.find(pid);
  return waker == wakers_.end() ? nullptr : &waker->second;
}

std::uint32_t Recorder::thread(std::int32_t pid, std::int32_t tid) {
  const std::uint64_t key = key_of(pid, tid);
  const auto [found, is_new] = thread_numbers_.try_emplace(key, static_cast<std::uint32_t>(threads_.size()));
  if (is_new) {
    std::string name = thread_names_.contains(key) ? thread_names_[key] : comm_of(pid, tid);
    Process& of = process(pid);
    if (of.name.empty()) of.name = name;
    threads_.push_back({pid, tid, std::move(name), of.name});
  }
  return found->second;
}

void Recorder::take(const PerfRecord& record) {
  if (const auto* sample = std::get_if<SampleRecord>(&record)) return take_sample(*sample);
  if (const auto* mapped = std::get_if<MapRecord>(&record)) {
    const auto pid = static_cast<std::int32_t>(mapped->pid);
    process(pid);
    return map(pid, mapped->start, mapped->start + mapped->length, mapped->file_offset,
               std::string(mapped->path));
  }
  if (const auto* comm = std::get_if<CommRecord>(&record)) {
    const auto pid = static_cast<std::int32_t>(comm->pid);
    const std::uint64_t key = key_of(pid, static_cast<std::int32_t>(comm->tid));
    thread_names_[key] = std::string(comm->name);
    if (comm->is_exec) {
      Process& changed = processes_[pid];
      if (std::find(process_order_.begin(), process_order_.end(), pid) == process_order_.end())
        process_order_.push_back(pid);
      changed.space.clear();
      note_change(pid);
    }
    if (comm->pid == comm->tid) process(pid).name = std::string(comm->name);
    thread_numbers_.erase(key);  // its next sample is of the new name
    return;
  }
  if (const auto* fork = std::get_if<ForkRecord>(&record)) {
    const auto pid = static_cast<std::int32_t>(fork->pid);
    const auto parent = static_cast<std::int32_t>(fork->parent_pid);
    // The numbers may have been another's.
    const std::uint64_t key = key_of(pid, static_cast<std::int32_t>(fork->tid));
    thread_names_.erase(key);
    thread_numbers_.erase(key);
    if (pid == parent) return;
    const auto from = processes_.find(parent);
    if (from == processes_.end()) {
      if (const auto before = processes_.find(pid); before != processes_.end()) {
        before->second.space.clear();
        note_change(pid);
        learn_process(pid);
      }
      return;
    }
    Process child = from->second;
    if (!processes_.contains(pid)) process_order_.push_back(pid);
    processes_[pid] = std::move(child);
    note_change(pid);
    return;
  }
  if (const auto* exit = std::get_if<ExitRecord>(&record)) {
    if (exit->pid == exit->tid) ended_.push_back(static_cast<std::int32_t>(exit->pid));
    return;
  }
  if (const auto* lost = std::get_if<LostRecord>(&record))
    quality_.lost += static_cast<std::int64_t>(lost->count);
  if (std::holds_alternative<ThrottleRecord>(record)) ++quality_.throttled;
}

RawFrame Recorder::frame_at(const Process& process, std::uint64_t address, bool is_return_address) const {
  const std::uint64_t looked_up = is_return_address ? address - 1 : address;
  const CodeRegion* region = process.space.find(looked_up);
  if (region == nullptr) return {kNoCode, FrameKind::user, looked_up};
  const FrameKind kind =
      code_[region->code].kind == CodeObject::Kind::memory ? FrameKind::jit : FrameKind::user;
  return {region->code, kind, address_in(code_, *region, looked_up)};
}

std::uint32_t Recorder::walked_stack(const SampleRecord& sample, const Process& process) {
  const auto user = part_of(sample.callchain, PERF_CONTEXT_USER);
  std::uint32_t stack = 0;
  const std::size_t depth = std::min(user.size(), kMaxDepth);
  for (std::size_t i = depth; i-- > 0;) stack = raw_.stack(stack, frame_at(process, user[i], i > 0));
  return stack;
}

std::uint32_t Recorder::unwound_stack(const SampleRecord& sample, Process& process,
                                      const PythonStack& python) {
  StackSnapshot snapshot = snapshot_of(sample);
  unwound_.clear();
  const auto place = [&](std::uint64_t address) -> std::optional<UnwindPlace> {
    const CodeRegion* region = process.space.find(address);
    if (region == nullptr) return std::nullopt;
    return UnwindPlace{code_[region->code].table.get(), address_in(code_, *region, address)};
  };
  UnwindEnd end = unwind(snapshot, kThisMachine, place, unwound_);
  // Memory that a runtime made executable after it was mapped comes without a record.
  if (end == UnwindEnd::no_code && sample.time_ns >= process.learn_again_ns) {
    process.learn_again_ns = sample.time_ns + kLearnEveryNs;
    learn_process(static_cast<std::int32_t>(sample.pid));
    unwound_.clear();
    end = unwind(snapshot, kThisMachine, place, unwound_);
  }
  // An address that lies nowhere is no caller.
  if (end == UnwindEnd::no_code && unwound_.size() > 1) unwound_.pop_back();
  std::uint32_t stack = 0;
  if (end == UnwindEnd::bottom) {
    ++quality_.complete;
  } else {
    stack = truncated(truncation_of(end));
  }
  std::vector<RawFrame> machine;
  for (const UnwoundFrame& frame : unwound_)
    machine.push_back(frame_at(process, frame.address, frame.is_return_address));
  return merged_stack(stack, static_cast<std::int32_t>(sample.pid), python, machine);
}

void Recorder::take(const SampleRecord& sample, const PythonStack& python) {
  take_sample(sample, python);
}

void Recorder::take_sample(const SampleRecord& sample, const PythonStack& python) {
  if (sample.pid == 0 || sample.time_ns < start_ns_) return;  // an idle processor; too early
  const std::uint32_t stack = stack_of(sample, python);
  add(stack, thread(static_cast<std::int32_t>(sample.pid), static_cast<std::int32_t>(sample.tid)),
      sample.time_ns, static_cast<std::int64_t>(sample.period_ns), static_cast<std::int64_t>(sample.hits));
}

std::uint32_t Recorder::stack_of(const SampleRecord& sample, const PythonStack& python) {
  Process& of = process(static_cast<std::int32_t>(sample.pid));
  const std::uint32_t stack =
      sample.registers.known ? unwound_stack(sample, of, python) : walked_stack(sample, of);
  return with_kernel_frames(stack, part_of(sample.callchain, PERF_CONTEXT_KERNEL));
}

std::uint32_t Recorder::truncated(Truncation why) {
  quality_.truncated.add(why);
  return raw_.synthetic(0, fmt::format("[truncated: {}]", name_of(why)));
}

std::uint32_t Recorder::kernel_walked_stack(const WalkedSample& sample) {
  if (const auto known = known_stack(sample.stack)) {
    ++quality_.complete;
    return *known;
  }
  return truncated(Truncation::no_frames);
}

std::optional<std::uint32_t> Recorder::known_stack(std::uint64_t stack) const {
  const auto known = walked_.find(stack);
  return known == walked_.end() ? std::nullopt : std::optional(known->second);
}

void Recorder::learn_stack(const WalkedSample& sample) {
  if (sample.misses_python)
    python_.miss(static_cast<std::int32_t>(sample.pid), static_cast<std::int32_t>(sample.tid),
                 sample.time_ns);
  if (sample.kernel.empty() && sample.user.empty()) return;
  const auto [known, is_new] = walked_.try_emplace(sample.stack, 0);
  if (!is_new) return;
  std::vector<RawFrame> machine;
  for (const std::uint64_t frame : sample.user) {
    const CodeId code = KernelWalker::code_of(frame);
    const FrameKind kind = code_[code].kind == CodeObject::Kind::memory ? FrameKind::jit : FrameKind::user;
    machine.push_back({code, kind, KernelWalker::address_of(frame)});
  }
  const PythonStack python{sample.python, sample.python_calls, sample.python_depth};
  known->second = with_kernel_frames(merged_stack(0, static_cast<std::int32_t>(sample.pid), python, machine),
                                     sample.kernel);
}

// Machine code with the functions of Python in it, both innermost first, on what is outside of them.
std::uint32_t Recorder::merged_stack(std::uint32_t outer, std::int32_t pid, const PythonStack& of_python,
                                     const std::vector<RawFrame>& machine) {
  std::vector<MachineFrame> kinds(machine.size(), MachineFrame::other);
  if (!of_python.frames.empty()) {
    for (std::size_t i = 0; i < machine.size(); ++i) {
      if (machine[i].kind == FrameKind::jit) kinds[i] = MachineFrame::compiled;
      if (python_.is_loop(machine[i].code, machine[i].address)) kinds[i] = MachineFrame::loop;
    }
  }
  const std::vector<PythonFrame> python = python_.name(pid, of_python.frames);
  const std::vector<MergedFrame> merged = merge_python(kinds, of_python.calls, of_python.depth);
  std::uint32_t stack = outer;
  for (auto frame = merged.rbegin(); frame != merged.rend(); ++frame) {
    if (frame->of == MergedFrame::Of::machine) {
      stack = raw_.stack(stack, machine[frame->number]);
      continue;
    }
    const PythonFrame& line = python[frame->number];
    if (line.function == nullptr)
      stack = raw_.synthetic(stack, "[a function of Python that is gone]");
    else
      stack = raw_.interpreted(stack, {raw_.keep(line.function->name), raw_.keep(line.function->file),
                                       line.function->first_line, line.line});
  }
  return stack;
}

void Recorder::take(const WalkedSample& sample, std::chrono::nanoseconds period, std::int64_t hits) {
  learn_stack(sample);  // a later sample may refer to its frames
  if (sample.time_ns < start_ns_) return;
  const std::uint32_t stack = kernel_walked_stack(sample);
  add(stack, thread(static_cast<std::int32_t>(sample.pid), static_cast<std::int32_t>(sample.tid)),
      sample.time_ns, period.count(), hits);
}

std::uint32_t Recorder::with_kernel_frames(std::uint32_t stack, std::span<const std::uint64_t> kernel) {
  // The program in the kernel is given the chain with its marks.
  while (!kernel.empty() && is_mark(kernel.front())) kernel = kernel.subspan(1);
  for (std::size_t i = std::min(kernel.size(), kMaxDepth); i-- > 0;)
    stack = raw_.stack(stack, {code_.kernel(), FrameKind::kernel, i > 0 ? kernel[i] - 1 : kernel[i]});
  return stack;
}

void Recorder::add(std::uint32_t stack, std::uint32_t thread, std::uint64_t time_ns, std::int64_t cpu_ns,
                   std::int64_t hits) {
  RawSample out;
  out.count = hits;
  out.stack = stack;
  out.thread = thread;
  out.time_ns = static_cast<std::int64_t>(time_ns - start_ns_);
  out.cpu_ns = cpu_ns;
  raw_.add(out);
  ++quality_.samples;
  quality_.hits += hits;
  quality_.cpu_ns += cpu_ns;
}

}  // namespace signalbox::profile
