#include "commands/init/init.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signalbox::init {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kConfiguration =
    R"(# Signalbox: what this repository asks for before a release departs. Commit this file.
# Every value here is the default, so a line may be removed without changing anything.

# What reports call this workspace.
name: {}

evidence:
  # always: every result becomes signed evidence in the ledger. on-request: with --record alone.
  record: on-request

# The release train. Without this section the built-in gates judge: tests evidence, changelog entry, no freeze, readiness score.
# train:
#   gates:
#     - name: tests
#       type: evidence/tests/v1        # which evidence is asked for
#       subject: "@commit"             # about which thing: the commit under judgement
#       max_age: 7d                    # older evidence is stale
#       require: gt(.predicate.tests; 0) and eq(.predicate.failures; 0)   # jq; must answer true
#       remedy: signalbox evidence add junit results.xml --subject git:HEAD
#   summaries: [vsa]                   # each recorded decision as SLSA's verification summary too; svr: in-toto's
#   freeze:
#     - name: year's end
#       start: 2026-12-19T00:00:00Z
#       end: 2027-01-04T00:00:00Z
#       reason: nobody is there to answer the pager
)";

Result<cli::Outcome> write_configuration(const cli::Arguments& arguments, cli::Context& context) {
  const fs::path file = context.workspace.root / "signalbox.yaml";
  std::error_code error;
  if (fs::exists(fs::symlink_status(file, error))) {
    return fail(ErrorKind::conflict, file.string() + ": is there already", "edit it, or remove it first");
  }
  const std::string name = arguments.get_or("--name", context.workspace.name);
  if (name.empty() || !is_utf8(name) || printable(name) != name || name.find('\n') != std::string::npos) {
    return fail(ErrorKind::bad_input, "--name: a name is one line of printable text", "give one with --name");
  }
  SIGNALBOX_CHECK(write_file_atomically(file, configuration(name)));
  Report report;
  report.instrument = "init";
  report.title = "A workspace for " + name;
  report.summary = "wrote " + file.string();
  report.next = {"git add signalbox.yaml", "signalbox train check"};
  return report;
}

}  // namespace

std::string configuration(std::string_view name) {
  return fmt::format(kConfiguration, Json(name).dump());
}

cli::Command command() {
  cli::Command command;
  command.name = "init";
  command.summary = "Write a commented signalbox.yaml";
  command.details =
      "At the top of the git repository, or here outside of one. A file that is there already is never "
      "replaced.";
  command.options = {
      {"--name", "NAME", "what reports call the workspace; by default the folder's name", {}, false}};
  command.anywhere = true;
  command.run = write_configuration;
  return command;
}

}  // namespace signalbox::init
