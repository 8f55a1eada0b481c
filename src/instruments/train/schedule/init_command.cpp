#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/train/policy.hpp"
#include "instruments/train/schedule/commands.hpp"
#include "instruments/train/schedule/first_section.hpp"

namespace signalbox::train::schedule {
namespace {

constexpr std::string_view kByDefault = "monthly";  // where the past advises nothing

// The file as it will be: what was there stays, octet by octet.
Result<std::string> with_section(const Workspace& workspace, const std::string& section) {
  if (!workspace.file) return fmt::format("name: {}\n\n{}", Json(workspace.name).dump(), section);
  SIGNALBOX_TRY(std::string out, read_file(*workspace.file, config::kMaxYamlBytes));
  if (!out.empty() && out.back() != '\n') out += '\n';
  return out + (out.empty() ? "" : "\n") + section;
}

// Nothing is written that would not be read.
Status check(const std::string& octets) {
  SIGNALBOX_TRY(const config::Node root, config::parse_yaml(octets, "signalbox.yaml"));
  SIGNALBOX_CHECK(parse_policy(root["train"], [](const std::string& path) -> Result<std::string> {
    return fail(ErrorKind::not_found, path);
  }));
  return {};
}

Report report_of(const Survey& survey, const std::string& cadence, const std::string& file) {
  Report report;
  report.instrument = "train";
  report.title = "A first section `train`";
  report.summary = "wrote " + file;
  report.facts.push_back({"cadence", cadence, {}});
  report.facts.push_back({"releases", survey.releases, {}});
  if (!survey.packages.empty()) report.facts.push_back({"packages", survey.packages.size(), {}});
  if (!survey.jobs.empty()) report.facts.push_back({"jobs of " + survey.ci_file, survey.jobs.size(), {}});
  report.next = {"git add signalbox.yaml", "signalbox train calendar", "signalbox train check"};
  return report;
}

Result<cli::Outcome> run_init(const cli::Arguments& arguments, cli::Context& context) {
  const Workspace& workspace = context.workspace;
  SIGNALBOX_TRY(const config::Node there, section(workspace, "train"));
  if (there.exists()) {
    return fail(ErrorKind::conflict, fmt::format("{}: section train is there already", there.where()),
                "edit it; docs/commands/train.md has all its keys");
  }
  SIGNALBOX_TRY(const Survey seen, survey(workspace));
  const std::string advised = seen.cadence.empty() ? std::string(kByDefault) : seen.cadence;
  const std::string cadence = arguments.get_or("--cadence", advised);
  SIGNALBOX_CHECK(preset(cadence));
  SIGNALBOX_TRY(const std::string octets, with_section(workspace, first_section(seen, cadence)));
  SIGNALBOX_CHECK(check(octets));
  const std::filesystem::path file = workspace.root / "signalbox.yaml";
  SIGNALBOX_CHECK(write_file_atomically(file, octets));
  return cli::Outcome(report_of(seen, cadence, file.string()));
}

}  // namespace

cli::Command init_command() {
  cli::Command command;
  command.name = "init";
  command.summary = "Write a commented section `train` into signalbox.yaml";
  command.details =
      "Looks at tags, packages and CI files: the cadence is the one that the past advises, packages and jobs "
      "are "
      "filled in. What would change who judges stands behind #. A section that is there is never touched.";
  command.options = {{.name = "--cadence",
                      .value = "NAME",
                      .help = "continuous, daily, weekly, monthly or pi",
                      .choices = cadence_names()}};
  command.run = run_init;
  return command;
}

}  // namespace signalbox::train::schedule
