#include "instruments/profile/capture/perf_ring.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "instruments/profile/elf/octet_reader.hpp"

namespace signalbox::profile {
namespace {

#if defined(__x86_64__)
// AX to IP, R8 to R15 (asm/perf_regs.h).
constexpr std::uint64_t kRegisterMask = 0x1ff | (std::uint64_t{0xff} << 16);
#elif defined(__aarch64__)
// X0 to X30, SP, PC.
constexpr std::uint64_t kRegisterMask = (std::uint64_t{1} << 33) - 1;
#else
constexpr std::uint64_t kRegisterMask = 0;
#endif

// Where its period is asked for, a passing gives one sample, whatever `every` says and whatever it counts as
// (perf_swevent_event of kernel/events/core.c).
bool has_period(const SamplingEvent& event) {
  return event.at != SampledAt::hits || samples_each_passing(event);
}

std::uint64_t sample_type_of(const SamplingEvent& event) {
  constexpr std::uint64_t kAlways =
      PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | PERF_SAMPLE_CALLCHAIN;
  return has_period(event) ? kAlways | PERF_SAMPLE_PERIOD : kAlways;
}

// What is sampled, and how often.
void choose_event(perf_event_attr& out, const SamplingEvent& event, std::size_t place) {
  out.type = PERF_TYPE_SOFTWARE;
  out.sample_period = 1;
  switch (event.at) {
    case SampledAt::processor_time:
      out.config = PERF_COUNT_SW_CPU_CLOCK;
      out.sample_period = static_cast<std::uint64_t>(event.period.count());
      return;
    case SampledAt::switches:
      out.config = PERF_COUNT_SW_CONTEXT_SWITCHES;
      return;
    case SampledAt::hits:
      break;
  }
  const ProbePlace& at = event.places[place];
  out.type = at.type;
  out.config = at.config;
  out.sample_period = event.every;
}

perf_event_attr attributes_of(const SamplingEvent& event, std::size_t place) {
  perf_event_attr out{};
  out.size = sizeof out;
  choose_event(out, event, place);
  out.sample_type = sample_type_of(event);
  out.disabled = event.starts_at_exec ? 1 : 0;
  out.enable_on_exec = event.starts_at_exec ? 1 : 0;
  out.inherit = event.follows != Follows::nobody ? 1 : 0;
  out.inherit_thread = event.follows == Follows::threads ? 1 : 0;
  // Who passes a place in the kernel is in the kernel: without it there is nothing.
  const bool is_in_kernel = event.at == SampledAt::hits && event.places[place].is_in_kernel;
  out.exclude_kernel = event.kernel || is_in_kernel ? 0 : 1;
  out.exclude_callchain_kernel = event.kernel ? 0 : 1;
  out.exclude_hv = 1;
  out.exclude_idle = event.leaves_idle_out ? 1 : 0;
  const bool tells_changes = event.tells_changes && place == 0;  // once for all places
  out.mmap = tells_changes ? 1 : 0;
  out.mmap2 = tells_changes ? 1 : 0;
  out.comm = tells_changes ? 1 : 0;
  out.comm_exec = tells_changes ? 1 : 0;
  out.task = tells_changes ? 1 : 0;
  out.sample_id_all = 1;
  out.use_clockid = 1;
  out.clockid = CLOCK_MONOTONIC;
  out.watermark = 1;
  out.wakeup_watermark = 1U << 16;
  if (event.stacks == UserStacks::registers_stack) {
    out.sample_type |= PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
    out.sample_regs_user = kRegisterMask;
    out.sample_stack_user = event.stack_bytes;
    out.exclude_callchain_user = 1;
  }
  return out;
}

UserRegisters take_registers(OctetReader& in) {
  UserRegisters out;
  const auto abi = in.take<std::uint64_t>();
  if (abi == PERF_SAMPLE_REGS_ABI_NONE) return out;
  for (std::size_t i = 0; i < kPerfRegisters; ++i) {
    if ((kRegisterMask >> i) & 1) out.values[i] = in.take<std::uint64_t>();
  }
  out.known = abi == PERF_SAMPLE_REGS_ABI_64;
  return out;
}

std::optional<PerfRecord> take_sample(OctetReader in, std::uint16_t misc, const SamplingEvent& how) {
  SampleRecord out;
  in.take<std::uint64_t>();  // the address that was sampled: the callchain begins with it
  out.pid = in.take<std::uint32_t>();
  out.tid = in.take<std::uint32_t>();
  out.time_ns = in.take<std::uint64_t>();
  out.cpu = in.take<std::uint32_t>();
  in.take<std::uint32_t>();
  const std::uint64_t period = has_period(how) ? in.take<std::uint64_t>() : 0;
  if (how.at == SampledAt::hits)
    out.hits = how.every;
  else
    out.period_ns = period;
  out.in_kernel = (misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_KERNEL;
  const auto frames = in.take<std::uint64_t>();
  if (frames > in.left.size() / sizeof(std::uint64_t)) return std::nullopt;
  // Records lie at multiples of eight octets, and so does all before the callchain.
  out.callchain = {reinterpret_cast<const std::uint64_t*>(in.octets(frames * sizeof(std::uint64_t)).data()),
                   frames};
  if (how.stacks == UserStacks::registers_stack) {
    out.registers = take_registers(in);
    const auto copied = in.take<std::uint64_t>();
    const std::string_view copy = in.octets(copied);
    const auto used = copied == 0 ? 0 : in.take<std::uint64_t>();
    out.stack = copy.substr(0, used);
  }
  if (!in.ok) return std::nullopt;
  return out;
}

std::optional<PerfRecord> take_map(OctetReader in) {
  constexpr std::size_t kIdentityBytes = 24;  // of the file: device and inode, or its build id
  MapRecord out;
  out.pid = in.take<std::uint32_t>();
  in.take<std::uint32_t>();
  out.start = in.take<std::uint64_t>();
  out.length = in.take<std::uint64_t>();
  out.file_offset = in.take<std::uint64_t>();
  in.octets(kIdentityBytes);
  in.take<std::uint32_t>();  // protection
  in.take<std::uint32_t>();  // flags
  out.path = in.text();
  if (!in.ok) return std::nullopt;
  return out;
}

Error refusal_of_probe(int error_number, const ProbePlace& place) {
  switch (error_number) {
    case EACCES:
    case EPERM:
      return {ErrorKind::denied, "the kernel lets only root set probes", "sudo signalbox profile …"};
    case ESRCH:
      return {ErrorKind::not_found, "the thread is gone", {}};
    case EMFILE:
      return {ErrorKind::unavailable, "too many open files for the threads of the target", "ulimit -n 65536"};
    case kNotSupported:
      return instruction_not_supported(place.text);
    case EINVAL:
    case EILSEQ:
    case ENOENT:
      return {ErrorKind::bad_input,
              fmt::format("the kernel can set no probe at {}: {}", place.text,
                          error_from_errno(error_number, "perf_event_open").message),
              "an instruction has to begin there, and it has to be one that the kernel can step over"};
    default:
      return error_from_errno(error_number, "perf_event_open");
  }
}

// Counters of the kernel and the processor are sampled by the rules of samples of time.
bool is_probe(const SamplingEvent& event, std::size_t place) {
  if (event.at != SampledAt::hits) return false;
  const std::uint32_t type = event.places[place].type;
  return type != PERF_TYPE_SOFTWARE && type != PERF_TYPE_HARDWARE;
}

Error refusal(int error_number) {
  switch (error_number) {
    case ENOENT:
    case EOPNOTSUPP:
      return {ErrorKind::unavailable, "this machine's processor counts no such event",
              "virtual machines often have no counters; without --event processor time is sampled"};
    case EACCES:
    case EPERM: {
      const auto paranoid = read_file("/proc/sys/kernel/perf_event_paranoid");
      return {ErrorKind::denied,
              fmt::format("the kernel refuses to sample (perf_event_paranoid is {})",
                          paranoid ? paranoid->substr(0, paranoid->find('\n')) : "not to be read"),
              "sudo sysctl kernel.perf_event_paranoid=1, or sudo setcap cap_perfmon,cap_sys_ptrace+ep on "
              "signalbox-profile; signalbox profile doctor says what is missing"};
    }
    case ESRCH:
      return {ErrorKind::not_found, "the thread is gone", {}};
    case ENOSYS:
      return {ErrorKind::unavailable, "this kernel or container has no perf_event_open",
              "in a container its seccomp profile forbids it: signalbox profile doctor says how to allow it"};
    case EMFILE:
      return {ErrorKind::unavailable, "too many open files for the threads of the target", "ulimit -n 65536"};
    default:
      return error_from_errno(error_number, "perf_event_open");
  }
}

}  // namespace

bool samples_each_passing(const SamplingEvent& event) {
  if (event.at != SampledAt::hits || event.places.empty()) return false;
  const ProbePlace& place = event.places.front();  // all are of one kind
  return place.type == PERF_TYPE_TRACEPOINT && (event.every == 1 || place.is_weighed);
}

std::uint64_t time_of_record(std::string_view octets) {
  perf_event_header header{};
  if (octets.size() < sizeof header) return 0;
  std::memcpy(&header, octets.data(), sizeof header);
  // In a sample after its address and its ids; in all others (sample_id_all) before the processor at the end.
  const std::size_t at = header.type == PERF_RECORD_SAMPLE ? sizeof header + 16 : octets.size() - 16;
  std::uint64_t time = 0;
  if (octets.size() < sizeof header + 24) return 0;
  std::memcpy(&time, octets.data() + at, sizeof time);
  return time;
}

std::optional<PerfRecord> parse_perf_record(std::string_view octets, const SamplingEvent& how) {
  perf_event_header header{};
  if (octets.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, octets.data(), sizeof header);
  if (header.size < sizeof header || header.size > octets.size()) return std::nullopt;
  OctetReader in{octets.substr(sizeof header, header.size - sizeof header)};
  switch (header.type) {
    case PERF_RECORD_SAMPLE:
      return take_sample(in, header.misc, how);
    case PERF_RECORD_MMAP2:
      return take_map(in);
    case PERF_RECORD_COMM: {
      CommRecord out;
      out.pid = in.take<std::uint32_t>();
      out.tid = in.take<std::uint32_t>();
      out.is_exec = (header.misc & PERF_RECORD_MISC_COMM_EXEC) != 0;
      out.name = in.text();
      return in.ok ? std::optional<PerfRecord>(out) : std::nullopt;
    }
    case PERF_RECORD_FORK: {
      ForkRecord out;
      out.pid = in.take<std::uint32_t>();
      out.parent_pid = in.take<std::uint32_t>();
      out.tid = in.take<std::uint32_t>();
      return in.ok ? std::optional<PerfRecord>(out) : std::nullopt;
    }
    case PERF_RECORD_EXIT: {
      ExitRecord out;
      out.pid = in.take<std::uint32_t>();
      in.take<std::uint32_t>();
      out.tid = in.take<std::uint32_t>();
      return in.ok ? std::optional<PerfRecord>(out) : std::nullopt;
    }
    case PERF_RECORD_LOST: {
      in.take<std::uint64_t>();
      const LostRecord out{in.take<std::uint64_t>()};
      return in.ok ? std::optional<PerfRecord>(out) : std::nullopt;
    }
    case PERF_RECORD_THROTTLE:
      return ThrottleRecord{};
    default:
      return std::nullopt;
  }
}

Result<FileDescriptor> open_sampling_event(const SamplingEvent& event, std::int32_t tid, int cpu,
                                           std::size_t place) {
  perf_event_attr attributes = attributes_of(event, place);
  const auto open = [&] {
    return ::syscall(SYS_perf_event_open, &attributes, tid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
  };
  long opened = open();
  if (opened < 0 && errno == EINVAL && attributes.inherit_thread != 0) {  // a kernel that does not know it
    attributes.inherit = attributes.inherit_thread = 0;
    opened = open();
  }
  if (opened < 0)
    return fail(is_probe(event, place) ? refusal_of_probe(errno, event.places[place]) : refusal(errno));
  return FileDescriptor{static_cast<int>(opened)};
}

bool kernel_follows_threads() {
  SamplingEvent event;
  event.period = std::chrono::seconds(1);
  event.kernel = false;
  perf_event_attr attributes = attributes_of(event, 0);
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_DUMMY;
  attributes.inherit = attributes.inherit_thread = 1;
  constexpr int kThisThread = 0;
  constexpr int kAnyProcessor = -1;
  const FileDescriptor opened{static_cast<int>(
      ::syscall(SYS_perf_event_open, &attributes, kThisThread, kAnyProcessor, -1, PERF_FLAG_FD_CLOEXEC))};
  return opened || errno != EINVAL;
}

std::string note_of_following(const SamplingEvent& event, bool kernel_follows_threads) {
  if (event.follows != Follows::threads || kernel_follows_threads) return {};
  return "threads that begin later are left out: this kernel follows them with the processes that are "
         "started "
         "alone (--no-children needs Linux 5.13 for both)";
}

Result<PerfRing> PerfRing::map(const FileDescriptor& event, std::size_t pages) {
  PerfRing out;
  out.page_bytes_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  out.mapped_bytes_ = (pages + 1) * out.page_bytes_;
  void* const base = ::mmap(nullptr, out.mapped_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, event.get(), 0);
  if (base == MAP_FAILED) {
    const int why = errno;
    if (why != EPERM && why != ENOMEM) return fail(error_from_errno(why, "mapping the ring of samples"));
    return fail(ErrorKind::denied, "the kernel locks no more memory for the ring of samples",
                "sudo sysctl kernel.perf_event_mlock_kb=8192");
  }
  out.base_ = base;
  out.descriptor_ = event.get();
  return out;
}

PerfRing::PerfRing(PerfRing&& other) noexcept
    : descriptor_(other.descriptor_),
      base_(std::exchange(other.base_, nullptr)),
      mapped_bytes_(other.mapped_bytes_),
      page_bytes_(other.page_bytes_),
      straightened_(std::move(other.straightened_)) {}

PerfRing::~PerfRing() {
  if (base_ != nullptr) ::munmap(base_, mapped_bytes_);
}

Status PerfRing::join(const FileDescriptor& event) const {
  if (::ioctl(event.get(), PERF_EVENT_IOC_SET_OUTPUT, descriptor_) != 0)
    return fail(error_from_errno(errno, "joining the events of one processor"));
  return {};
}

void PerfRing::drain(const std::function<void(std::string_view)>& take) {
  auto* const page = static_cast<perf_event_mmap_page*>(base_);
  const char* const data = static_cast<const char*>(base_) + page_bytes_;
  const std::size_t size = mapped_bytes_ - page_bytes_;
  const std::uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
  std::uint64_t tail = page->data_tail;
  while (tail < head) {
    perf_event_header header;
    std::memcpy(&header, data + tail % size,
                sizeof header);  // records are multiples of eight: a header never wraps
    if (header.size < sizeof header || header.size > head - tail) break;  // the kernel does not write these
    const std::size_t at = tail % size;
    const char* record = data + at;
    if (at + header.size > size) {
      straightened_.resize(header.size);
      const std::size_t first = size - at;
      std::memcpy(straightened_.data(), data + at, first);
      std::memcpy(straightened_.data() + first, data, header.size - first);
      record = straightened_.data();
    }
    take({record, header.size});
    tail += header.size;
    __atomic_store_n(&page->data_tail, tail, __ATOMIC_RELEASE);
  }
}

}  // namespace signalbox::profile
