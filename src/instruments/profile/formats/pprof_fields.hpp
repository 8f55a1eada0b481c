// Numbers of pprof's fields (proto/profile.proto).
#pragma once

#include <protozero/types.hpp>

namespace signalbox::profile::pprof {

using Tag = protozero::pbf_tag_type;

namespace profile_field {
inline constexpr Tag sample_type = 1, sample = 2, mapping = 3, location = 4, function = 5, string_table = 6,
                     time_nanos = 9, duration_nanos = 10, period_type = 11, period = 12, comment = 13,
                     default_sample_type = 14;
}  // namespace profile_field
namespace value_type_field {
inline constexpr Tag type = 1, unit = 2;
}  // namespace value_type_field
namespace sample_field {
inline constexpr Tag location_id = 1, value = 2, label = 3;
}  // namespace sample_field
namespace label_field {
inline constexpr Tag key = 1, text = 2, number = 3, unit = 4;
}  // namespace label_field
namespace mapping_field {
inline constexpr Tag id = 1, memory_start = 2, memory_limit = 3, file_offset = 4, filename = 5, build_id = 6,
                     has_functions = 7, has_filenames = 8, has_line_numbers = 9, has_inline_frames = 10;
}  // namespace mapping_field
namespace location_field {
inline constexpr Tag id = 1, mapping_id = 2, address = 3, line = 4;
}  // namespace location_field
namespace line_field {
inline constexpr Tag function_id = 1, line = 2, column = 3;
}  // namespace line_field
namespace function_field {
inline constexpr Tag id = 1, name = 2, system_name = 3, filename = 4, start_line = 5;
}  // namespace function_field

// How our conventions name what the schema has no field for.
inline constexpr const char* kPidLabel = "pid";
inline constexpr const char* kTidLabel = "tid";
inline constexpr const char* kThreadLabel = "thread";
inline constexpr const char* kProcessLabel = "process";
inline constexpr const char* kTimeLabel = "time";
inline constexpr const char* kTimeUnit = "nanoseconds";

}  // namespace signalbox::profile::pprof
