// What a repository says about how it is released: releases, packages, jobs of its CI.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/workspace.hpp"

namespace signalbox::train::schedule {

struct Survey {
  std::string cadence;                // advised by the past, where there is enough of it
  std::string last_release;           // its tag; empty: none
  std::size_t releases = 0;           // stable ones that HEAD holds
  std::vector<std::string> packages;  // folders of a repository of several: "packages/core"
  std::string ci_file;                // the first that names jobs; empty: none
  std::vector<std::string> jobs;      // as check runs and reports call them
  std::string github;                 // "owner/name" of origin, where that is GitHub
  bool has_changelog = false;
};

// A CI file that cannot be read is passed over: it is evidence of nothing.
Result<Survey> survey(const Workspace& workspace);

// Names of the jobs of a GitHub workflow, or of .gitlab-ci.yml; those that are made by expressions are left
// out. Empty where it is neither.
std::vector<std::string> jobs_of_workflow(std::string_view yaml);
std::vector<std::string> jobs_of_gitlab(std::string_view yaml);

// "owner/name" where the address of a remote is GitHub's; else empty.
std::string github_repository(std::string_view url);

}  // namespace signalbox::train::schedule
