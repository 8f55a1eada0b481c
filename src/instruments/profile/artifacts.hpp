// The files that a profile is written to: which, where, in which format.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/formats/format.hpp"

namespace signalbox::profile {

enum class Drawing { flamegraph, html };
using ArtifactFormat = std::variant<Drawing, ProfileFormat>;
// "flamegraph", "html" and the names of the formats of profiles that can be written.
const std::vector<std::string>& artifact_format_names();

// bad_input names what is near.
Result<ArtifactFormat> artifact_format_named(std::string_view name);
std::string_view ending_of(const ArtifactFormat& format);  // ".svg", ".pb.gz" …
// The profile as a file of that format. Pictures are of the column that is drawn by default.
Result<std::string> artifact_octets(const Profile& profile, const ArtifactFormat& format);

struct Artifact {
  ArtifactFormat format;
  std::filesystem::path path;
};

// What is asked for by -o (may be empty) and the values of --format (may be none). Without -o: `stem` with
// the endings of the formats, flame graph and pprof where none is named. With -o: one format, that of its
// ending; `-o x` without a known ending takes the endings of the formats. bad_input where ending and format
// disagree.
Result<std::vector<Artifact>> choose_artifacts(const std::string& output,
                                               const std::vector<std::string>& formats,
                                               const std::string& stem);

// "profile-clang-14-20261125T235900Z-10a3c3a0": comm with other characters than letters, digits, '.', '_' and
// '-' as '_'.
std::string default_stem(std::string_view comm, std::int64_t unix_ns, std::string_view commit);

// Whether the artifacts can be written, before anything is measured: denied, unavailable, bad_input.
Status check_writable(const std::vector<Artifact>& artifacts);

// Writes each as one step. Where that fails, to the temporary folder instead; the paths that were written,
// and what went wrong.
struct WrittenFile {
  std::filesystem::path path;
  std::string sha256;  // of its octets, hexadecimal
};
struct Written {
  std::vector<WrittenFile> files;
  std::optional<Error> why;  // unavailable: the hint names the files in the temporary folder
};
Result<Written> write_artifacts(const Profile& profile, const std::vector<Artifact>& artifacts);

}  // namespace signalbox::profile
