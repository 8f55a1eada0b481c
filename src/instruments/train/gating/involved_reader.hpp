// Who had to do with a candidate, out of git and the train's events.
#pragma once

#include <string>
#include <vector>

#include "core/gates/gate.hpp"
#include "core/git/repository.hpp"
#include "instruments/train/release.hpp"

namespace signalbox::train {

// The commits that leave with the candidate, seen from whoever answers for them: all that no lower release
// holds. A tag on the candidate itself, or on what came after it, takes none of them away.
Result<std::vector<std::string>> commits_to_answer_for(const git::Repository& repository,
                                                       const std::string& candidate,
                                                       const std::vector<Release>& releases);

// Authors, those whom a message names as co-authors, and committers, as the commits have them: a .mailmap of
// the candidate changes nothing. Commits are ids.
Result<gates::Involved> read_involved(const git::Repository& repository,
                                      const std::vector<std::string>& commits);

}  // namespace signalbox::train
