// A part of a profile: by the functions in its stacks, by time, by process and thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/analysis/name_pattern.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// From the first to before the last, since the profile's start.
struct TimeSlice {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
};
// "3.2s-4s", "500ms-", "-2m". bad_input where it is none.
Result<TimeSlice> parse_time_slice(std::string_view text);

enum class KernelFrames { shown, hidden };

// What is kept. A pattern matches a frame by its function's name, its source file or the path of its module,
// as in pprof; the four mean what pprof's options of that name mean, and apply in this order.
struct Filter {
  std::optional<NamePattern> focus;           // stacks in which a frame matches
  std::optional<NamePattern> ignore;          // not those in which a frame matches
  std::optional<NamePattern> hide;            // without the frames that match: their cost is their callers'
  std::optional<NamePattern> show_from;       // from the outermost frame that matches; stacks without one go
  std::optional<TimeSlice> slice;             // samples of that time; aggregates, which have none, go
  std::vector<std::int32_t> pids;             // empty: all
  std::vector<std::int32_t> tids;             // empty: all
  KernelFrames kernel = KernelFrames::shown;  // hidden: as `hide` of every kernel frame
};

// Whether any sample has a time, so that a slice of it means something.
bool has_times(const Profile& profile);

// A profile of its own. A stack of which every frame is hidden goes with its samples.
Profile filtered(const Profile& profile, const Filter& filter);

}  // namespace signalbox::profile
