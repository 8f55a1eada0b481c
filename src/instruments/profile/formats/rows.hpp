// The samples of a profile as a writer wants them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// Whether samples that differ in time alone are one in what is written, where the format can tell times.
enum class SampleTimes : std::uint8_t { merged, kept };

// Samples and their values, as Profile has them.
struct Rows {
  std::vector<Sample> samples;
  std::vector<std::int64_t> values;
  std::size_t columns = 0;

  std::span<const std::int64_t> values_of(std::size_t sample) const {
    return {values.data() + sample * columns, columns};
  }
};

// All samples; those with the same stack, thread and labels as one without a time, where the first of them
// stood. Their values are added, and stop at the ends of the range.
Rows merged_rows(const Profile& profile);
// All samples as they are.
Rows kept_rows(const Profile& profile);

// The frames of a stack, root first, into `out`.
void frames_of(const Profile& profile, StackId stack, std::vector<FrameId>& out);

}  // namespace signalbox::profile
