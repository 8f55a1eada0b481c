// The releases of the past and their changes, from git's history.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/workspace.hpp"
#include "instruments/train/schedule/advice.hpp"

namespace signalbox::train::schedule {

// The stable releases that HEAD holds, of one package where it is named, ascending by time. A change is ready
// at the time of its committer, a release leaves at that of its commit; merges are no changes. What leaves at
// once, by a raised patch within a week of the release before, is that one's hotfix.
Result<std::vector<PastRelease>> read_past(const Workspace& workspace,
                                           const std::optional<std::string>& package);

}  // namespace signalbox::train::schedule
