#include "instruments/profile/ci_template.hpp"
#include "instruments/profile/commands.hpp"

namespace signalbox::profile {

cli::Command ci_template_command() {
  cli::Command out;
  out.name = "ci-template";
  out.summary = "Print a CI workflow that profiles a benchmark and fails where it became slower";
  out.details =
      "It builds, records each run of a benchmark as a flame graph and a pprof profile, keeps both, gets the "
      "profiles of the base branch or records them where there are none, and ends as `signalbox profile "
      "check` does, with its report in the job's summary. Which command builds and which is the benchmark is "
      "said in variables at the top.\n\n"
      "github is for .github/workflows/profile.yml, gitlab for .gitlab-ci.yml.";
  out.formats = {"github", "gitlab"};
  out.run = [](const cli::Arguments& arguments, cli::Context&) -> Result<cli::Outcome> {
    const bool is_gitlab = arguments.get("--format") == "gitlab";
    return cli::Artifact{ci_template(is_gitlab ? CiService::gitlab : CiService::github)};
  };
  out.anywhere = true;
  return out;
}

}  // namespace signalbox::profile
