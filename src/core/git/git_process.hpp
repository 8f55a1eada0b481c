// The `git` program as a quiet reader: no pager, no hooks, no network, no configuration that changes what it
// prints.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/process.hpp"
#include "core/base/result.hpp"

namespace signalbox::git {

// Runs `git ARGUMENTS` in `directory` with `input` on its standard input. An exit code other than 0 is a
// value.
Result<ProcessResult> run_git(const std::filesystem::path& directory,
                              const std::vector<std::string>& arguments, std::string input = {});

// The same program, running: for a talk with it.
Result<Process> start_git(const std::filesystem::path& directory, const std::vector<std::string>& arguments);

// The same, its output handed over in pieces while it runs; an exit code other than 0 is an error.
Status stream_git(const std::filesystem::path& directory, const std::vector<std::string>& arguments,
                  const std::string& input, const std::function<Status(std::string_view piece)>& take);

// What git's words on standard error mean: not_found for names it does not know, denied for a repository of
// somebody else, unavailable for objects that are missing, bad_input otherwise.
Error error_of_git(std::string_view what, const ProcessResult& result);

}  // namespace signalbox::git
