// `evidence trust-change`: what a new trust file changes, as a statement for root keys to sign.
#include "core/evidence/trust_change.hpp"

#include "commands/evidence/commands.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

// A trust file, or a configuration with a section of trust.
Result<ev::Trust> trust_in(const std::string& file) {
  SIGNALBOX_TRY(const config::Node document, config::read_yaml(file));
  return ev::parse_trust(document["trust"].exists() ? document["trust"] : document);
}

Result<cli::Outcome> trust_change(const cli::Arguments& arguments, cli::Context& context) {
  std::optional<ev::Trust> before;
  if (const auto file = arguments.get("--from")) {
    SIGNALBOX_TRY(before, trust_in(*file));
  }
  SIGNALBOX_TRY(const ev::Trust after, workspace_trust(context.workspace));
  SIGNALBOX_TRY(const ev::Statement statement,
                ev::trust_change_statement(before ? &*before : nullptr, after));
  SIGNALBOX_TRY(const std::string octets, ev::write_statement(statement));
  return cli::Outcome(cli::Artifact{octets + "\n"});
}

}  // namespace

cli::Command trust_change_command() {
  return {.name = "trust-change",
          .summary = "Write what the trust file changes as a statement, for root keys to sign",
          .details =
              "The trust file of this workspace follows the one of --from; without it, it is the first. It "
              "is in force once as "
              "many root keys of the one before as that says in 'roots' have signed this statement and "
              "appended it, each in an "
              "entry of its own: 'evidence verify' holds the trust file to that.",
          .options = {{.name = "--from",
                       .value = "FILE",
                       .help = "the trust file, or the signalbox.yaml with it, that is in force now"}},
          .run = trust_change,
          .formats = {"in-toto"}};
}

}  // namespace signalbox::evidence_command
