#include "instruments/profile/capture/symbolize.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>

#include "core/base/parallel.hpp"
#include "instruments/profile/elf/file_frames.hpp"
#include "instruments/profile/elf/kernel_symbols.hpp"
#include "instruments/profile/elf/symbolizer.hpp"
#include "instruments/profile/model/builder.hpp"
#include "instruments/profile/model/hash.hpp"
#include "instruments/profile/symbols/debug_places.hpp"

namespace signalbox::profile {

// Names each address once.
class StackNames::Naming {
 public:
  explicit Naming(ProfileBuilder& builder) : builder_(builder), mappings_(1) {}

  // What addresses lie in from now on, until the next call.
  void look_into(const CodeTable& code) {
    code_ = &code;
    for (auto id = static_cast<CodeId>(mappings_.size()); id < code.size(); ++id)
      mappings_.push_back(builder_.mapping(file_mapping(builder_, code[id].path, code[id].elf.get())));
    jit_names_.clear();
    notes_.clear();
  }

  // Reads the symbols of what these frames lie in, each file on its own: that is what naming takes long for.
  void read_symbols_of(std::span<const RawNode> nodes, const CodeTable& code) {
    const std::vector<std::function<void()>> readings = readings_for(nodes, code);
    for_each_in_parallel(readings.size(), [&](std::size_t i) { readings[i](); });
    ahead_.finish();
  }

  // The same, beside what follows. Until read_symbols_of is called nothing is named.
  void read_ahead_symbols_of(std::span<const RawNode> nodes, const CodeTable& code) {
    for (std::function<void()>& reading : readings_for(nodes, code)) ahead_.add(std::move(reading));
  }

  const std::vector<RuntimeNote>& notes() const { return notes_; }
  std::string trouble() const { return servers_->trouble(); }
  const NameLookups& lookups() const { return lookups_; }

  // The frames of one address, outermost first, each a caller of the next.
  const std::vector<FrameId>& frames_of(const RawFrame& raw) {
    const auto [found, is_new] = frames_.try_emplace({raw.code, raw.address});
    ++(is_new ? lookups_.misses : lookups_.hits);
    if (is_new) found->second = name(raw);
    return found->second;
  }

  const KernelSymbols& kernel() {
    if (!kernel_) kernel_ = KernelSymbols::read();
    return *kernel_;
  }

 private:
  // What was not begun before. Each writes to a place of its own.
  std::vector<std::function<void()>> readings_for(std::span<const RawNode> nodes, const CodeTable& code) {
    std::vector<std::function<void()>> out;
    is_begun_.resize(code.size());
    for (const RawNode& node : nodes) {
      const RawFrame& frame = node.frame;
      if (frame.kind == FrameKind::synthetic || frame.code >= is_begun_.size() || is_begun_[frame.code])
        continue;
      is_begun_[frame.code] = true;
      const CodeObject& object = code[frame.code];
      if (object.kind == CodeObject::Kind::kernel)
        out.emplace_back([this] { kernel_ = KernelSymbols::read(); });
      if (object.kind != CodeObject::Kind::file || object.elf == nullptr) continue;
      out.emplace_back(
          [this, &symbols = symbolizers_[frame.code], elf = object.elf, address = frame.address] {
            symbols = std::make_unique<Symbolizer>(elf, places_);
            symbols->find(address);  // which reads the lines of debug information
          });
    }
    return out;
  }

  struct Key {
    CodeId code;
    std::uint64_t address;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const { return hash_of(key.code, key.address); }
  };

  std::vector<FrameId> name(const RawFrame& raw) {
    const CodeObject& object = (*code_)[raw.code];
    switch (object.kind) {
      case CodeObject::Kind::kernel:
        return {named(raw, kernel().find(raw.address))};
      case CodeObject::Kind::memory:
        return {compiled(raw, object.pid)};
      case CodeObject::Kind::file:
        return in_file(raw, object);
      case CodeObject::Kind::none:
        break;
    }
    return {named(raw, {})};
  }

  FrameId named(const RawFrame& raw, std::string_view function) {
    Frame frame{0, mappings_[raw.code], raw.address, 0, 0, raw.kind};
    if (!function.empty()) frame.function = builder_.function(function);
    return builder_.frame(frame);
  }

  std::vector<FrameId> in_file(const RawFrame& raw, const CodeObject& object) {
    if (object.elf == nullptr) return {named(raw, {})};
    auto& symbols = symbolizers_[raw.code];
    if (!symbols) symbols = std::make_unique<Symbolizer>(object.elf, places_);
    return named_frames(builder_, symbols->find(raw.address),
                        {0, mappings_[raw.code], raw.address, 0, 0, raw.kind});
  }

  // Code that a runtime made in a process.
  FrameId compiled(const RawFrame& raw, std::int32_t pid) {
    const auto [names, is_new] = jit_names_.try_emplace(pid);
    if (is_new) names->second = JitNames::read(code_->jit_source(pid), notes_);
    const auto found = names->second.find(raw.address);
    if (!found) return named(raw, {});
    const Function function{builder_.string(found->function), {}, builder_.string(found->file), 0};
    return builder_.frame({builder_.function(function), mappings_[raw.code], raw.address, found->line,
                           found->column, raw.kind});
  }

  ProfileBuilder& builder_;
  const CodeTable* code_ = nullptr;
  const std::shared_ptr<DebuginfodClient> servers_ = std::make_shared<DebuginfodClient>(SymbolLimits());
  const DebugPlaces places_ = debug_places(servers_);
  std::vector<MappingId> mappings_;
  std::unordered_map<Key, std::vector<FrameId>, Hash> frames_;
  NameLookups lookups_;
  std::unordered_map<CodeId, std::unique_ptr<Symbolizer>> symbolizers_;
  std::unordered_map<std::int32_t, JitNames> jit_names_;  // by process
  std::vector<RuntimeNote> notes_;
  std::optional<KernelSymbols> kernel_;
  std::vector<bool> is_begun_;  // the reading of an object's symbols, by CodeId
  WorkBeside ahead_;            // the last one: it writes to the others until it is gone
};

std::vector<ValueType> columns_of(Mode mode, std::string_view hits) {
  if (mode == Mode::hits) return {{std::string(hits), "count"}};
  const ValueType count{"samples", "count"};
  const ValueType cpu{"cpu", "nanoseconds"};
  const ValueType off{"offcpu", "nanoseconds"};
  if (mode == Mode::cpu) return {count, cpu};
  if (mode == Mode::off_cpu) return {count, off};
  return {count, cpu, off, {"wall", "nanoseconds"}};
}

ValueType period_type_of(const Recording& recording) {
  if (recording.mode == Mode::hits) return {recording.hits, "count"};
  return recording.mode == Mode::off_cpu ? ValueType{"offcpu", "nanoseconds"}
                                         : ValueType{"cpu", "nanoseconds"};
}

std::int64_t period_of(const Recording& recording) {
  if (recording.mode == Mode::hits) return recording.every;
  return recording.mode == Mode::off_cpu ? 0 : recording.period_ns;  // each wait, whatever it is
}

std::vector<std::int64_t> values_of(Mode mode, const RawSample& sample) {
  if (mode == Mode::hits) return {sample.count};
  if (mode == Mode::cpu) return {sample.count, sample.cpu_ns};
  if (mode == Mode::off_cpu) return {sample.count, sample.off_ns};
  return {sample.count, sample.cpu_ns, sample.off_ns, sample.cpu_ns + sample.off_ns};
}

namespace {

LabelsId labels_of(ProfileBuilder& builder, WaitEnds ends) {
  if (ends == WaitEnds::both_seen) return 0;
  const std::string_view text = ends == WaitEnds::began_before ? "began before the recording"
                                : ends == WaitEnds::not_over   ? "not over at the end"
                                                               : "longer than the recording";
  return builder.labels({{builder.string("wait"), builder.string(text), 0, {}}});
}

// How a thread leaves its processor: the same above every wait, as the kernel's own in_sched_functions() has
// it.
bool is_scheduler(std::string_view function) {
  static constexpr std::string_view kFunctions[] = {"__schedule",
                                                    "schedule",
                                                    "schedule_timeout",
                                                    "schedule_hrtimeout_range_clock",
                                                    "io_schedule",
                                                    "preempt_schedule",
                                                    "schedule_hrtimeout_range",
                                                    "schedule_preempt_disabled",
                                                    "__cond_resched",
                                                    "schedule_hrtimeout",
                                                    "preempt_schedule_irq",
                                                    "preempt_schedule_common",
                                                    "preempt_schedule_notrace",
                                                    "io_schedule_timeout",
                                                    "do_nanosleep"};
  return std::find(std::begin(kFunctions), std::end(kFunctions), function) != std::end(kFunctions);
}

// Whether a node lies in the stack of a sample of processor time, by node.
std::vector<bool> stacks_that_run(const RawProfile& raw) {
  std::vector<bool> out(raw.nodes().size());
  for (const RawSample& sample : raw.samples()) {
    if (sample.cpu_ns > 0) out[sample.stack] = true;
  }
  for (std::size_t i = out.size(); i-- > 1;) {
    if (out[i]) out[raw.nodes()[i].parent] = true;
  }
  return out;
}

}  // namespace

StackNames::StackNames(ProfileBuilder& builder, LeftOut left_out)
    : builder_(builder), left_out_(left_out), naming_(std::make_unique<Naming>(builder)), stacks_(1) {}

StackNames::~StackNames() = default;

const std::vector<RuntimeNote>& StackNames::notes() const {
  return naming_->notes();
}

// A waker's stack is upside down: what was inlined lies below what it was inlined into, where readers of a
// profile would take it for a part of something else.
FrameId StackNames::on_its_own(FrameId id, FrameKind kind) {
  Frame frame = builder_.profile().frames[id];
  if (frame.kind != FrameKind::inlined) return id;
  frame.kind = kind;
  return builder_.frame(frame);
}

NameLookups StackNames::lookups() const {
  return naming_->lookups();
}

std::string StackNames::trouble_of_servers() const {
  return naming_->trouble();
}

void StackNames::read_ahead(const RawProfile& raw, const CodeTable& code) {
  const std::vector<RawNode>& nodes = raw.nodes();
  naming_->read_ahead_symbols_of(std::span(nodes).subspan(std::max(read_ahead_, stacks_.size())), code);
  read_ahead_ = nodes.size();
}

void StackNames::extend(const RawProfile& raw, const CodeTable& code) {
  naming_->look_into(code);
  const std::vector<RawNode>& nodes = raw.nodes();
  const std::vector<bool> runs = left_out_.scheduler ? stacks_that_run(raw) : std::vector<bool>();
  naming_->read_symbols_of(std::span(nodes).subspan(stacks_.size()), code);
  const auto is_left_out = [&](std::size_t node) {
    const RawFrame& frame = nodes[node].frame;
    if (frame.kind != FrameKind::kernel) return false;
    if (left_out_.kernel) return true;
    return left_out_.scheduler && !runs[node] && is_scheduler(naming_->kernel().find(frame.address));
  };
  for (std::size_t i = stacks_.size(); i < nodes.size(); ++i) {
    StackId stack = stacks_[nodes[i].parent];
    if (nodes[i].frame.kind == FrameKind::synthetic) {
      stack = builder_.stack(stack, builder_.synthetic(raw.words(nodes[i].frame.address)));
    } else if (nodes[i].frame.kind == FrameKind::interpreted) {
      const InterpretedLine& line = raw.line(nodes[i].frame.address);
      const Function function{builder_.string(raw.text(line.function)),
                              {},
                              builder_.string(raw.text(line.file)),
                              line.first_line};
      stack = builder_.stack(
          stack, builder_.frame({builder_.function(function), 0, 0, line.line, 0, FrameKind::interpreted}));
    } else if (!is_left_out(i)) {
      const std::vector<FrameId>& frames = naming_->frames_of(nodes[i].frame);
      if (nodes[i].frame.is_of_waker) {
        for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame)
          stack = builder_.stack(stack, on_its_own(*frame, nodes[i].frame.kind));
      } else {
        for (const FrameId frame : frames) stack = builder_.stack(stack, frame);
      }
    }
    stacks_.push_back(stack);
  }
}

ProfileMaker::ProfileMaker(Mode mode, bool kernel, std::string_view hits)
    : mode_(mode), builder_(columns_of(mode, hits)), names_(builder_, {!kernel, tells_waits(mode)}) {}

Profile ProfileMaker::make(const Recording& recording, Annotations annotations,
                           std::vector<RuntimeNote>* notes) && {
  names_.extend(recording.raw, recording.code);
  if (notes != nullptr) notes->insert(notes->end(), names_.notes().begin(), names_.notes().end());
  std::vector<ThreadId> threads;
  for (const RecordedThread& thread : recording.threads)
    threads.push_back(builder_.thread(
        {thread.pid, thread.tid, builder_.string(thread.name), builder_.string(thread.process)}));
  for (const RawSample& sample : recording.raw.samples())
    builder_.add(
        {names_[sample.stack], threads[sample.thread], labels_of(builder_, sample.ends), sample.time_ns},
        values_of(mode_, sample));
  if (recording.quality.lost > 0) {
    RawSample lost;
    lost.count = recording.quality.lost * recording.every;
    // With waits the account of each thread has the time already: it lies between the samples that came.
    if (mode_ == Mode::cpu) lost.cpu_ns = recording.lost_ns;
    builder_.add({builder_.stack(0, builder_.synthetic("[lost]"))}, values_of(mode_, lost));
  }
  Profile& profile = builder_.profile();
  profile.default_value = profile.value_types.size() - 1;
  profile.period_type = period_type_of(recording);
  profile.period = period_of(recording);
  profile.start_unix_ns = recording.start_unix_ns;
  profile.duration_ns = recording.duration_ns;
  profile.annotations = std::move(annotations);
  if (std::string trouble = names_.trouble_of_servers(); !trouble.empty())
    profile.annotations.emplace_back(kSymbolServers, std::move(trouble));
  return std::move(builder_).finish();
}

Profile named_profile(const Recording& recording, Annotations annotations) {
  return ProfileMaker(recording.mode, recording.kernel, recording.hits)
      .make(recording, std::move(annotations));
}

}  // namespace signalbox::profile
