#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/elf/octet_reader.hpp"
#include "instruments/profile/formats/perf_data.hpp"
#include "instruments/profile/formats/perf_data_file.hpp"
#include "instruments/profile/formats/perf_data_names.hpp"
#include "instruments/profile/formats/perf_data_spaces.hpp"
#include "instruments/profile/formats/perf_script.hpp"
#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {
namespace {

constexpr std::string_view kKernelRegion = "[kernel.kallsyms]";
// PERF_RECORD_MISC_LOST_SAMPLES_BPF: perf's own filter dropped them, as it was asked to.
constexpr std::uint16_t kDroppedByFilter = 1U << 15;
constexpr std::uint64_t kFirstContext = static_cast<std::uint64_t>(PERF_CONTEXT_MAX);

// What is looked at of a sample.
struct PerfDataSample {
  std::uint64_t id = 0;
  std::uint64_t ip = 0;
  std::int32_t pid = 0;
  std::int32_t tid = 0;
  std::uint64_t period = 0;
  std::string_view callchain;  // numbers of eight octets, leaf first
};

// The counts that stand before the callchain (perf_event_open(2), PERF_SAMPLE_READ).
void skip_counts(OctetReader& in, std::uint64_t format) {
  std::uint64_t each = 1;
  if ((format & PERF_FORMAT_ID) != 0) ++each;
  constexpr std::uint64_t kFormatLost = 1U << 4;
  if ((format & kFormatLost) != 0) ++each;
  std::uint64_t count = 1;
  if ((format & PERF_FORMAT_GROUP) != 0) count = in.take<std::uint64_t>();
  if ((format & PERF_FORMAT_TOTAL_TIME_ENABLED) != 0) in.take<std::uint64_t>();
  if ((format & PERF_FORMAT_TOTAL_TIME_RUNNING) != 0) in.take<std::uint64_t>();
  const std::uint64_t fits = in.left.size() / sizeof(std::uint64_t);
  in.octets(count > fits ? in.left.size() + 1 : count * each * sizeof(std::uint64_t));
}

std::optional<PerfDataSample> sample_of(std::string_view body, const perf_event_attr& attributes) {
  const std::uint64_t type = attributes.sample_type;
  OctetReader in{body};
  PerfDataSample out;
  if ((type & PERF_SAMPLE_IDENTIFIER) != 0) out.id = in.take<std::uint64_t>();
  if ((type & PERF_SAMPLE_IP) != 0) out.ip = in.take<std::uint64_t>();
  if ((type & PERF_SAMPLE_TID) != 0) {
    out.pid = in.take<std::int32_t>();
    out.tid = in.take<std::int32_t>();
  }
  if ((type & PERF_SAMPLE_TIME) != 0) in.take<std::uint64_t>();
  if ((type & PERF_SAMPLE_ADDR) != 0) in.take<std::uint64_t>();
  if ((type & PERF_SAMPLE_ID) != 0) out.id = in.take<std::uint64_t>();
  if ((type & PERF_SAMPLE_STREAM_ID) != 0) in.take<std::uint64_t>();
  if ((type & PERF_SAMPLE_CPU) != 0) in.take<std::uint64_t>();
  if ((type & PERF_SAMPLE_PERIOD) != 0) out.period = in.take<std::uint64_t>();
  if ((type & PERF_SAMPLE_READ) != 0) skip_counts(in, attributes.read_format);
  if ((type & PERF_SAMPLE_CALLCHAIN) != 0) {
    const auto frames = in.take<std::uint64_t>();
    if (frames > in.left.size() / sizeof(std::uint64_t)) return std::nullopt;
    out.callchain = in.octets(frames * sizeof(std::uint64_t));
  }
  return in.ok ? std::optional(out) : std::nullopt;
}

class PerfDataReader {
 public:
  PerfDataReader(const PerfDataFile& file, std::vector<std::string>& notes)
      : file_(file), notes_(notes), builder_(columns(file)), names_(builder_, file.build_ids()) {}

  Result<Profile> read() {
    for (const PerfDataRecord& record : file_.records()) take(record);
    if (taken_ == 0)
      return fail(ErrorKind::bad_input, "offset 0: perf.data without a sample",
                  "perf had nothing to sample: was the target idle, or work that ran before elsewhere?");
    if (lost() > 0) {
      const std::int64_t values[] = {lost(), saturating_product(lost(), mean_period())};
      builder_.append({builder_.stack(0, builder_.synthetic("[lost]"))}, values);
    }
    tell();
    Profile& profile = builder_.profile();
    profile.default_value = profile.value_types.size() - 1;
    profile.duration_ns = latest_ns_ - earliest_ns_;
    const auto annotate = [&](const char* key, const std::string& value) {
      if (!value.empty()) profile.annotations.emplace_back(key, value);
    };
    annotate("command", file_.command());
    annotate("host", file_.host());
    annotate("kernel", file_.kernel());
    return std::move(builder_).finish();
  }

 private:
  // The event is that of the first sample, which all other things depend on.
  static std::size_t first_event(const PerfDataFile& file) {
    for (const PerfDataRecord& record : file.records()) {
      if (record.type() != PERF_RECORD_SAMPLE) continue;
      if (const auto sample = sample_of(record.body(), file.events()[0].attributes))
        return file.event_of(sample->id);
    }
    return 0;
  }
  static std::vector<ValueType> columns(const PerfDataFile& file) {
    return {{"samples", "count"}, value_type_of_event(file.events()[first_event(file)].name)};
  }

  void take(const PerfDataRecord& record) {
    OctetReader in{record.body()};
    switch (record.type()) {
      case PERF_RECORD_SAMPLE:
        return take_sample(record);
      case PERF_RECORD_MMAP:
      case PERF_RECORD_MMAP2:
        return take_map(record);
      case PERF_RECORD_COMM: {
        const auto pid = in.take<std::int32_t>();
        const auto tid = in.take<std::int32_t>();
        const std::string_view name = in.text();
        if (!in.ok) return;
        if ((record.misc() & PERF_RECORD_MISC_COMM_EXEC) != 0) spaces_.exec(pid);
        thread_names_[tid] = printable(name);
        return;
      }
      case PERF_RECORD_FORK: {
        const auto pid = in.take<std::int32_t>();
        const auto parent = in.take<std::int32_t>();
        const auto tid = in.take<std::int32_t>();
        const auto parent_tid = in.take<std::int32_t>();
        if (!in.ok) return;
        if (tid != pid) {
          spaces_.start_thread(pid);
        } else if ((record.misc() & PERF_RECORD_MISC_FORK_EXEC) == 0) {  // else perf tells its memory itself
          spaces_.fork(parent, pid);
        }
        if (const auto named = thread_names_.find(parent_tid); named != thread_names_.end()) {
          std::string name = named->second;
          thread_names_[tid] = std::move(name);
        }
        return;
      }
      case PERF_RECORD_EXIT: {
        const auto pid = in.take<std::int32_t>();
        in.take<std::int32_t>();
        const auto tid = in.take<std::int32_t>();
        // Without times records of several processors are in no order: it may have samples behind this one.
        if (in.ok && record.time_ns != 0) spaces_.exit(pid, tid);
        return;
      }
      case PERF_RECORD_LOST:
        in.take<std::uint64_t>();
        lost_of_ring_ = saturating_sum(lost_of_ring_, signed_number(in.take<std::uint64_t>()));
        return;
      case PERF_RECORD_LOST_SAMPLES:
        if ((record.misc() & kDroppedByFilter) != 0) return;
        lost_of_events_ = saturating_sum(lost_of_events_, signed_number(in.take<std::uint64_t>()));
        return;
      default:
        return;
    }
  }

  void take_map(const PerfDataRecord& record) {
    OctetReader in{record.body()};
    const auto pid = in.take<std::int32_t>();
    in.take<std::int32_t>();
    const auto start = in.take<std::uint64_t>();
    const auto length = in.take<std::uint64_t>();
    const auto file_offset = in.take<std::uint64_t>();
    PerfDataFileName file;
    if (record.type() == PERF_RECORD_MMAP2) {
      constexpr std::size_t kIdentityBytes = 24;  // device and inode, or a size and a build id
      constexpr std::size_t kIdAt = 4;
      constexpr std::uint16_t kHasBuildId = 1U << 14;
      const std::string_view identity = in.octets(kIdentityBytes);
      if (in.ok && (record.misc() & kHasBuildId) != 0) {
        const auto size = static_cast<unsigned char>(identity[0]);
        file.build_id = to_hex(identity.substr(kIdAt, size));
      }
      in.take<std::uint32_t>();  // protection
      in.take<std::uint32_t>();  // flags
    }
    file.path = in.text();
    if (!in.ok) return;
    if (pid == -1) {
      if (file.path.starts_with(kKernelRegion))
        names_.kernel_is_at(file.path.substr(kKernelRegion.size()), file_offset, file.build_id);
      return;
    }
    spaces_.map(pid, start, length, file_offset, file);
  }

  void take_sample(const PerfDataRecord& record) {
    // Where the number of the event lies is the same for all events of a file.
    auto sample = sample_of(record.body(), file_.events()[0].attributes);
    const std::size_t event = sample ? file_.event_of(sample->id) : 0;
    if (event != 0) sample = sample_of(record.body(), file_.events()[event].attributes);
    if (!sample) {
      ++broken_;
      return;
    }
    if (!event_) event_ = event;
    if (event != *event_) {
      ++of_other_events_;
      return;
    }
    const perf_event_attr& attributes = file_.events()[event].attributes;
    if ((attributes.sample_type & PERF_SAMPLE_STACK_USER) != 0) ++with_stack_copy_;
    if (taken_ == 0) earliest_ns_ = time_of(record);
    latest_ns_ = time_of(record);
    Thread thread;
    thread.pid = sample->pid;
    thread.tid = sample->tid;
    thread.name = builder_.string(name_of(sample->tid));
    thread.process = builder_.string(name_of(sample->pid));
    const std::uint64_t period = (attributes.sample_type & PERF_SAMPLE_PERIOD) != 0 ? sample->period
                                 : attributes.freq == 0 ? std::uint64_t{attributes.sample_period}
                                                        : 1;
    constexpr std::uint64_t kMostPeriod = std::numeric_limits<std::int64_t>::max() / 2;
    const std::int64_t values[] = {1, static_cast<std::int64_t>(std::min(period, kMostPeriod))};
    const bool in_kernel = (record.misc() & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_KERNEL;
    builder_.append({stack_of(*sample, in_kernel), builder_.thread(thread), 0, latest_ns_ - earliest_ns_},
                    values);
    period_sum_ = saturating_sum(period_sum_, values[1]);
    ++taken_;
  }
  static std::int64_t signed_number(std::uint64_t number) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min(number, kMost));
  }
  static std::int64_t time_of(const PerfDataRecord& record) { return signed_number(record.time_ns); }
  // The ring and, from Linux 6.1 on, the counters at their end tell of the same losses.
  std::int64_t lost() const { return std::max(lost_of_ring_, lost_of_events_); }
  std::int64_t mean_period() const { return period_sum_ / static_cast<std::int64_t>(taken_); }
  std::string name_of(std::int32_t tid) const {
    const auto found = thread_names_.find(tid);
    return found == thread_names_.end() ? fmt::format(":{}", tid) : found->second;
  }

  StackId stack_of(const PerfDataSample& sample, bool in_kernel) {
    leaf_first_.clear();
    bool is_return_address = false;
    for (OctetReader in{sample.callchain}; !in.left.empty();) {
      const auto entry = in.take<std::uint64_t>();
      if (entry >= kFirstContext) {
        in_kernel = entry == static_cast<std::uint64_t>(PERF_CONTEXT_KERNEL);
        is_return_address = false;  // where the processor was, or where it goes on when the kernel returns
        continue;
      }
      add_frames(sample.pid, entry - (is_return_address ? 1 : 0), in_kernel);
      is_return_address = true;
    }
    if (leaf_first_.empty() && sample.ip != 0) add_frames(sample.pid, sample.ip, in_kernel);
    StackId stack = 0;
    for (auto frame = leaf_first_.rbegin(); frame != leaf_first_.rend(); ++frame)
      stack = builder_.stack(stack, *frame);
    return stack;
  }

  void add_frames(std::int32_t pid, std::uint64_t address, bool in_kernel) {
    if (in_kernel) return leaf_first_.push_back(names_.in_kernel(address));
    PerfDataSpaces::Found found{};
    if (!spaces_.find(pid, address, found))
      return leaf_first_.push_back(names_.nowhere(address, FrameKind::user));
    const auto& frames = names_.in_file(found.file, spaces_.files()[found.file], found.file_offset, address);
    leaf_first_.insert(leaf_first_.end(), frames.rbegin(), frames.rend());
  }

  void tell() {
    const std::string& name = file_.events()[event_.value_or(0)].name;
    if (of_other_events_ > 0)
      notes_.push_back(fmt::format("{} of events other than {} left out", counted(of_other_events_, "sample"),
                                   printable(name)));
    if (broken_ > 0) notes_.push_back(counted(broken_, "sample") + " that cannot be read left out");
    if (with_stack_copy_ > 0)
      notes_.push_back(
          fmt::format("{} with a copy of the stack, which is not unwound: their callers are not here "
                      "(perf script unwinds it: read its text instead)",
                      counted(with_stack_copy_, "sample")));
    if (lost() > 0)
      notes_.push_back(counted(static_cast<std::uint64_t>(lost()), "sample") +
                       " lost: [lost] has what they stand for");
    if (spaces_.without_inheritance() > 0)
      notes_.push_back(fmt::format("{} inherited more memory than is followed: addresses in it have no names",
                                   counted(spaces_.without_inheritance(), "process", "processes")));
    if (file_.is_cut()) notes_.emplace_back("the file is cut: perf was ended before it had written all");
    for (std::string& note : names_.notes()) notes_.push_back(std::move(note));
  }

  const PerfDataFile& file_;
  std::vector<std::string>& notes_;
  ProfileBuilder builder_;
  PerfDataNames names_;
  PerfDataSpaces spaces_;
  std::unordered_map<std::int32_t, std::string> thread_names_;
  std::optional<std::size_t> event_;
  std::vector<FrameId> leaf_first_;
  std::int64_t earliest_ns_ = 0;
  std::int64_t latest_ns_ = 0;
  std::int64_t lost_of_ring_ = 0;    // PERF_RECORD_LOST
  std::int64_t lost_of_events_ = 0;  // PERF_RECORD_LOST_SAMPLES
  std::int64_t period_sum_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t of_other_events_ = 0;
  std::uint64_t broken_ = 0;
  std::uint64_t with_stack_copy_ = 0;
};

}  // namespace

bool is_perf_data(std::string_view octets) {
  return octets.starts_with("PERFILE2") || octets.starts_with("2ELIFREP");
}

Result<Profile> read_perf_data(std::string_view octets, std::size_t max_bytes,
                               std::vector<std::string>& notes) {
  SIGNALBOX_TRY(const PerfDataFile file, PerfDataFile::read(octets, max_bytes));
  return PerfDataReader(file, notes).read();
}

}  // namespace signalbox::profile
