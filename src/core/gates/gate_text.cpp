// How gates are told: their question, and the command that turns one green.
#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/gates/judge_parts.hpp"

namespace signalbox::gates {
namespace {

// Does it run a text, as parse_gate writes it?
bool is_shell(const std::vector<std::string>& command) {
  return command.size() == 3 && command[0] == "/bin/sh" && command[1] == "-c";
}

std::string conditions_of_evidence(const Gate& gate) {
  std::string out;
  if (gate.signer_role || gate.threshold > 1 || !gate.signer_keys.empty())
    out += fmt::format(", signed by {} {}", gate.threshold, signers_text(gate));
  if (gate.max_age) out += ", at most " + to_text(*gate.max_age) + " old";
  if (!gate.require.empty()) out += ": " + printable(trim(gate.require));
  return out;
}

std::string asked_of_evidence(const Gate& gate) {
  const std::string_view about = gate.subject == "@commit"     ? "this commit"
                                 : gate.subject == "@artifact" ? "the artifact"
                                                               : std::string_view(gate.subject);
  return fmt::format("{} about {}", short_type(gate.type), about) + conditions_of_evidence(gate);
}

std::string asked_of_people(const Gate& gate, const ApprovalRule& rule) {
  std::string out = fmt::format("approved by {} {}", rule.count, rule.count == 1 ? "person" : "people");
  out += rule.roles.size() == 1 ? " in the role " + rule.roles.front()
                                : " in each of the roles " + join(rule.roles, ", ");
  std::vector<std::string> excluded;
  for (const Involvement one : rule.not_by) excluded.emplace_back(name_of(one));
  if (!excluded.empty()) out += ", who " + std::string("is no ") + join(excluded, ", no ") + " of it";
  if (gate.max_age) out += ", at most " + to_text(*gate.max_age) + " ago";
  return out;
}

std::string asked_of_ci(const Gate& gate, const CiRule& rule) {
  std::string out = rule.jobs.empty() ? "every job of CI is green on this commit"
                                      : join(rule.jobs, ", ") + " are green on this commit";
  if (rule.jobs.size() == 1) out = rule.jobs.front() + " is green on this commit";
  if (rule.source == CiRule::Source::github) out += ", as GitHub says of " + rule.repository;
  return out + conditions_of_evidence(gate);
}

std::string asked_of_time(const TimeRule& rule) {
  std::vector<std::string> parts;
  if (rule.not_before) parts.push_back("not before " + to_rfc3339(*rule.not_before));
  if (rule.not_after) parts.push_back("not after " + to_rfc3339(*rule.not_after));
  for (const Window& window : rule.windows) parts.push_back(text_of(window));
  return "it leaves " + join(parts, "; ");
}

std::string asked_of_score(const ScoreRule& rule) {
  return fmt::format("the score{} reaches {} of 100",
                     rule.items.empty() ? std::string() : " of " + join(rule.items, ", "), rule.at_least);
}

std::string asked_of_artifact(const Gate& gate, const ArtifactRule& rule) {
  std::string out = rule.file + " is there";
  if (!rule.checksums.empty()) out += ", and is what " + rule.checksums + " says";
  if (!gate.type.empty())
    out += fmt::format("; {} about it and this commit", short_type(gate.type)) + conditions_of_evidence(gate);
  if (rule.previous) out += "; that of the release before is there too";
  return out;
}

std::string remedy_of_ci(const CiRule& rule) {
  if (rule.source == CiRule::Source::github)
    return fmt::format("gh run list --repo {} --commit \"$(git rev-parse HEAD)\"",
                       shell_word(rule.repository));
  const std::string job = rule.jobs.size() == 1 ? shell_word(rule.jobs.front()) : "JOB";
  return fmt::format("signalbox evidence add junit results.xml --job {} --subject git:HEAD", job);
}

std::string remedy_of_evidence(const Gate& gate) {
  const std::string_view kind = short_type(gate.type);
  const std::string subject = gate.subject == "@commit"     ? "git:HEAD"
                              : gate.subject == "@artifact" ? "ARTIFACT"
                                                            : gate.subject;
  if (kind == "evidence/tests/v1") return "signalbox evidence add junit results.xml --subject " + subject;
  if (kind == "evidence/findings/v1")
    return "signalbox evidence add sarif results.sarif --subject " + subject;
  if (kind == "evidence/sbom/v1") return "signalbox evidence add sbom bom.json --subject " + subject;
  if (kind == "profile/regression/v1") return "signalbox profile check --record BASE... -- NEW...";
  if (kind == "queries/regression/v1")
    return "signalbox queries compare --record --baseline SPAN --candidate SPAN";
  if (kind == "pack/batch/v1") return "signalbox pack batch ORDERS --boxes BOXES --record";
  return fmt::format("signalbox evidence add json result.json --type {} --subject {}", gate.type, subject);
}

}  // namespace

std::string_view name_of(GateKind kind) {
  switch (kind) {
    case GateKind::evidence:
      return "evidence";
    case GateKind::command:
      return "command";
    case GateKind::ci:
      return "ci";
    case GateKind::slo:
      return "slo";
    case GateKind::approval:
      return "approval";
    case GateKind::time:
      return "time";
    case GateKind::score:
      return "score";
    case GateKind::artifact:
      return "artifact";
  }
  return "";
}

std::string_view short_type(std::string_view type) {
  if (type.starts_with(evidence::kPredicatePrefix)) type.remove_prefix(evidence::kPredicatePrefix.size());
  return type;
}

std::string signers_text(const Gate& gate) {
  std::string out = gate.signer_role ? *gate.signer_role : "trusted";
  out += gate.threshold == 1 ? " key" : " keys";
  if (!gate.signer_keys.empty()) out += " among " + join(gate.signer_keys, ", ");
  return out;
}

std::string asked_of(const Gate& gate) {
  switch (gate.kind) {
    case GateKind::evidence:
    case GateKind::slo:
      break;
    case GateKind::command:
      return "`" + printable(remedy_of(gate)) + "` exits with 0";
    case GateKind::ci:
      return asked_of_ci(gate, std::get<CiRule>(gate.rule));
    case GateKind::approval:
      return asked_of_people(gate, std::get<ApprovalRule>(gate.rule));
    case GateKind::time:
      return asked_of_time(std::get<TimeRule>(gate.rule));
    case GateKind::score:
      return asked_of_score(std::get<ScoreRule>(gate.rule));
    case GateKind::artifact:
      return asked_of_artifact(gate, std::get<ArtifactRule>(gate.rule));
  }
  return asked_of_evidence(gate);
}

std::string remedy_of(const Gate& gate) {
  if (!gate.remedy.empty()) return gate.remedy;
  switch (gate.kind) {
    case GateKind::evidence:
    case GateKind::slo:
      break;
    case GateKind::command:
      // The command again: it says what is wrong. A text for the shell is what stands behind `/bin/sh -c`.
      return is_shell(gate.command) ? gate.command[2] : join(gate.command, " ");
    case GateKind::ci:
      return remedy_of_ci(std::get<CiRule>(gate.rule));
    case GateKind::approval:
      return "signalbox train approve --gate " + shell_word(gate.name) + " --key KEY";
    case GateKind::time:
      return "signalbox train check";
    case GateKind::score:
      return "signalbox train score";
    case GateKind::artifact: {
      const auto& rule = std::get<ArtifactRule>(gate.rule);
      if (rule.checksums.empty()) return remedy_of_evidence(gate);
      return "sha256sum --check " + shell_word(rule.checksums);
    }
  }
  return remedy_of_evidence(gate);
}

}  // namespace signalbox::gates
