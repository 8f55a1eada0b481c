// The formats of profiles, and the doors to all of them: bytes of any of them to a Profile, a Profile to
// bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/formats/folded.hpp"
#include "instruments/profile/formats/rows.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

enum class ProfileFormat : std::uint8_t {
  pprof,         // protobuf, in gzip or not
  folded,        // "frame;frame 12" a line
  perf_script,   // text of `perf script`
  perf_data,     // what `perf record` writes
  speedscope,    // JSON of speedscope
  cpuprofile,    // JSON of V8
  chrome_trace,  // JSON of trace events
  firefox,       // JSON of the Firefox Profiler, processed
  callgrind,     // text for kcachegrind
  otlp,          // protobuf of OpenTelemetry
};

std::string_view name_of(ProfileFormat format);  // "pprof", "perf-script" …
// Where `write_profile` and `read_profile` know it.
bool is_written(ProfileFormat format);
bool is_read(ProfileFormat format);
// By its name ("speedscope") or by how a file is called ("x.pb.gz", "x.speedscope.json"); nullopt: neither.
std::optional<ProfileFormat> profile_format_from(std::string_view name_or_file);
// ".pb.gz", ".speedscope.json" …: how a file of it is called.
std::string_view extension_of(ProfileFormat format);
std::string names_of_read_formats();  // "pprof, folded, …"
std::vector<ProfileFormat> written_formats();
// By its content; nullopt: none that is known.
std::optional<ProfileFormat> detect_format(std::string_view octets);

struct ReadOptions {
  std::optional<ProfileFormat> format;           // nullopt: by its content
  std::size_t max_bytes = std::size_t{4} << 30;  // that compressed octets may become
};

// What was read, and what of the input is not in it.
struct ImportedProfile {
  Profile profile;
  ProfileFormat format = ProfileFormat::pprof;
  std::vector<std::string> notes;  // for people: "3 lines skipped: 4, 9, 12"
};

// Octets that are compressed with gzip are expanded first, whatever their format. bad_input names the place:
// a line, a byte offset or a path in JSON.
Result<ImportedProfile> import_profile(std::string_view octets, const ReadOptions& options = {});
Result<Profile> read_profile(std::string_view octets, const ReadOptions& options = {});

struct WriteOptions {
  std::optional<std::size_t> value;  // column, for formats that have one; nullopt: Profile::default_value
  SampleTimes times = SampleTimes::merged;  // pprof
  FoldedOptions folded;
};

// bad_input: the format is not written, or there is no such column.
Result<std::string> write_profile(const Profile& profile, ProfileFormat format,
                                  const WriteOptions& options = {});

}  // namespace signalbox::profile
