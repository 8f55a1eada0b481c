// OpenTelemetry profiles (v1development, August 2026): protobuf, one profile for each column, tables shared.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// ProfilesData, which is also what POST /v1development/profiles takes. Samples that differ in time alone are
// one. Annotations are attributes of the resource; threads, labels, kinds of frames and build ids are
// attributes of samples, locations and mappings. Element 0 of every table is the zero value.
std::string write_otlp(const Profile& profile);

// Octets that are no longer compressed. The columns are the types of all profiles; the times of samples are
// not kept. bad_input names the byte offset.
Result<Profile> read_otlp(std::string_view octets);

}  // namespace signalbox::profile
