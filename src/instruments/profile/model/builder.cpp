#include "instruments/profile/model/builder.hpp"

#include "instruments/profile/model/hash.hpp"
#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {
namespace {

// The number of `key`, which becomes the next row of `rows` where it is new.
template <class Numbers, class Key>
std::uint32_t number_of(Numbers& numbers, std::vector<Key>& rows, const Key& key) {
  const auto [found, is_new] = numbers.try_emplace(key, static_cast<std::uint32_t>(rows.size()));
  if (is_new) rows.push_back(key);
  return found->second;
}

}  // namespace

std::size_t ProfileBuilder::Hash::operator()(const Mapping& m) const {
  return hash_of(m.start, m.limit, m.file_offset, m.path.value, m.build_id.value);
}
std::size_t ProfileBuilder::Hash::operator()(const Function& f) const {
  return hash_of(f.name.value, f.system_name.value, f.file.value, f.start_line);
}
std::size_t ProfileBuilder::Hash::operator()(const Frame& f) const {
  return hash_of(f.function, f.mapping, f.address, f.line, f.column, f.kind);
}
std::size_t ProfileBuilder::Hash::operator()(const Thread& t) const {
  return hash_of(t.pid, t.tid, t.name.value, t.process.value);
}
std::size_t ProfileBuilder::Hash::operator()(const Sample& s) const {
  return hash_of(s.stack, s.thread, s.labels, s.time_ns);
}
std::size_t ProfileBuilder::Hash::operator()(const std::vector<Label>& labels) const {
  std::size_t seed = 0;
  for (const Label& label : labels)
    seed = mixed(seed, hash_of(label.key.value, label.text.value, label.number, label.unit.value));
  return seed;
}

bool ProfileBuilder::Equal::operator()(const Mapping& a, const Mapping& b) const {
  return a.start == b.start && a.limit == b.limit && a.file_offset == b.file_offset && a.path == b.path &&
         a.build_id == b.build_id;
}
bool ProfileBuilder::Equal::operator()(const Function& a, const Function& b) const {
  return a.name == b.name && a.system_name == b.system_name && a.file == b.file &&
         a.start_line == b.start_line;
}
bool ProfileBuilder::Equal::operator()(const Thread& a, const Thread& b) const {
  return a.pid == b.pid && a.tid == b.tid && a.name == b.name && a.process == b.process;
}
bool ProfileBuilder::Equal::operator()(const Sample& a, const Sample& b) const {
  return a.stack == b.stack && a.thread == b.thread && a.labels == b.labels && a.time_ns == b.time_ns;
}

ProfileBuilder::ProfileBuilder(std::vector<ValueType> value_types) {
  profile_.value_types = std::move(value_types);
  mapping({});
  function(Function{});
  frame({});
  profile_.stacks.push_back({});
  thread({});
  labels({});
}

MappingId ProfileBuilder::mapping(const Mapping& mapping) {
  return number_of(mappings_, profile_.mappings, mapping);
}
FunctionId ProfileBuilder::function(const Function& function) {
  return number_of(functions_, profile_.functions, function);
}
FrameId ProfileBuilder::frame(const Frame& frame) {
  return number_of(frames_, profile_.frames, frame);
}
ThreadId ProfileBuilder::thread(const Thread& thread) {
  return number_of(threads_, profile_.threads, thread);
}
LabelsId ProfileBuilder::labels(std::vector<Label> labels) {
  return number_of(labels_, profile_.labels, labels);
}

StackId ProfileBuilder::stack(StackId parent, FrameId frame) {
  const std::uint64_t key = (std::uint64_t{parent} << 32) | frame;
  const auto [found, is_new] = stacks_.try_emplace(key, static_cast<StackId>(profile_.stacks.size()));
  if (is_new) profile_.stacks.push_back({parent, frame});
  return found->second;
}

void ProfileBuilder::add(const Sample& sample, std::span<const std::int64_t> values) {
  const auto [found, is_new] =
      samples_.try_emplace(sample, static_cast<std::uint32_t>(profile_.samples.size()));
  if (is_new) return append(sample, values);
  std::int64_t* const row = profile_.values.data() + found->second * profile_.value_types.size();
  for (std::size_t i = 0; i < profile_.value_types.size(); ++i) row[i] = saturating_sum(row[i], values[i]);
}

void ProfileBuilder::append(const Sample& sample, std::span<const std::int64_t> values) {
  profile_.samples.push_back(sample);
  profile_.values.insert(profile_.values.end(), values.begin(),
                         values.begin() + static_cast<std::ptrdiff_t>(profile_.value_types.size()));
}

Profile ProfileBuilder::finish() && {
  return std::move(profile_);
}

}  // namespace signalbox::profile
