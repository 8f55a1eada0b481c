// Tags are made once and never moved.
#pragma once

#include <string>

#include "core/base/clock.hpp"
#include "core/git/repository.hpp"

namespace signalbox::git {

enum class TagMade { made, was_there };

// An annotated tag on `commit` (a full id). One of that name on the same commit is left as it is; on another:
// conflict, and nothing is changed, also where somebody makes it at the same moment. bad_input where git
// takes no such name. The tagger is who git commits as here, else Signalbox.
Result<TagMade> make_tag(const Repository& repository, const std::string& name, const std::string& commit,
                         const std::string& message, Time now);

// What a tag of that name stands on; empty where there is none.
Result<std::string> tagged_commit(const Repository& repository, const std::string& name);

}  // namespace signalbox::git
