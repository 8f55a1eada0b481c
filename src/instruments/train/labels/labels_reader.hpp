// Where labels and the rules about them come from.
#pragma once

#include <string>

#include "core/git/repository.hpp"
#include "instruments/train/labels/pull_request.hpp"
#include "instruments/train/labels/release_yml.hpp"

namespace signalbox::train {

// `-`: standard input.
Result<PullRequests> read_pull_requests(const std::string& file);
// `.github/release.yml`, or `.yaml`, of a commit; no rules where it has neither.
Result<NotesRules> read_release_yml(const git::Repository& repository, const std::string& commit);

}  // namespace signalbox::train
