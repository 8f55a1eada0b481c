// An artifact that is a file here: its SHA-256, and the checksum file that has to agree with it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox::gates {

inline constexpr std::size_t kMaxChecksumBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxChecksums = 10'000;

// Where the artifact of an earlier release lies: paths in the workspace in which {version} and {tag} stand
// for that release's own.
struct PreviousArtifact {
  std::string file;
  std::string checksums;
};

// What a gate of the kind artifact asks for, besides evidence.
struct ArtifactRule {
  std::string file;       // path in the workspace
  std::string checksums;  // path of a file as sha256sum writes it; empty: evidence alone speaks of it
  std::optional<PreviousArtifact> previous;  // of the release to which a rollback would go; absent: not asked
};

// SHA-256 of a regular file inside of `directory`, in hexadecimal. Anything else there, and a path that leads
// out of it: bad_input.
Result<std::string> digest_of_artifact(const std::filesystem::path& directory, const std::string& file);

// File name → SHA-256 in lower-case hexadecimal, as GNU sha256sum and BSD sha256 (--tag) write them. A line
// of another form, and a name with two digests, is bad_input with its line.
Result<std::map<std::string, std::string>> read_checksums(std::string_view text);

// The digest that the checksum file has for the artifact: by its path from the folder of the checksum file,
// as `sha256sum --check` looks for it there. not_found where it has none.
Result<std::string> recorded_checksum(const std::filesystem::path& directory, const ArtifactRule& rule);

}  // namespace signalbox::gates
