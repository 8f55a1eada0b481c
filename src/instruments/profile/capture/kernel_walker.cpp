#include "instruments/profile/capture/kernel_walker.hpp"

#include <cerrno>

#include "instruments/profile/capture/bpf_object.hpp"

#ifdef SIGNALBOX_BPF
#include <cstring>
#include <unordered_set>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "instruments/profile/capture/bpf/layout.h"
#include "instruments/profile/capture/perf_sampler.hpp"
#include "instruments/profile/capture/proc.hpp"

extern "C" {
extern const char signalbox_bpf_program[];
extern const char signalbox_bpf_program_end[];
}

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxRows = std::size_t{8} << 20;   // 32 MiB: some eight times libLLVM's
constexpr std::size_t kMaxPages = std::size_t{1} << 19;  // 2 GiB of machine code
constexpr std::size_t kMaxTables = 4'096;
constexpr std::uint32_t kUnseen = 0xfffffffe;
constexpr std::uint32_t kNoRoom = 0xfffffffd;

// A map's memory, as the kernel shares it with us.
template <class Element>
struct Shared {
  Element* elements = nullptr;
  std::size_t bytes = 0;
  ~Shared() {
    if (elements != nullptr) ::munmap(elements, bytes);
  }
  Status map(int descriptor, std::size_t count) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    bytes = (count * sizeof(Element) + page - 1) / page * page;
    void* const at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (at == MAP_FAILED) return fail(bpf_refusal(errno, "sharing memory with the program in the kernel"));
    elements = static_cast<Element*>(at);
    return {};
  }
};

sb_rule rule_of(const UnwindRule& rule) {
  sb_rule out{};
  // The program reads the return address right below the frame, as x86-64's call puts it there.
  constexpr std::int16_t kUsualReturn = -8;
  const bool has_return = rule.kind == UnwindRule::Kind::from_sp || rule.kind == UnwindRule::Kind::from_fp;
  if (has_return && rule.ra_offset != kUsualReturn) return out;
  out.kind = static_cast<__u8>(rule.kind);
  out.fp_offset = rule.fp_offset;
  out.cfa_offset = rule.cfa_offset;
  return out;
}

constexpr const char* kSampleProgram = "sb_take_sample";
constexpr const char* kExecProgram = "sb_forget_process";
constexpr const char* kSwitchProgram = "sb_take_switch";  // at an event's samples, as kSampleProgram

// Programs that run where the scheduler does something, and whether it is only for those who ask for wakers.
struct WaitProgram {
  const char* name;
  bool is_of_wakers;
};
constexpr WaitProgram kWaitPrograms[] = {
    {"sb_switch", false}, {"sb_fork", false}, {"sb_exec", false}, {"sb_exit", false}, {"sb_wake", true}};

Waker waker_of(const sb_waker& from) {
  Waker out;
  out.pid = from.pid;
  out.tid = from.tid;
  out.name = std::string(from.name, ::strnlen(from.name, sizeof from.name));
  out.is_truncated = from.is_truncated != 0;
  out.stack = from.stack;
  return out;
}

bool is_running(std::uint32_t pid, std::uint32_t tid) {
  const auto times = times_of_thread(static_cast<std::int32_t>(pid), static_cast<std::int32_t>(tid));
  return times && times->state == 'R';
}

Wait::Begin begin_of(std::uint32_t mode) {
  if (mode == SB_NEW) return Wait::Begin::first_run;
  return mode == SB_UNSEEN ? Wait::Begin::before_recording : Wait::Begin::seen;
}

Wait wait_of(const sb_wait& from) {
  Wait out;
  out.begin = begin_of(from.mode);
  out.time_ns = from.time_ns;
  out.waited_ns = from.waited_ns;
  out.pid = from.pid;
  out.tid = from.tid;
  out.stack = from.stack;
  out.state = from.state;
  if (from.has_waker != 0) out.waker = waker_of(from.waker);
  return out;
}

ThreadTime time_of(const sb_timeline& from, std::uint32_t tid, std::uint64_t end_ns) {
  return {from.pid,         tid,          from.start_ns,  end_ns, from.off_ns, from.short_ns,
          from.short_count, from.lost_ns, from.lost_count};
}

}  // namespace

struct KernelWalker::State {
  BpfObject object;
  bpf_link* exec = nullptr;
  std::vector<bpf_link*> waits;
  ring_buffer* ring = nullptr;
  std::vector<int> programs;  // all that were loaded
  int threads = -1;
  int processes = -1;
  int tables = -1;
  int pythons = -1;
  int python_threads = -1;
  int counted = -1;
  Shared<std::uint64_t> pages;
  Shared<std::uint32_t> rows;
  Shared<sb_rule> rules;
  std::size_t rules_used = 1;  // rule 0 is unknown
  int statistics = -1;
  std::function<void(const void*, std::size_t)> take;

  void stop_waits() {
    for (bpf_link* link : waits) bpf_link__destroy(link);
    waits.clear();
  }
  Status start_waits(const WaitWatch& watch) {
    const std::uint32_t zero = 0;
    const sb_settings settings{static_cast<__u64>(watch.shortest.count()), watch.follows_children ? 1U : 0U,
                               0};
    if (bpf_map_update_elem(descriptor_of("sb_set"), &zero, &settings, BPF_ANY) != 0)
      return fail(bpf_refusal(errno, "telling the BPF program what is wanted"));
    for (const WaitProgram& each : kWaitPrograms) {
      if (each.is_of_wakers && !watch.wakers) continue;
      bpf_link* const link = bpf_program__attach(object.program(each.name));
      if (link == nullptr) return fail(bpf_refusal(errno, "watching the scheduler"));
      waits.push_back(link);
    }
    return {};
  }
  ~State() {
    stop_waits();
    if (statistics >= 0) ::close(statistics);
    ring_buffer__free(ring);
    bpf_link__destroy(exec);
  }
  int descriptor_of(const char* name) const { return object.map_descriptor(name); }
  int descriptor_of_program(const char* name) const { return bpf_program__fd(object.program(name)); }
};

KernelWalker::KernelWalker(std::unique_ptr<State> state) : state_(std::move(state)) {}
KernelWalker::~KernelWalker() = default;

Result<std::unique_ptr<KernelWalker>> KernelWalker::load(const std::optional<WaitWatch>& waits) {
  auto state = std::make_unique<State>();
  SIGNALBOX_TRY(state->object,
                BpfObject::open({signalbox_bpf_program, static_cast<std::size_t>(signalbox_bpf_program_end -
                                                                                 signalbox_bpf_program)}));
  bpf_map__set_max_entries(state->object.map("sb_rows"), kMaxRows / SB_ROWS_IN_BLOCK);
  bpf_map__set_max_entries(state->object.map("sb_pages"), kMaxPages);
  std::vector<const char*> programs{kSampleProgram, kExecProgram};
  const auto load_where = [&](const char* name, bool is_wanted) {
    bpf_program__set_autoload(state->object.program(name), is_wanted);
    if (is_wanted) programs.push_back(name);
  };
  for (const WaitProgram& each : kWaitPrograms)
    load_where(each.name, waits && (waits->wakers || !each.is_of_wakers));
  load_where(kSwitchProgram, waits.has_value());
  SIGNALBOX_CHECK(state->object.load("loading the BPF program"));
  for (const char* name : programs) state->programs.push_back(state->descriptor_of_program(name));
  state->threads = state->descriptor_of("sb_threads");
  state->processes = state->descriptor_of("sb_processes");
  state->tables = state->descriptor_of("sb_tables");
  state->counted = state->descriptor_of("sb_counted");
  state->pythons = state->descriptor_of("sb_pythons");
  state->python_threads = state->descriptor_of("sb_python_threads");
  SIGNALBOX_CHECK(state->pages.map(state->descriptor_of("sb_pages"), kMaxPages));
  SIGNALBOX_CHECK(state->rows.map(state->descriptor_of("sb_rows"), kMaxRows));
  SIGNALBOX_CHECK(state->rules.map(state->descriptor_of("sb_rules"), SB_MAX_RULES));
  state->exec = bpf_program__attach(state->object.program(kExecProgram));
  if (state->exec == nullptr) return fail(bpf_refusal(errno, "watching for programs that replace another"));
  State* const at = state.get();
  state->ring = ring_buffer__new(
      state->descriptor_of("sb_ring"),
      [](void* context, void* octets, std::size_t size) {
        static_cast<State*>(context)->take(octets, size);
        return 0;
      },
      at, nullptr);
  if (state->ring == nullptr) return fail(bpf_refusal(errno, "reading the BPF program's ring"));
  state->statistics = bpf_enable_stats(BPF_STATS_RUN_TIME);  // -1 where it may not: then its time is not told
  if (waits) SIGNALBOX_CHECK(state->start_waits(*waits));
  return std::unique_ptr<KernelWalker>(new KernelWalker(std::move(state)));
}

Status KernelWalker::attach_switches(const FileDescriptor& event) const {
  if (::ioctl(event.get(), PERF_EVENT_IOC_SET_BPF, state_->descriptor_of_program(kSwitchProgram)) != 0)
    return fail(bpf_refusal(errno, "running the BPF program at switches"));
  return {};
}

Status KernelWalker::follow(std::int32_t pid, std::int32_t tid, From from) {
  sb_timeline timeline{};
  timeline.pid = static_cast<__u32>(pid);
  timeline.mode = from == From::now ? SB_UNSEEN : SB_HELD;
  timeline.start_ns = timeline.since_ns = monotonic_ns();
  const auto key = static_cast<std::uint32_t>(tid);
  if (bpf_map_update_elem(state_->threads, &key, &timeline, BPF_NOEXIST) != 0 && errno != EEXIST)
    return fail(bpf_refusal(errno, "telling the BPF program of a thread"));
  return {};
}

OpenTimes KernelWalker::stop_waits() {
  state_->stop_waits();
  return open_times();
}

OpenTimes KernelWalker::open_times() const {
  const std::uint64_t now = monotonic_ns();
  OpenTimes out;
  std::uint32_t tid = 0;
  std::unordered_set<std::uint32_t>
      seen;  // where a thread ends meanwhile, the kernel begins at the first anew
  for (const std::uint32_t* before = nullptr;
       seen.size() < SB_MAX_THREADS && bpf_map_get_next_key(state_->threads, before, &tid) == 0;
       before = &tid) {
    if (!seen.insert(tid).second) continue;
    sb_timeline timeline{};
    if (bpf_map_lookup_elem(state_->threads, &tid, &timeline) != 0 || timeline.mode == SB_HELD) continue;
    ThreadTime time = time_of(timeline, tid, timeline.mode == SB_GONE ? timeline.since_ns : now);
    const bool waits = timeline.mode == SB_OFF || timeline.mode == SB_NEW ||
                       (timeline.mode == SB_UNSEEN && !is_running(timeline.pid, tid));
    if (waits && now > timeline.since_ns) {
      Wait wait;
      wait.begin = begin_of(timeline.mode);
      wait.time_ns = timeline.since_ns;
      wait.waited_ns = now - timeline.since_ns;
      wait.pid = timeline.pid;
      wait.tid = tid;
      wait.stack = timeline.stack;
      wait.state = timeline.state;
      wait.is_open = true;
      time.off_ns += wait.waited_ns;
      out.waits.push_back(std::move(wait));
    }
    out.times.push_back(time);
  }
  return out;
}

Status KernelWalker::attach(const FileDescriptor& event) const {
  if (::ioctl(event.get(), PERF_EVENT_IOC_SET_BPF, state_->descriptor_of_program(kSampleProgram)) != 0)
    return fail(bpf_refusal(errno, "running the BPF program at samples"));
  return {};
}

int KernelWalker::descriptor() const {
  return ring_buffer__epoll_fd(state_->ring);
}

void KernelWalker::take(const WalkerTakers& takers) {
  state_->take = [&](const void* octets, std::size_t size) {
    constexpr std::size_t kHead = offsetof(sb_sample, frames);
    static_assert(offsetof(sb_wait, kind) == offsetof(sb_sample, kind) &&
                  offsetof(sb_ended, kind) == offsetof(sb_sample, kind));
    if (size < kHead) return;
    octets_sent_ += size;
    const auto* sample = static_cast<const sb_sample*>(octets);
    if (sample->kind == SB_WAIT) {
      if (size >= sizeof(sb_wait) && takers.wait) takers.wait(wait_of(*static_cast<const sb_wait*>(octets)));
      return;
    }
    if (sample->kind == SB_ENDED) {
      const auto* ended = static_cast<const sb_ended*>(octets);
      if (size >= sizeof(sb_ended) && takers.ended)
        takers.ended(time_of(ended->timeline, ended->tid, ended->time_ns));
      return;
    }
    const std::size_t frames = (size - kHead) / sizeof(std::uint64_t);
    const std::size_t of_machine = std::size_t{sample->kernel_frames} + sample->user_frames;
    if (of_machine + sample->python_words > frames) return;
    const std::span<const std::uint64_t> all(reinterpret_cast<const std::uint64_t*>(sample->frames), frames);
    WalkedSample out;
    out.time_ns = sample->time_ns;
    out.pid = sample->pid;
    out.tid = sample->tid;
    out.stack = sample->stack;
    out.kernel = all.subspan(0, sample->kernel_frames);
    out.user = all.subspan(sample->kernel_frames, sample->user_frames);
    out.python_depth =
        sample->python_state == SB_PYTHON_CUT ? PythonDepth::outer_missing : PythonDepth::whole;
    out.misses_python = sample->python_state == SB_PYTHON_MISSED;
    const std::span<const std::uint64_t> python = all.subspan(of_machine, sample->python_words);
    for (std::size_t i = 0; i + 1 < python.size(); i += 2) {
      out.python.push_back({python[i] & ~SB_PYTHON_BY_C, python[i + 1]});
      out.python_calls.push_back((python[i] & SB_PYTHON_BY_C) != 0 ? PythonCall::by_c
                                                                   : PythonCall::by_python);
    }
    const auto& take = sample->kind == SB_FRAMES ? takers.stack : takers.sample;
    if (take) take(out);
  };
  ring_buffer__consume(state_->ring);
  state_->take = nullptr;
}

std::uint32_t KernelWalker::table_of(CodeId id, const CodeTable& code) {
  if (id >= tables_.size()) tables_.resize(id + 1, kUnseen);
  std::uint32_t& known = tables_[id];
  if (known != kUnseen) return known;
  const CodeObject& object = code[id];
  if (object.kind == CodeObject::Kind::memory) return known = SB_NO_TABLE;
  known = kNoRoom;
  if (object.table == nullptr || tables_used_ >= kMaxTables) return known;
  const UnwindTable& table = *object.table;
  const std::size_t pages = table.pages().size();
  const std::size_t rules = state_->rules_used;
  if (rows_used_ + table.rows().size() > kMaxRows || pages_used_ + pages > kMaxPages ||
      rules + table.rules().size() > SB_MAX_RULES)
    return known;
  for (std::size_t i = 0; i < table.rules().size(); ++i)
    state_->rules.elements[rules + i] = rule_of(table.rules()[i]);
  for (std::size_t i = 0; i < table.rows().size(); ++i) {
    const std::uint32_t row = table.rows()[i];
    state_->rows.elements[rows_used_ + i] =
        (row & 0xffff) | (((row >> 16) + static_cast<std::uint32_t>(rules)) << 16);
  }
  for (std::size_t i = 0; i < pages; ++i)
    state_->pages.elements[pages_used_ + i] = table.pages()[i] + rows_used_;
  const sb_table described{table.base(), static_cast<std::uint32_t>(pages_used_),
                           static_cast<std::uint32_t>(pages - 1)};
  if (bpf_map_update_elem(state_->tables, &tables_used_, &described, BPF_ANY) != 0) return known;
  rows_used_ += table.rows().size();
  pages_used_ += pages;
  state_->rules_used += table.rules().size();
  return known = tables_used_++;
}

Status KernelWalker::set_process(std::int32_t pid, const AddressSpace& space, const CodeTable& code) {
  auto process = std::make_unique<sb_process>();
  space.for_each([&](const CodeRegion& region) {
    if (process->count >= SB_MAX_REGIONS || region.code == kNoCode || region.code > UINT16_MAX) return;
    const std::uint32_t table = table_of(region.code, code);
    if (table == kNoRoom) return;
    const std::uint64_t there = address_in(code, region, region.start);
    process->regions[process->count++] = {region.start, region.limit, there - region.start, region.code,
                                          table};
  });
  const auto key = static_cast<std::uint32_t>(pid);
  if (bpf_map_update_elem(state_->processes, &key, process.get(), BPF_ANY) != 0)
    return fail(bpf_refusal(errno, "telling the BPF program of a process"));
  return {};
}

void KernelWalker::forget_process(std::int32_t pid) {
  const auto key = static_cast<std::uint32_t>(pid);
  bpf_map_delete_elem(state_->processes, &key);
}

void KernelWalker::set_python(std::int32_t pid, const PythonLayout* layout) {
  const auto key = static_cast<std::uint32_t>(pid);
  if (layout == nullptr) {
    bpf_map_delete_elem(state_->pythons, &key);
    return;
  }
  const auto number = [](std::uint64_t offset) { return static_cast<std::uint32_t>(offset); };
  sb_python python{};
  python.entry = static_cast<std::uint32_t>(layout->entry);
  python.has_c_frame = layout->frames == PythonFrames::by_c_frame ? 1 : 0;
  python.thread_frame = number(layout->thread_frame);
  python.thread_id = number(layout->thread_id);
  python.c_frame_current = number(layout->c_frame_current);
  python.frame_previous = number(layout->frame_previous);
  python.frame_code = number(layout->frame_code);
  python.frame_instruction = number(layout->frame_instruction);
  python.frame_entry = number(layout->frame_entry);
  bpf_map_update_elem(state_->pythons, &key, &python, BPF_ANY);
}

void KernelWalker::set_python_thread(const PythonThreadPlace& place) {
  const auto key = static_cast<std::uint32_t>(place.tid);
  const sb_python_thread thread{place.state, place.id, static_cast<std::uint32_t>(place.pid), 0};
  bpf_map_update_elem(state_->python_threads, &key, &thread, BPF_ANY);
}

WalkerCounts KernelWalker::counts() const {
  WalkerCounts out;
  const int processors = libbpf_num_possible_cpus();
  if (processors < 1) return out;
  std::vector<sb_counters> each(static_cast<std::size_t>(processors));
  const std::uint32_t zero = 0;
  if (bpf_map_lookup_elem(state_->counted, &zero, each.data()) != 0) return out;
  for (const sb_counters& one : each) {
    out.walked += one.samples;
    out.handed_up += one.handed_up;
    out.lost += one.ring_full;
    out.frames += one.frames;
    out.untold += one.untold;
  }
  return out;
}

std::optional<std::uint64_t> KernelWalker::map_bytes() const {
  return state_->object.map_bytes();
}

std::optional<std::int64_t> KernelWalker::run_ns() const {
  if (state_->statistics < 0) return std::nullopt;
  std::int64_t sum = 0;
  for (const int descriptor : state_->programs) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof info;
    if (bpf_obj_get_info_by_fd(descriptor, &info, &size) != 0) return std::nullopt;
    sum += static_cast<std::int64_t>(info.run_time_ns);
  }
  return sum;
}

}  // namespace signalbox::profile

#else

namespace signalbox::profile {

struct KernelWalker::State {};
KernelWalker::KernelWalker(std::unique_ptr<State> state) : state_(std::move(state)) {}
KernelWalker::~KernelWalker() = default;
Result<std::unique_ptr<KernelWalker>> KernelWalker::load(const std::optional<WaitWatch>&) {
  return fail(no_bpf_in_this_build());
}
Status KernelWalker::attach(const FileDescriptor&) const {
  return {};
}
Status KernelWalker::attach_switches(const FileDescriptor&) const {
  return {};
}
Status KernelWalker::follow(std::int32_t, std::int32_t, From) {
  return {};
}
OpenTimes KernelWalker::stop_waits() {
  return {};
}
OpenTimes KernelWalker::open_times() const {
  return {};
}
Status KernelWalker::set_process(std::int32_t, const AddressSpace&, const CodeTable&) {
  return {};
}
void KernelWalker::forget_process(std::int32_t) {}
void KernelWalker::set_python(std::int32_t, const PythonLayout*) {}
void KernelWalker::set_python_thread(const PythonThreadPlace&) {}
int KernelWalker::descriptor() const {
  return -1;
}
void KernelWalker::take(const WalkerTakers&) {}
WalkerCounts KernelWalker::counts() const {
  return {};
}
std::optional<std::uint64_t> KernelWalker::map_bytes() const {
  return std::nullopt;
}
std::optional<std::int64_t> KernelWalker::run_ns() const {
  return std::nullopt;
}

}  // namespace signalbox::profile

#endif
