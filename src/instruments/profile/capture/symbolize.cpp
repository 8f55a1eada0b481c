#include "instruments/profile/capture/symbolize.hpp"

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
#include "instruments/profile/runtimes/perf_map.hpp"

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
    perf_maps_.clear();
  }

  // Reads the symbols of what these frames lie in, each file on its own: that is what naming takes long for.
  void read_symbols_of(std::span<const RawNode> nodes) {
    struct Task {
      RawFrame first;
      std::unique_ptr<Symbolizer>* symbols;  // null: the kernel's
    };
    std::vector<Task> tasks;
    std::vector<bool> seen(code_->size());
    for (const RawNode& node : nodes) {
      const RawFrame& frame = node.frame;
      if (frame.kind == FrameKind::synthetic || frame.code >= seen.size() || seen[frame.code]) continue;
      seen[frame.code] = true;
      const CodeObject& object = (*code_)[frame.code];
      if (object.kind == CodeObject::Kind::kernel && !kernel_) {
        kernel_.emplace();
        tasks.push_back({frame, nullptr});
      }
      if (object.kind != CodeObject::Kind::file || object.elf == nullptr) continue;
      if (auto& symbols = symbolizers_[frame.code]; !symbols) tasks.push_back({frame, &symbols});
    }
    for_each_in_parallel(tasks.size(), [&](std::size_t i) {
      if (tasks[i].symbols == nullptr) {
        *kernel_ = KernelSymbols::read();
        return;
      }
      *tasks[i].symbols = std::make_unique<Symbolizer>((*code_)[tasks[i].first.code].elf);
      (*tasks[i].symbols)->find(tasks[i].first.address);  // which reads the lines of debug information
    });
  }

  // The frames of one address, outermost first, each a caller of the next.
  const std::vector<FrameId>& frames_of(const RawFrame& raw) {
    const auto [found, is_new] = frames_.try_emplace({raw.code, raw.address});
    if (is_new) found->second = name(raw);
    return found->second;
  }

 private:
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
        return {named(raw, jit_name(object.pid, raw.address))};
      case CodeObject::Kind::file:
        return in_file(raw, object);
      case CodeObject::Kind::none:
        break;
    }
    return {named(raw, {})};
  }

  const KernelSymbols& kernel() {
    if (!kernel_) kernel_ = KernelSymbols::read();
    return *kernel_;
  }

  FrameId named(const RawFrame& raw, std::string_view function) {
    Frame frame{0, mappings_[raw.code], raw.address, 0, 0, raw.kind};
    if (!function.empty()) frame.function = builder_.function(function);
    return builder_.frame(frame);
  }

  std::vector<FrameId> in_file(const RawFrame& raw, const CodeObject& object) {
    if (object.elf == nullptr) return {named(raw, {})};
    auto& symbols = symbolizers_[raw.code];
    if (!symbols) symbols = std::make_unique<Symbolizer>(object.elf);
    return named_frames(builder_, symbols->find(raw.address),
                        {0, mappings_[raw.code], raw.address, 0, 0, raw.kind});
  }

  std::string_view jit_name(std::int32_t pid, std::uint64_t address) {
    const auto [found, is_new] = perf_maps_.try_emplace(pid);
    if (is_new) {
      if (auto read = read_perf_map(pid)) found->second = std::move(*read);
    }
    return readable_jit_name(found->second.find(address));
  }

  ProfileBuilder& builder_;
  const CodeTable* code_ = nullptr;
  std::vector<MappingId> mappings_;
  std::unordered_map<Key, std::vector<FrameId>, Hash> frames_;
  std::unordered_map<CodeId, std::unique_ptr<Symbolizer>> symbolizers_;
  std::unordered_map<std::int32_t, PerfMap> perf_maps_;
  std::optional<KernelSymbols> kernel_;
};

StackNames::StackNames(ProfileBuilder& builder)
    : builder_(builder), naming_(std::make_unique<Naming>(builder)), stacks_(1) {}

StackNames::~StackNames() = default;

void StackNames::extend(const RawProfile& raw, const CodeTable& code) {
  naming_->look_into(code);
  const std::vector<RawNode>& nodes = raw.nodes();
  naming_->read_symbols_of(std::span(nodes).subspan(stacks_.size()));
  for (std::size_t i = stacks_.size(); i < nodes.size(); ++i) {
    StackId stack = stacks_[nodes[i].parent];
    if (nodes[i].frame.kind == FrameKind::synthetic) {
      stack = builder_.stack(stack, builder_.synthetic(raw.words(nodes[i].frame.address)));
    } else {
      for (const FrameId frame : naming_->frames_of(nodes[i].frame)) stack = builder_.stack(stack, frame);
    }
    stacks_.push_back(stack);
  }
}

Profile named_profile(const Recording& recording, Annotations annotations) {
  ProfileBuilder builder({{"samples", "count"}, {"cpu", "nanoseconds"}});
  StackNames stacks(builder);
  stacks.extend(recording.raw, recording.code);
  std::vector<ThreadId> threads;
  for (const RecordedThread& thread : recording.threads)
    threads.push_back(builder.thread(
        {thread.pid, thread.tid, builder.string(thread.name), builder.string(thread.process)}));
  for (const RawSample& sample : recording.raw.samples()) {
    const std::int64_t values[] = {sample.count, sample.cpu_ns};
    builder.add({stacks[sample.stack], threads[sample.thread], 0, sample.time_ns}, values);
  }
  if (recording.quality.lost > 0) {
    const std::int64_t values[] = {recording.quality.lost, recording.lost_ns};
    builder.add({builder.stack(0, builder.synthetic("[lost]"))}, values);
  }
  Profile& profile = builder.profile();
  profile.default_value = 1;
  profile.period_type = {"cpu", "nanoseconds"};
  profile.period = recording.period_ns;
  profile.start_unix_ns = recording.start_unix_ns;
  profile.duration_ns = recording.duration_ns;
  profile.annotations = std::move(annotations);
  return std::move(builder).finish();
}

}  // namespace signalbox::profile
