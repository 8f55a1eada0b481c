#include "instruments/profile/capture/kernel_walker.hpp"

#include <cerrno>

#include "instruments/profile/capture/bpf_object.hpp"

#ifdef SIGNALBOX_BPF
#include <cstring>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "instruments/profile/capture/bpf/layout.h"

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

}  // namespace

struct KernelWalker::State {
  BpfObject object;
  bpf_link* exec = nullptr;
  ring_buffer* ring = nullptr;
  int program = -1;
  int processes = -1;
  int tables = -1;
  int counted = -1;
  Shared<std::uint64_t> pages;
  Shared<std::uint32_t> rows;
  Shared<sb_rule> rules;
  std::size_t rules_used = 1;  // rule 0 is unknown
  int statistics = -1;
  std::function<void(const void*, std::size_t)> take;

  ~State() {
    if (statistics >= 0) ::close(statistics);
    ring_buffer__free(ring);
    bpf_link__destroy(exec);
  }
  int descriptor_of(const char* name) const { return object.map_descriptor(name); }
};

KernelWalker::KernelWalker(std::unique_ptr<State> state) : state_(std::move(state)) {}
KernelWalker::~KernelWalker() = default;

Result<std::unique_ptr<KernelWalker>> KernelWalker::load() {
  auto state = std::make_unique<State>();
  SIGNALBOX_TRY(state->object,
                BpfObject::open({signalbox_bpf_program, static_cast<std::size_t>(signalbox_bpf_program_end -
                                                                                 signalbox_bpf_program)}));
  bpf_map__set_max_entries(state->object.map("sb_rows"), kMaxRows / SB_ROWS_IN_BLOCK);
  bpf_map__set_max_entries(state->object.map("sb_pages"), kMaxPages);
  SIGNALBOX_CHECK(state->object.load("loading the BPF program"));
  state->program = bpf_program__fd(state->object.program("sb_take_sample"));
  state->processes = state->descriptor_of("sb_processes");
  state->tables = state->descriptor_of("sb_tables");
  state->counted = state->descriptor_of("sb_counted");
  SIGNALBOX_CHECK(state->pages.map(state->descriptor_of("sb_pages"), kMaxPages));
  SIGNALBOX_CHECK(state->rows.map(state->descriptor_of("sb_rows"), kMaxRows));
  SIGNALBOX_CHECK(state->rules.map(state->descriptor_of("sb_rules"), SB_MAX_RULES));
  state->exec = bpf_program__attach(state->object.program("sb_forget_process"));
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
  return std::unique_ptr<KernelWalker>(new KernelWalker(std::move(state)));
}

Status KernelWalker::attach(const FileDescriptor& event) const {
  if (::ioctl(event.get(), PERF_EVENT_IOC_SET_BPF, state_->program) != 0)
    return fail(bpf_refusal(errno, "running the BPF program at samples"));
  return {};
}

int KernelWalker::descriptor() const {
  return ring_buffer__epoll_fd(state_->ring);
}

void KernelWalker::take(const std::function<void(const WalkedSample&)>& take) {
  state_->take = [&](const void* octets, std::size_t size) {
    constexpr std::size_t kHead = offsetof(sb_sample, frames);
    if (size < kHead) return;
    octets_sent_ += size;
    const auto* sample = static_cast<const sb_sample*>(octets);
    const std::size_t frames = (size - kHead) / sizeof(std::uint64_t);
    if (std::size_t{sample->kernel_frames} + sample->user_frames > frames) return;
    const std::span<const std::uint64_t> all(reinterpret_cast<const std::uint64_t*>(sample->frames), frames);
    WalkedSample out;
    out.time_ns = sample->time_ns;
    out.pid = sample->pid;
    out.tid = sample->tid;
    out.stack = sample->stack;
    out.kernel = all.subspan(0, sample->kernel_frames);
    out.user = all.subspan(sample->kernel_frames, sample->user_frames);
    take(out);
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
  }
  return out;
}

std::optional<std::int64_t> KernelWalker::run_ns() const {
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  if (state_->statistics < 0 || bpf_obj_get_info_by_fd(state_->program, &info, &size) != 0)
    return std::nullopt;
  return static_cast<std::int64_t>(info.run_time_ns);
}

}  // namespace signalbox::profile

#else

namespace signalbox::profile {

struct KernelWalker::State {};
KernelWalker::KernelWalker(std::unique_ptr<State> state) : state_(std::move(state)) {}
KernelWalker::~KernelWalker() = default;
Result<std::unique_ptr<KernelWalker>> KernelWalker::load() {
  return fail(no_bpf_in_this_build());
}
Status KernelWalker::attach(const FileDescriptor&) const {
  return {};
}
Status KernelWalker::set_process(std::int32_t, const AddressSpace&, const CodeTable&) {
  return {};
}
void KernelWalker::forget_process(std::int32_t) {}
int KernelWalker::descriptor() const {
  return -1;
}
void KernelWalker::take(const std::function<void(const WalkedSample&)>&) {}
WalkerCounts KernelWalker::counts() const {
  return {};
}
std::optional<std::int64_t> KernelWalker::run_ns() const {
  return std::nullopt;
}

}  // namespace signalbox::profile

#endif
