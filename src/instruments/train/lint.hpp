// Commit messages judged one by one: which are not conventional, where, and how they could be written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/git/repository.hpp"
#include "core/report/report.hpp"
#include "instruments/train/settings.hpp"

namespace signalbox::train {

// A message as git's commit-msg hook gets it, without comments and what stands below the scissors line.
std::string without_comments(std::string_view octets, char comment = '#');

// What is wrong with a message. `where` names it in locations: a file, or "commit 1a2b3c4".
std::vector<Finding> lint_message(std::string_view message, const std::string& where,
                                  const Settings& settings);

}  // namespace signalbox::train
