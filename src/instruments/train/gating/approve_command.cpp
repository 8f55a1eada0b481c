#include <algorithm>

#include <fmt/core.h>

#include "core/base/encoding.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"
#include "instruments/train/gating/commands.hpp"
#include "instruments/train/gating/hearing.hpp"

namespace signalbox::train {
namespace {

using gates::Gate;
using gates::GateKind;
using gates::Vote;

constexpr std::size_t kIdOctets = 8;

gates::ApprovalQuestion question_of(const Gate& gate, const Decision& decision) {
  return {std::get<gates::ApprovalRule>(gate.rule),
          decision.approvals.policy,
          decision.approvals.involved,
          gate.name,
          gate.max_age,
          decision.time};
}

// The gates that ask for people: all of them, or the one that is named.
Result<std::vector<Gate>> asking_gates(const Decision& decision, const std::string& name) {
  std::vector<Gate> out;
  std::vector<std::string> names;
  for (const Judged& judged : decision.gates) {
    if (judged.gate.kind != GateKind::approval) continue;
    names.push_back(judged.gate.name);
    if (name.empty() || judged.gate.name == name) out.push_back(judged.gate);
  }
  if (name.empty() || !out.empty()) return out;
  const auto near = nearest(name, names);
  return fail(ErrorKind::bad_input, fmt::format("the policy has no approval gate {}", printable(name)),
              near            ? fmt::format("did you mean `{}`?", *near)
              : names.empty() ? "it has none at all; a gate with `kind: approval` asks for people"
                              : "it has " + join(names, ", "));
}

Vote vote_of(const Ballot& ballot, const evidence::TrustedKey& person, const Decision& decision) {
  Vote vote;
  vote.word = ballot.word;
  vote.index = UINT64_MAX;  // after everything in the log
  vote.time = decision.time;
  vote.key = person.key;
  vote.key_roles = person.roles;
  vote.role = ballot.role;
  vote.gate = ballot.gate;
  return vote;
}

// An approval that would count nowhere is refused with the rule.
Status would_count(const std::vector<Gate>& asking, const Vote& vote, const Decision& decision) {
  std::string why;
  for (const Gate& gate : asking) {
    const std::string objection = gates::objection_to(question_of(gate, decision), vote);
    if (objection.empty()) return {};
    why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", gate.name, objection);
  }
  if (asking.empty()) return {};
  return fail(ErrorKind::denied, fmt::format("{} may not approve: {}", printable(vote.key.name), why),
              decision.approvals.policy.known_as(vote.key.name).empty()
                  ? "say in train.approvals.people which names in git are its owner's, and release that; or "
                    "somebody else approves"
                  : "somebody else has to; signalbox train check says who");
}

Result<Ballot> ballot_of(const cli::Arguments& arguments, const Decision& decision, Vote::Word word) {
  Ballot out;
  out.word = word;
  out.candidate = decision.candidate;
  for (const auto& [option, text] :
       {std::pair{"--gate", &out.gate}, {"--role", &out.role}, {"--reason", &out.reason}}) {
    if (!arguments.has(option)) continue;
    SIGNALBOX_TRY(*text, text_option(arguments, option));
  }
  out.id = to_hex(random_octets(kIdOctets));
  return out;
}

// The gates as they stand with the new word, and where it is.
Result<cli::Outcome> told(Hearing& hearing, const Vote& vote, const Ballot& ballot,
                          const evidence::Receipt& receipt) {
  SIGNALBOX_TRY(const Heard heard, read_votes(hearing.book.ledger(), hearing.decision.policy.trust,
                                              ballot.candidate, hearing.decision.time));
  gates::Approvals said = hearing.decision.approvals;
  said.votes = heard.votes;
  gates::Situation situation{.trust = hearing.decision.policy.trust,
                             .commit = ballot.candidate.commit_subject(hearing.decision.plan.name),
                             .now = std::max(hearing.decision.time, receipt.time),
                             .approvals = &said};
  Report report;
  report.instrument = "train";
  report.title = fmt::format("{} of {} by {}", ballot.word == Vote::Word::approve ? "Approval" : "Withdrawal",
                             ballot.candidate.commit.substr(0, 7), printable(vote.key.name));
  gates::Evaluator evaluator;
  bool all_green = true;
  for (const Judged& judged : hearing.decision.gates) {
    if (judged.gate.kind != GateKind::approval) continue;
    SIGNALBOX_TRY(gates::GateResult result, gates::judge(judged.gate, situation, evaluator));
    all_green = all_green && result.check.reason.empty();
    report.checks.push_back(std::move(result.check));
  }
  report.verdict = report.checks.empty() ? Verdict::none : all_green ? Verdict::pass : Verdict::warn;
  report.summary = report.checks.empty() ? "recorded; no gate of the policy asks for people"
                   : all_green           ? "recorded; every gate that asks for people is green"
                                         : "recorded; more people are wanted";
  report.facts = {{"recorded", fmt::format("log #{}", receipt.index), ""},
                  {"commit", ballot.candidate.commit, ""},
                  {"policy", hearing.decision.policy.source, ""}};
  report.data = Json::object({{"recorded", receipt.index}, {"word", name_of(ballot.word)}});
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> run_approve(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(Hearing hearing, open_hearing(arguments, context, arguments.positional(0)));
  SIGNALBOX_TRY(const evidence::TrustedKey person, person_of(arguments, hearing.decision.policy.trust));
  const Vote::Word word = arguments.has("--withdraw") ? Vote::Word::withdraw : Vote::Word::approve;
  SIGNALBOX_TRY(const Ballot ballot, ballot_of(arguments, hearing.decision, word));
  SIGNALBOX_TRY(const std::vector<Gate> asking, asking_gates(hearing.decision, ballot.gate));
  const Vote vote = vote_of(ballot, person, hearing.decision);
  if (word == Vote::Word::approve) SIGNALBOX_CHECK(would_count(asking, vote, hearing.decision));
  SIGNALBOX_TRY(const evidence::Receipt receipt,
                say(hearing, {"approval", to_predicate(ballot), person.key.name}));
  return told(hearing, vote, ballot, receipt);
}

// The gate, the item of the score or the other row that the veto names, which has to fail.
Result<Check> failing_condition(const Decision& decision, const std::string& name) {
  std::vector<std::string> failing;
  for (const Check& check : decision.conditions()) {
    if (check.verdict != Verdict::pass) failing.push_back(check.name);
    if (check.name == name && check.verdict != Verdict::pass) return check;
    if (check.name == name)
      return fail(ErrorKind::bad_input,
                  fmt::format("{} is green: a veto names a condition that fails", printable(name)),
                  failing.empty() ? "nothing fails: signalbox train no-go records that you decide otherwise"
                                  : "signalbox train check shows which fail");
  }
  const auto near = nearest(name, failing);
  return fail(ErrorKind::bad_input, fmt::format("there is no condition {}", printable(name)),
              near              ? fmt::format("did you mean `{}`?", *near)
              : failing.empty() ? "nothing fails: there is nothing to veto"
                                : "what fails: " + join(failing, ", "));
}

Result<cli::Outcome> run_veto(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const std::string condition, text_option(arguments, "--condition"));
  SIGNALBOX_TRY(const std::string reason, text_option(arguments, "--reason"));
  SIGNALBOX_TRY(Hearing hearing, open_hearing(arguments, context, arguments.positional(0)));
  SIGNALBOX_TRY(const evidence::TrustedKey person, person_of(arguments, hearing.decision.policy.trust));
  if (std::find(person.roles.begin(), person.roles.end(), "approver") == person.roles.end())
    return fail(ErrorKind::denied, printable(person.key.name) + " may not veto: the key is no approver's");
  SIGNALBOX_TRY(const Check failing, failing_condition(hearing.decision, condition));
  SIGNALBOX_TRY(Ballot ballot, ballot_of(arguments, hearing.decision, Vote::Word::veto));
  ballot.condition = condition;
  SIGNALBOX_TRY(const evidence::Receipt receipt,
                say(hearing, {"approval", to_predicate(ballot), person.key.name}));
  Report report;
  report.instrument = "train";
  report.title =
      fmt::format("Veto of {} by {}", ballot.candidate.commit.substr(0, 7), printable(person.key.name));
  report.verdict = Verdict::warn;
  report.summary = fmt::format("recorded; it holds as long as {} is not green", condition);
  report.checks = {failing};
  report.facts = {{"recorded", fmt::format("log #{}", receipt.index), ""}, {"reason", reason, ""}};
  report.data = Json::object({{"recorded", receipt.index}, {"word", "veto"}, {"condition", condition}});
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command approve_command() {
  cli::Command command;
  command.name = "approve";
  command.summary = "Approve the candidate, signed with your key";
  command.details =
      "The approval is for exactly this commit: another commit wants another approval. Who wrote a commit of "
      "the "
      "train, or asked for it, may not approve where the gate says so. --withdraw takes an earlier word "
      "back.";
  command.options = candidate_options();
  command.options.insert(command.options.begin(),
                         {{.name = "--key", .value = "NAME", .help = kKeyHelp},
                          {.name = "--gate", .value = "NAME", .help = "for this gate alone"},
                          {.name = "--role", .value = "ROLE", .help = "in this role alone"},
                          {.name = "--reason", .value = "TEXT", .help = "why, for whoever reads the log"},
                          {.name = "--withdraw", .help = "take back what this key said before"}});
  command.positionals = {train_positional()};
  command.run = run_approve;
  return command;
}

cli::Command veto_command() {
  cli::Command command;
  command.name = "veto";
  command.summary = "Veto the departure because of a condition that fails";
  command.details =
      "A veto names a gate, or an item of the score, that is not green now. It lapses when that turns green, "
      "so it "
      "blocks what would otherwise only warn, cost points, or leave under an exception.";
  command.options = candidate_options();
  command.options.insert(
      command.options.begin(),
      {{.name = "--condition", .value = "GATE", .help = "what fails: its name in train check"},
       {.name = "--reason", .value = "TEXT", .help = "why this must not leave"},
       {.name = "--key", .value = "NAME", .help = kKeyHelp}});
  command.positionals = {train_positional()};
  command.run = run_veto;
  return command;
}

}  // namespace signalbox::train
