// Makes a Profile: each function, frame, stack and thread once, equal samples as one.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

class ProfileBuilder {
 public:
  // The columns are fixed from the start; there is at least one.
  explicit ProfileBuilder(std::vector<ValueType> value_types);

  // The profile as it is so far: set its period, times, annotations here; add to its tables by the functions
  // below.
  Profile& profile() { return profile_; }
  const Profile& profile() const { return profile_; }

  StringId string(std::string_view text) { return profile_.strings.add(text); }
  MappingId mapping(const Mapping& mapping);  // an equal one is the same
  FunctionId function(const Function& function);
  // A function by its name alone.
  FunctionId function(std::string_view name) { return function(Function{string(name), {}, {}, 0}); }
  FrameId frame(const Frame& frame);
  // A frame that says something of the profile itself: "[lost]".
  FrameId synthetic(std::string_view words) {
    return frame({function(words), 0, 0, 0, 0, FrameKind::synthetic});
  }
  // `frame` called from the top of `parent`; 0 is the empty stack.
  StackId stack(StackId parent, FrameId frame);
  ThreadId thread(const Thread& thread);
  LabelsId labels(std::vector<Label> labels);  // in the order they are to be told
  // Adds to the sample with the same stack, thread, labels and time, or makes it. `values` has one for each
  // column.
  void add(const Sample& sample, std::span<const std::int64_t> values);
  // As `add`, for a reader whose samples stay as they came.
  void append(const Sample& sample, std::span<const std::int64_t> values);

  Profile finish() &&;

 private:
  struct Hash {
    std::size_t operator()(const Mapping& mapping) const;
    std::size_t operator()(const Function& function) const;
    std::size_t operator()(const Frame& frame) const;
    std::size_t operator()(const Thread& thread) const;
    std::size_t operator()(const Sample& sample) const;
    std::size_t operator()(const std::vector<Label>& labels) const;
  };
  struct Equal {
    bool operator()(const Mapping& a, const Mapping& b) const;
    bool operator()(const Function& a, const Function& b) const;
    bool operator()(const Frame& a, const Frame& b) const { return a == b; }
    bool operator()(const Thread& a, const Thread& b) const;
    bool operator()(const Sample& a, const Sample& b) const;
    bool operator()(const std::vector<Label>& a, const std::vector<Label>& b) const { return a == b; }
  };
  template <class Key>
  using Numbers = std::unordered_map<Key, std::uint32_t, Hash, Equal>;

  Profile profile_;
  Numbers<Mapping> mappings_;
  Numbers<Function> functions_;
  Numbers<Frame> frames_;
  std::unordered_map<std::uint64_t, StackId> stacks_;  // by parent and frame
  Numbers<Thread> threads_;
  Numbers<std::vector<Label>> labels_;
  Numbers<Sample> samples_;
};

}  // namespace signalbox::profile
