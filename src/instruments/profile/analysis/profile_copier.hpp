// Carries what is needed of one profile over into another.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {

// Both the profile and the builder must outlive it. What is not asked for is not carried over.
class ProfileCopier {
 public:
  ProfileCopier(const Profile& from, ProfileBuilder& into);

  // Period, times, annotations, comments, the default column.
  void copy_facts();
  FrameId frame(FrameId id) { return frame(id, from_.frames[id].kind); }
  FrameId frame(FrameId id, FrameKind kind);  // with `kind` in place of its own
  // `frame` of the new profile on `parent` of the new profile.
  StackId stack(StackId parent, FrameId frame) { return into_.stack(parent, frame); }
  StackId stack(StackId id);  // as it is, with all its frames
  // The sample at `index`, on a stack of the new profile; equal ones are added up.
  void sample(std::size_t index, StackId stack, std::span<const std::int64_t> values);
  // The same with labels of the new profile.
  void sample(std::size_t index, StackId stack, std::span<const std::int64_t> values, LabelsId labels);
  std::vector<Label> labels_of(LabelsId id);  // with texts of the new profile

 private:
  StringId string(StringId id) { return into_.string(from_.text(id)); }
  MappingId mapping(MappingId id);
  FunctionId function(FunctionId id);
  ThreadId thread(ThreadId id);

  const Profile& from_;
  ProfileBuilder& into_;
  // Numbers in the new profile, by those in the old one.
  std::vector<std::uint32_t> mappings_;
  std::vector<std::uint32_t> functions_;
  std::vector<std::uint32_t> frames_;
  std::vector<std::uint32_t> stacks_;
  std::vector<std::uint32_t> threads_;
  std::vector<std::uint32_t> labels_;
};

}  // namespace signalbox::profile
