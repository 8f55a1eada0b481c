// Release tags, their order, and which release holds a commit. Reachability decides; dates never do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/git/commit_table.hpp"
#include "instruments/train/semver.hpp"

namespace signalbox::train {

// A tag that names a version: "v1.2.3", "1.2.3", "core@1.2.3", "@scope/core@1.2.3", "core-v1.2.3",
// "core/v1.2.3"; or with underscores, from the days when tags could hold no dots: "curl-8_9_1".
struct Release {
  std::string tag;
  std::string prefix;   // what stands before the version: "v", "core@"
  std::string package;  // of the prefix: "core"; empty for the repository's own series
  Version version;
  std::string commit;
  enum class Dots { dots, underscores } dots = Dots::dots;  // what stands between the numbers
};

// The tag of `version` in the series that `like` is of: the same prefix, the same dots.
std::string tag_of(const Version& version, const Release& like);

std::optional<Release> parse_release_tag(std::string_view tag, std::string_view commit);

// Ascending by SemVer precedence; equal ones by name, so that the order is total.
void sort_releases(std::vector<Release>& releases);

inline constexpr std::uint32_t kUnreleased = UINT32_MAX;

// For each commit of the table the index of the first of `releases` (ascending) from which it is reachable,
// or kUnreleased. One walk over the whole: O(commits + releases).
std::vector<std::uint32_t> assign_releases(const git::CommitTable& commits,
                                           const std::vector<Release>& releases);

}  // namespace signalbox::train
