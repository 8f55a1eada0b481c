#include "instruments/profile/capture/symbolize.hpp"

#include <algorithm>
#include <functional>
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
  void read_symbols_of(std::span<const RawNode> nodes, const CodeTable& code) {
    const std::vector<std::function<void()>> readings = readings_for(nodes, code);
    for_each_in_parallel(readings.size(), [&](std::size_t i) { readings[i](); });
    ahead_.finish();
  }

  // The same, beside what follows. Until read_symbols_of is called nothing is named.
  void read_ahead_symbols_of(std::span<const RawNode> nodes, const CodeTable& code) {
    for (std::function<void()>& reading : readings_for(nodes, code)) ahead_.add(std::move(reading));
  }

  // The frames of one address, outermost first, each a caller of the next.
  const std::vector<FrameId>& frames_of(const RawFrame& raw) {
    const auto [found, is_new] = frames_.try_emplace({raw.code, raw.address});
    if (is_new) found->second = name(raw);
    return found->second;
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
      out.emplace_back([&symbols = symbolizers_[frame.code], elf = object.elf, address = frame.address] {
        symbols = std::make_unique<Symbolizer>(elf);
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
  std::vector<bool> is_begun_;  // the reading of an object's symbols, by CodeId
  WorkBeside ahead_;            // the last one: it writes to the others until it is gone
};

StackNames::StackNames(ProfileBuilder& builder)
    : builder_(builder), naming_(std::make_unique<Naming>(builder)), stacks_(1) {}

StackNames::~StackNames() = default;

void StackNames::read_ahead(const RawProfile& raw, const CodeTable& code) {
  const std::vector<RawNode>& nodes = raw.nodes();
  naming_->read_ahead_symbols_of(std::span(nodes).subspan(std::max(read_ahead_, stacks_.size())), code);
  read_ahead_ = nodes.size();
}

void StackNames::extend(const RawProfile& raw, const CodeTable& code) {
  naming_->look_into(code);
  const std::vector<RawNode>& nodes = raw.nodes();
  naming_->read_symbols_of(std::span(nodes).subspan(stacks_.size()), code);
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

ProfileMaker::ProfileMaker() : builder_({{"samples", "count"}, {"cpu", "nanoseconds"}}), names_(builder_) {}

Profile ProfileMaker::make(const Recording& recording, Annotations annotations) && {
  names_.extend(recording.raw, recording.code);
  std::vector<ThreadId> threads;
  for (const RecordedThread& thread : recording.threads)
    threads.push_back(builder_.thread(
        {thread.pid, thread.tid, builder_.string(thread.name), builder_.string(thread.process)}));
  for (const RawSample& sample : recording.raw.samples()) {
    const std::int64_t values[] = {sample.count, sample.cpu_ns};
    builder_.add({names_[sample.stack], threads[sample.thread], 0, sample.time_ns}, values);
  }
  if (recording.quality.lost > 0) {
    const std::int64_t values[] = {recording.quality.lost, recording.lost_ns};
    builder_.add({builder_.stack(0, builder_.synthetic("[lost]"))}, values);
  }
  Profile& profile = builder_.profile();
  profile.default_value = 1;
  profile.period_type = {"cpu", "nanoseconds"};
  profile.period = recording.period_ns;
  profile.start_unix_ns = recording.start_unix_ns;
  profile.duration_ns = recording.duration_ns;
  profile.annotations = std::move(annotations);
  return std::move(builder_).finish();
}

Profile named_profile(const Recording& recording, Annotations annotations) {
  return ProfileMaker().make(recording, std::move(annotations));
}

}  // namespace signalbox::profile
