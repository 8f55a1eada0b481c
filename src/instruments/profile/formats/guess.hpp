// What the mapping of a frame tells beyond its path.
#pragma once

#include <string_view>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// The mapping of the program itself: the first that is a file and no shared library, as pprof guesses it; 0:
// none.
MappingId main_binary(const Profile& profile);

// The kind that frames of a mapping have, by its path: "[kernel.kallsyms]" and "….ko" are the kernel,
// "/tmp/perf-12.map" and "jitted-12-3.so" are made by a run time. Formats that know more say more.
FrameKind kind_of_mapping(std::string_view path);

// The kind of a frame without mapping and address: "[lost]" is synthetic, "work.py" as its file makes it
// interpreted.
FrameKind kind_of_name(std::string_view function, std::string_view file);

}  // namespace signalbox::profile
