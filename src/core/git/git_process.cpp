#include "core/git/git_process.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/core.h>
#include <unistd.h>

#include "core/base/text.hpp"

namespace signalbox::git {
namespace {

constexpr std::chrono::minutes kDeadline{10};

// Variables that say where configuration is or how far to look, and so are the user's to set. Every other
// GIT_* is taken away: a hook's GIT_DIR or a GIT_TRACE must not change what is read.
constexpr std::array<std::string_view, 6> kKeptVariables = {
    "GIT_CONFIG_GLOBAL",       "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES", "GIT_EXEC_PATH",     "GIT_DISCOVERY_ACROSS_FILESYSTEM"};

std::vector<std::pair<std::string, std::string>> neutral_environment() {
  std::vector<std::pair<std::string, std::string>> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    const std::string_view name = variable.substr(0, variable.find('='));
    if (!name.starts_with("GIT_")) continue;
    if (std::find(kKeptVariables.begin(), kKeptVariables.end(), name) == kKeptVariables.end())
      out.emplace_back(name, "");
  }
  out.emplace_back("LC_ALL", "C");
  out.emplace_back("GIT_TERMINAL_PROMPT", "0");
  out.emplace_back("GIT_OPTIONAL_LOCKS", "0");
  out.emplace_back("GIT_NO_REPLACE_OBJECTS", "1");
  out.emplace_back("GIT_GRAFT_FILE", "/dev/null");
  out.emplace_back("GIT_ALLOW_PROTOCOL", "none");  // a partial clone must not fetch what it lacks
  return out;
}

std::vector<std::string> command_line(const std::vector<std::string>& arguments) {
  std::vector<std::string> out = {
      "git", "--no-pager",           "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
      "-c",  "core.quotePath=false", "-c", "color.ui=false",       "-c", "advice.graftFileDeprecated=false"};
  out.insert(out.end(), arguments.begin(), arguments.end());
  return out;
}

ProcessOptions options_for(const std::filesystem::path& directory) {
  ProcessOptions options;
  options.directory = directory;
  options.environment = neutral_environment();
  options.deadline = kDeadline;
  options.max_output_bytes = std::size_t{512} << 20;
  return options;
}

bool says_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

}  // namespace

Result<ProcessResult> run_git(const std::filesystem::path& directory,
                              const std::vector<std::string>& arguments, std::string input) {
  ProcessOptions options = options_for(directory);
  options.input = std::move(input);
  return run_process(command_line(arguments), options);
}

Result<Process> start_git(const std::filesystem::path& directory, const std::vector<std::string>& arguments) {
  return Process::start(command_line(arguments), options_for(directory));
}

Status stream_git(const std::filesystem::path& directory, const std::vector<std::string>& arguments,
                  const std::string& input, const std::function<Status(std::string_view piece)>& take) {
  SIGNALBOX_TRY(Process process, start_git(directory, arguments));
  (void)process.write(input);  // a git that stops reading says why on standard error
  process.close_input();
  for (;;) {
    SIGNALBOX_TRY(const std::string piece, process.read());
    if (piece.empty()) break;
    SIGNALBOX_CHECK(take(piece));
  }
  SIGNALBOX_TRY(const ProcessResult result, process.wait());
  if (result.exit_code != 0) return fail(error_of_git("git " + arguments.front(), result));
  return {};
}

Error error_of_git(std::string_view what, const ProcessResult& result) {
  const std::string_view words = trim(result.errors);
  const std::string message = fmt::format(
      "{}: {}", what, words.empty() ? fmt::format("exit code {}", result.exit_code) : printable(words));
  if (says_any(words, {"dubious ownership"})) {
    return {ErrorKind::denied, message,
            "git config --global --add safe.directory <the repository's folder>, when you trust it"};
  }
  if (says_any(words, {"not a git repository"}))
    return {ErrorKind::not_found, message, "go into a git repository, or name one with -C"};
  if (says_any(words, {"bad revision", "unknown revision", "ambiguous argument", "does not have any commits",
                       "Needed a single revision"})) {
    return {ErrorKind::not_found, message, {}};
  }
  if (says_any(words, {"bad object", "missing", "could not read", "unable to read", "corrupt",
                       "Could not read", "invalid object", "promisor"})) {
    return {ErrorKind::unavailable, message,
            "git fsck tells what the repository lacks; a full clone has it all"};
  }
  if (result.exit_code >= 128) return {ErrorKind::unavailable, message, {}};
  return {ErrorKind::bad_input, message, {}};
}

}  // namespace signalbox::git
