#include "instruments/profile/analysis/profile_copier.hpp"

namespace signalbox::profile {
namespace {

constexpr std::uint32_t kNot = UINT32_MAX;  // not carried over yet

}  // namespace

ProfileCopier::ProfileCopier(const Profile& from, ProfileBuilder& into)
    : from_(from),
      into_(into),
      mappings_(from.mappings.size(), kNot),
      functions_(from.functions.size(), kNot),
      frames_(from.frames.size(), kNot),
      stacks_(from.stacks.size(), kNot),
      threads_(from.threads.size(), kNot),
      labels_(from.labels.size(), kNot) {
  stacks_[0] = 0;
}

void ProfileCopier::copy_facts() {
  Profile& to = into_.profile();
  to.default_value = from_.default_value;
  to.period_type = from_.period_type;
  to.period = from_.period;
  to.start_unix_ns = from_.start_unix_ns;
  to.duration_ns = from_.duration_ns;
  to.annotations = from_.annotations;
  to.comments = from_.comments;
}

FrameId ProfileCopier::frame(FrameId id, FrameKind kind) {
  const bool is_own = kind == from_.frames[id].kind;
  if (is_own && frames_[id] != kNot) return frames_[id];
  Frame frame = from_.frames[id];
  frame.function = function(frame.function);
  frame.mapping = mapping(frame.mapping);
  frame.kind = kind;
  const FrameId number = into_.frame(frame);
  if (is_own) frames_[id] = number;
  return number;
}

StackId ProfileCopier::stack(StackId id) {
  std::vector<StackId> path;
  for (StackId at = id; stacks_[at] == kNot; at = from_.stacks[at].parent) path.push_back(at);
  for (std::size_t i = path.size(); i-- > 0;) {
    const Stack& stack = from_.stacks[path[i]];
    stacks_[path[i]] = into_.stack(stacks_[stack.parent], frame(stack.frame));
  }
  return stacks_[id];
}

void ProfileCopier::sample(std::size_t index, StackId stack, std::span<const std::int64_t> values) {
  const LabelsId id = from_.samples[index].labels;
  if (labels_[id] == kNot) labels_[id] = into_.labels(labels_of(id));
  sample(index, stack, values, labels_[id]);
}

void ProfileCopier::sample(std::size_t index, StackId stack, std::span<const std::int64_t> values,
                           LabelsId labels) {
  Sample sample = from_.samples[index];
  sample.stack = stack;
  sample.thread = thread(sample.thread);
  sample.labels = labels;
  into_.add(sample, values);
}

std::vector<Label> ProfileCopier::labels_of(LabelsId id) {
  std::vector<Label> labels = from_.labels[id];
  for (Label& label : labels) {
    label.key = string(label.key);
    label.text = string(label.text);
    label.unit = string(label.unit);
  }
  return labels;
}

MappingId ProfileCopier::mapping(MappingId id) {
  if (mappings_[id] != kNot) return mappings_[id];
  Mapping mapping = from_.mappings[id];
  mapping.path = string(mapping.path);
  mapping.build_id = string(mapping.build_id);
  return mappings_[id] = into_.mapping(mapping);
}

FunctionId ProfileCopier::function(FunctionId id) {
  if (functions_[id] != kNot) return functions_[id];
  Function function = from_.functions[id];
  function.name = string(function.name);
  function.system_name = string(function.system_name);
  function.file = string(function.file);
  return functions_[id] = into_.function(function);
}

ThreadId ProfileCopier::thread(ThreadId id) {
  if (threads_[id] != kNot) return threads_[id];
  Thread thread = from_.threads[id];
  thread.name = string(thread.name);
  thread.process = string(thread.process);
  return threads_[id] = into_.thread(thread);
}

}  // namespace signalbox::profile
