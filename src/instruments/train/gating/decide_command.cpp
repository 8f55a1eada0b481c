// go and no-go: what a person decides. meeting and score: what they decide by.
#include <algorithm>

#include <fmt/core.h>

#include "core/base/encoding.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"
#include "instruments/train/gating/commands.hpp"
#include "instruments/train/gating/decision_record.hpp"
#include "instruments/train/gating/explain_report.hpp"
#include "instruments/train/gating/hearing.hpp"
#include "instruments/train/gating/meeting.hpp"
#include "instruments/train/gating/person_decision.hpp"

namespace signalbox::train {
namespace {

using gates::Vote;

constexpr std::size_t kIdOctets = 8;

// The word, and the whole decision as it stood, both signed by the person; then the summaries that the policy
// asks for, signed by this machine. A no is never held up by a summary that cannot be made.
Result<RecordedDecision> record_word(Hearing& hearing, const Workspace& workspace,
                                     const evidence::TrustedKey& person, Vote::Word word,
                                     const std::string& reason) {
  RecordedDecision out;
  auto requests = summaries_of(workspace, hearing.decision);
  if (!requests && word == Vote::Word::go) return fail(std::move(requests).error());
  Ballot ballot;
  ballot.word = word;
  ballot.candidate = hearing.decision.candidate;
  ballot.reason = reason;
  ballot.id = to_hex(random_octets(kIdOctets));
  SIGNALBOX_CHECK(say(hearing, {"approval", to_predicate(ballot), person.key.name}));
  Json predicate = decision_statement(hearing.decision, person.key.name).predicate;
  predicate.set("by", "person");
  predicate.set("decision", word == Vote::Word::go ? "GO" : "NO-GO");
  predicate.set("reason", reason.empty() ? Json() : Json(reason));
  SIGNALBOX_TRY(out.receipt, say(hearing, {"decision", std::move(predicate), person.key.name}));
  if (!requests) {
    out.unsaid = std::move(requests).error();
    return out;
  }
  leave_summaries(recording_in(hearing.book), *requests, out);
  return out;
}

Result<evidence::TrustedKey> decider_of(const cli::Arguments& arguments, const Decision& decision) {
  SIGNALBOX_TRY(evidence::TrustedKey person, person_of(arguments, decision.policy.trust));
  if (std::find(person.roles.begin(), person.roles.end(), "approver") != person.roles.end()) return person;
  return fail(ErrorKind::denied, printable(person.key.name) + " may not decide: the key is no approver's");
}

Report told(const Decision& decision, const evidence::TrustedKey& person, const RecordedDecision& recorded,
            const std::string& word, const std::string& reason, const cli::Context& context) {
  Report report;
  report.instrument = "train";
  report.title = fmt::format("{} for {} {} at {}", word, decision.plan.name, decision.plan.next.tag,
                             decision.candidate.commit.substr(0, 7));
  report.facts = {{"decided by", printable(person.key.name), ""},
                  {"recorded", fmt::format("log #{}", recorded.receipt.index), ""}};
  if (!reason.empty()) report.facts.push_back({"reason", reason, ""});
  report.data =
      Json::object({{"decision", word}, {"decider", person.key.name}, {"recorded", recorded.receipt.index}});
  tell_summaries(recorded, context, report);
  return report;
}

Result<cli::Outcome> run_go(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(Hearing hearing, open_hearing(arguments, context, arguments.positional(0),
                                              DepartureQuery::Commands::run_allowed));
  const Decision& decision = hearing.decision;
  SIGNALBOX_TRY(const evidence::TrustedKey person, decider_of(arguments, decision));
  std::vector<std::string> red = decision.blockers();
  std::erase(red, kDecisionCheck);  // an earlier no is what this one replaces
  if (!red.empty()) {
    Report report = decision_report(decision);
    report.summary = fmt::format("not recorded: nobody can decide GO while {} {} red", join(red, ", "),
                                 red.size() == 1 ? "is" : "are");
    return cli::Outcome(std::move(report));
  }
  std::string reason;
  if (arguments.has("--reason")) {
    SIGNALBOX_TRY(reason, text_option(arguments, "--reason"));
  }
  SIGNALBOX_TRY(const RecordedDecision recorded,
                record_word(hearing, context.workspace, person, Vote::Word::go, reason));
  Report report = told(decision, person, recorded, "GO", reason, context);
  report.verdict = decision.excepted().empty() ? Verdict::pass : Verdict::warn;
  report.summary = fmt::format("{} decided GO", printable(person.key.name));
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> run_no_go(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const std::string reason, text_option(arguments, "--reason"));
  SIGNALBOX_TRY(Hearing hearing, open_hearing(arguments, context, arguments.positional(0)));
  SIGNALBOX_TRY(const evidence::TrustedKey person, decider_of(arguments, hearing.decision));
  SIGNALBOX_TRY(const RecordedDecision recorded,
                record_word(hearing, context.workspace, person, Vote::Word::no_go, reason));
  Report report = told(hearing.decision, person, recorded, "NO-GO", reason, context);
  report.verdict = Verdict::warn;
  report.summary = fmt::format("{} decided NO-GO: {}; it holds for this commit until somebody decides GO",
                               printable(person.key.name), reason);
  report.next = {"signalbox train go --key KEY"};
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> run_score(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Decision decision, judge_for_reading(arguments, context, arguments.positional(0)));
  return cli::Outcome(score_report(decision, find_way(decision)));
}

Result<cli::Outcome> run_meeting(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Decision decision, judge_for_reading(arguments, context, arguments.positional(0)));
  SIGNALBOX_TRY(const auto departure, departure_time(arguments, decision));
  const std::vector<Expiry> race = departure ? freshness_race(decision, *departure) : std::vector<Expiry>{};
  return cli::Outcome(agenda_report(decision, make_agenda(decision, find_way(decision), race)));
}

cli::Command deciding_command(const char* name, const char* summary) {
  cli::Command command;
  command.name = name;
  command.summary = summary;
  command.options = candidate_options();
  command.options.insert(command.options.begin(),
                         {{.name = "--key", .value = "NAME", .help = kKeyHelp},
                          {.name = "--reason", .value = "TEXT", .help = "why, for whoever reads the log"}});
  command.positionals = {train_positional()};
  return command;
}

}  // namespace

cli::Command go_command() {
  cli::Command command = deciding_command("go", "Record that a person decided GO");
  command.details =
      "Refused (exit 1) while a gate is red: an exception or the gate itself has to change that, not a "
      "decision. The statement "
      "is the whole decision as it stood, signed with your key.";
  command.run = run_go;
  return command;
}

cli::Command no_go_command() {
  cli::Command command = deciding_command("no-go", "Record that a person decided NO-GO, and why");
  command.details = "It holds for this commit, however green the gates are, until somebody decides GO.";
  command.run = run_no_go;
  return command;
}

cli::Command score_command() {
  cli::Command command;
  command.name = "score";
  command.summary = "Show the readiness score, and what would raise it";
  command.options = candidate_options();
  command.positionals = {train_positional()};
  command.run = run_score;
  return command;
}

cli::Command meeting_command() {
  cli::Command command;
  command.name = "meeting";
  command.summary = "Print the readiness meeting's page: open items, owners, proposed decisions, minutes";
  command.details =
      "Only what is open stands on it: red gates, exceptions, warnings, audits, and with a departure what "
      "will be too old by then.";
  command.options = candidate_options();
  command.options.push_back(depart_option());
  command.positionals = {train_positional()};
  command.run = run_meeting;
  return command;
}

}  // namespace signalbox::train
