#include "instruments/profile/capture/annotations.hpp"

#include <cstdlib>

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/git/repository.hpp"

namespace signalbox::profile {
namespace {

// Variables of CI services that name the run; the first that is set counts.
constexpr const char* kRunVariables[] = {"CI_JOB_URL", "BUILD_URL", "BUILDKITE_BUILD_URL",
                                         "CIRCLE_BUILD_URL"};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string ci_run() {
  if (const std::string run = variable("GITHUB_RUN_ID"); !run.empty())
    return fmt::format("{}/{}/actions/runs/{}", variable("GITHUB_SERVER_URL"), variable("GITHUB_REPOSITORY"),
                       run);
  for (const char* name : kRunVariables) {
    if (std::string value = variable(name); !value.empty()) return value;
  }
  return {};
}

std::string branch_of(const std::filesystem::path& directory) {
  const auto answer =
      run_process({"git", "symbolic-ref", "--quiet", "--short", "HEAD"}, {.directory = directory});
  if (!answer || answer->exit_code != 0) return {};
  return std::string(trim(answer->output));
}

}  // namespace

Annotations annotations_of_place(const std::filesystem::path& directory) {
  Annotations out;
  utsname names{};
  if (::uname(&names) == 0) {
    out.emplace_back("host", names.nodename);
    out.emplace_back("kernel", fmt::format("{} {}", names.sysname, names.release));
    out.emplace_back("machine", names.machine);
  }
  out.emplace_back("processors", std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)));
  if (const auto repository = git::Repository::open(directory)) {
    if (const auto head = repository->resolve("HEAD")) {
      out.emplace_back("git.commit", *head);
      if (std::string branch = branch_of(directory); !branch.empty())
        out.emplace_back("git.branch", std::move(branch));
      if (const auto clean = repository->is_clean()) out.emplace_back("git.dirty", *clean ? "no" : "yes");
    }
  }
  if (std::string run = ci_run(); !run.empty()) out.emplace_back("ci.run", std::move(run));
  return out;
}

}  // namespace signalbox::profile
