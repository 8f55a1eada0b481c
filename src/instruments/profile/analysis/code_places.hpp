// Where in which file of machine code the frames of a profile lie.
#pragma once

#include <cstdint>
#include <vector>

#include "instruments/profile/analysis/line_costs.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

inline constexpr std::uint32_t kNoCodeFile = UINT32_MAX;

struct CodePlace {
  std::uint32_t file =
      kNoCodeFile;  // index into CodePlaces::files; kNoCodeFile: of no file, or it is not said where
  std::uint64_t file_offset = 0;  // of an octet of the instruction: of a caller the last one of its call
};

struct CodePlaces {
  std::vector<CodeFile> files;
  std::vector<CodePlace> of_frame;  // by FrameId
};

// Of programs and libraries; what was inlined lies where its caller does. Not of the kernel, of runtimes' own
// code and of Python.
CodePlaces code_places(const Profile& profile);

}  // namespace signalbox::profile
