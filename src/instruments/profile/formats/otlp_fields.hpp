// Numbers of the fields of OpenTelemetry's profiles
// (opentelemetry/proto/profiles/v1development/profiles.proto as of August 2026; the signal is in development
// and its layout changes).
#pragma once

#include <protozero/types.hpp>

namespace signalbox::profile::otlp {

using Tag = protozero::pbf_tag_type;

namespace data_field {
inline constexpr Tag resource_profiles = 1, dictionary = 2;
}
namespace dictionary_field {
inline constexpr Tag mapping = 1, location = 2, function = 3, link = 4, text = 5, attribute = 6, stack = 7;
}
namespace resource_profiles_field {
inline constexpr Tag resource = 1, scope_profiles = 2;
}
namespace scope_profiles_field {
inline constexpr Tag scope = 1, profiles = 2;
}
namespace resource_field {
inline constexpr Tag attributes = 1;
}
namespace scope_field {
inline constexpr Tag name = 1, version = 2;
}
namespace key_value_field {
inline constexpr Tag key = 1, value = 2, unit = 3;  // of KeyValue, and by index of KeyValueAndUnit
}
namespace any_value_field {
inline constexpr Tag text = 1, number = 3;
}
namespace profile_field {
inline constexpr Tag sample_type = 1, samples = 2, time_unix_nano = 3, duration_nano = 4, period_type = 5,
                     period = 6;
}
namespace sample_field {
inline constexpr Tag stack_index = 1, attribute_indices = 2, values = 4, timestamps_unix_nano = 5;
}
namespace value_type_field {
inline constexpr Tag type = 1, unit = 2;
}
namespace mapping_field {
inline constexpr Tag memory_start = 1, memory_limit = 2, file_offset = 3, filename = 4, attribute_indices = 5;
}
namespace stack_field {
inline constexpr Tag location_indices = 1;
}
namespace location_field {
inline constexpr Tag mapping_index = 1, address = 2, lines = 3, attribute_indices = 4;
}
namespace line_field {
inline constexpr Tag function_index = 1, line = 2, column = 3;
}
namespace function_field {
inline constexpr Tag name = 1, system_name = 2, filename = 3, start_line = 4;
}

// Keys of OpenTelemetry's semantic conventions.
inline constexpr const char* kPid = "process.pid";
inline constexpr const char* kTid = "thread.id";
inline constexpr const char* kThreadName = "thread.name";
inline constexpr const char* kProcessName = "process.executable.name";
inline constexpr const char* kBuildId = "process.executable.build_id.gnu";
inline constexpr const char* kFrameType = "profile.frame.type";

}  // namespace signalbox::profile::otlp
