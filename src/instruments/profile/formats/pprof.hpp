// pprof (github.com/google/pprof, proto/profile.proto): protobuf, usually in gzip.
//
// What its schema has no field for is told by its conventions: annotations are comments "key=value"; threads
// are the labels pid, tid (numbers), thread and process (texts); the time of a sample is the label "time" in
// nanoseconds since the start. The kind of a frame follows from its mapping and name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "instruments/profile/formats/rows.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

enum class Compression : std::uint8_t { none, gzip };

struct PprofOptions {
  Compression compression = Compression::gzip;
  SampleTimes times = SampleTimes::merged;
};

std::string write_pprof(const Profile& profile, const PprofOptions& options = {});

// Octets that are no longer compressed. bad_input names the byte offset: bad varint, length beyond the end,
// an id that is not there, values that do not fit the columns, text 0 not empty, an id twice.
Result<Profile> read_pprof(std::string_view octets);

}  // namespace signalbox::profile
