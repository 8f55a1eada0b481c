// Release tags that no longer stand on the commit that departed under their name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/gates/testimony.hpp"
#include "core/report/report.hpp"
#include "instruments/train/release.hpp"

namespace signalbox::train {

// What a departure says its version is.
struct ReleasedVersion {
  std::string tag;     // "v1.2.0"
  std::string commit;  // id
  std::uint64_t entry = 0;
};

// Of `departures` (newest first) that a valid key signed, one for each version: the newest.
std::vector<ReleasedVersion> released_versions(const std::vector<gates::Testimony>& departures);

// Red where a tag of `releases` stands elsewhere than its departure says. A tag that is not here says
// nothing: a clone need not have all of them.
std::optional<Check> judge_tags(const std::vector<ReleasedVersion>& released,
                                const std::vector<Release>& releases);

}  // namespace signalbox::train
