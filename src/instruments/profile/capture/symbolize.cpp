#include "instruments/profile/capture/symbolize.hpp"

#include <memory>
#include <optional>
#include <unordered_map>

#include "instruments/profile/elf/kernel_symbols.hpp"
#include "instruments/profile/elf/symbolizer.hpp"
#include "instruments/profile/model/builder.hpp"
#include "instruments/profile/model/hash.hpp"
#include "instruments/profile/runtimes/perf_map.hpp"

namespace signalbox::profile {
namespace {

// Names each address of a recording once.
class Naming {
 public:
  Naming(const Recording& recording, ProfileBuilder& builder) : recording_(recording), builder_(builder) {
    mappings_.resize(recording.code.size());
    for (CodeId id = 1; id < recording.code.size(); ++id) mappings_[id] = mapping_of(recording.code[id]);
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

  // Addresses of files are those of the file itself, so that processes that map it alike or not share their
  // frames.
  MappingId mapping_of(const CodeObject& object) {
    Mapping out;
    out.path = builder_.string(object.path);
    if (object.elf != nullptr) {
      out.build_id = builder_.string(object.elf->build_id());
      for (const ElfSegment& segment : object.elf->segments()) {
        if (!segment.is_executable) continue;
        out.start = segment.vaddr;
        out.file_offset = segment.file_offset;
        out.limit = segment.vaddr + segment.memory_size;
        break;
      }
    }
    return builder_.mapping(out);
  }

  std::vector<FrameId> name(const RawFrame& raw) {
    const CodeObject& object = recording_.code[raw.code];
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
    const std::vector<SymbolLine> lines = symbols->find(raw.address);
    if (lines.empty()) return {named(raw, {})};
    std::vector<FrameId> out;
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
      Function function{builder_.string(line->function), builder_.string(line->system_name),
                        builder_.string(line->file), line->start_line};
      out.push_back(builder_.frame({builder_.function(function), mappings_[raw.code], raw.address, line->line,
                                    line->column, line == lines.rbegin() ? raw.kind : FrameKind::inlined}));
    }
    return out;
  }

  std::string_view jit_name(std::int32_t pid, std::uint64_t address) {
    const auto [found, is_new] = perf_maps_.try_emplace(pid);
    if (is_new) {
      if (auto read = read_perf_map(pid)) found->second = std::move(*read);
    }
    return readable_jit_name(found->second.find(address));
  }

  const Recording& recording_;
  ProfileBuilder& builder_;
  std::vector<MappingId> mappings_;
  std::unordered_map<Key, std::vector<FrameId>, Hash> frames_;
  std::unordered_map<CodeId, std::unique_ptr<Symbolizer>> symbolizers_;
  std::unordered_map<std::int32_t, PerfMap> perf_maps_;
  std::optional<KernelSymbols> kernel_;
};

}  // namespace

Profile named_profile(const Recording& recording, Annotations annotations) {
  ProfileBuilder builder({{"samples", "count"}, {"cpu", "nanoseconds"}});
  Naming naming(recording, builder);
  const std::vector<RawNode>& nodes = recording.raw.nodes();
  std::vector<StackId> stacks(nodes.size());
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    StackId stack = stacks[nodes[i].parent];
    if (nodes[i].frame.kind == FrameKind::synthetic) {
      stack = builder.stack(stack, builder.synthetic(recording.raw.words(nodes[i].frame.address)));
    } else {
      for (const FrameId frame : naming.frames_of(nodes[i].frame)) stack = builder.stack(stack, frame);
    }
    stacks[i] = stack;
  }
  std::vector<ThreadId> threads;
  for (const RecordedThread& thread : recording.threads)
    threads.push_back(builder.thread(
        {thread.pid, thread.tid, builder.string(thread.name), builder.string(thread.process)}));
  for (const RawSample& sample : recording.raw.samples()) {
    const std::int64_t values[] = {sample.count, sample.cpu_ns};
    builder.add({stacks[sample.stack], threads[sample.thread], 0, sample.time_ns}, values);
  }
  if (recording.quality.lost > 0) {
    const std::int64_t values[] = {recording.quality.lost, recording.quality.lost * recording.period_ns};
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
