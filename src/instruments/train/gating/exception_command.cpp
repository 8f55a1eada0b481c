#include <algorithm>

#include <fmt/core.h>

#include "core/base/encoding.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"
#include "instruments/train/events/event.hpp"
#include "instruments/train/gating/commands.hpp"
#include "instruments/train/gating/hearing.hpp"

namespace signalbox::train {
namespace {

using gates::Breach;
using gates::Exception;
using gates::ExceptionRequest;

constexpr std::size_t kIdOctets = 8;
constexpr const char* kDefaultLength = "4h";

std::string random_id() {
  return to_hex(random_octets(kIdOctets));
}

gates::Speaks speaker(const evidence::TrustedKey& person) {
  return {person.key, person.roles};
}

gates::ExceptionRules rules_of(const Decision& decision) {
  return {decision.policy.exceptions, decision.policy.approvals, decision.all_exceptions};
}

// The rule that is broken, as an error.
Status refuse(const std::optional<Breach>& breach) {
  if (!breach) return {};
  return fail(ErrorKind::denied, fmt::format("refused: {} [{}]", breach->message, breach->rule),
              "signalbox train exception list shows what is asked for, in force, and to be audited");
}

// Names have to be there: an exception from a gate that does not exist would mean nothing, or one that comes
// later.
Status check_names(const Decision& decision, const gates::ExceptionScope& scope) {
  std::vector<std::string> gates, freezes;
  for (const Check& check : decision.checks) gates.push_back(check.name);
  for (const gates::Freeze& freeze : decision.policy.freezes) freezes.push_back(freeze.name);
  for (const auto& [asked, there, what] :
       {std::tuple{&scope.gates, &gates, "gate"}, {&scope.freezes, &freezes, "freeze"}}) {
    for (const std::string& name : *asked) {
      if (std::find(there->begin(), there->end(), name) != there->end()) continue;
      const auto near = nearest(name, *there);
      return fail(ErrorKind::bad_input, fmt::format("there is no {} {}", what, printable(name)),
                  near ? fmt::format("did you mean `{}`?", *near) : "signalbox train check shows them");
    }
  }
  if (std::find(scope.gates.begin(), scope.gates.end(), "freeze") != scope.gates.end())
    return fail(ErrorKind::bad_input, "a freeze is named by its own name",
                "--freeze NAME instead of --gate freeze");
  return {};
}

// For a train the exception is for whatever leaves with it under the manifest of now; else for the commit.
gates::ExceptionTarget target_now(const Candidate& candidate) {
  if (candidate.train) return {std::nullopt, candidate.manifest, candidate.train};
  return target_of(candidate);
}

Result<ExceptionRequest> request_of(const cli::Arguments& arguments, const Decision& decision) {
  ExceptionRequest out;
  SIGNALBOX_TRY(out.reason, text_option(arguments, "--reason"));
  const std::string length = arguments.get_or("--for", kDefaultLength);
  const auto duration = parse_duration(length);
  if (!duration) return fail_in("--for", duration.error());
  out.time = decision.time;
  out.expires = std::chrono::floor<std::chrono::seconds>(decision.time + *duration);
  out.target = target_now(decision.candidate);
  out.scope = {arguments.all("--gate"), arguments.all("--freeze"), arguments.has("--scope-lock")};
  return out;
}

Report report_of(const Exception& exception, const std::string& title, const std::string& summary) {
  const ExceptionRequest& request = exception.request;
  Report report;
  report.instrument = "train";
  report.title = title;
  report.verdict = Verdict::warn;
  report.summary = summary;
  if (!exception.erased.empty()) {
    report.facts = {{"what it was", exception.erased, ""}};
    return report;
  }
  report.facts = {{"for", text_of(request.scope), ""},
                  {"of", text_of(request.target), ""},
                  {"reason", printable(request.reason), ""},
                  {"asked by", printable(request.requester.key.name), ""},
                  {"expires", to_rfc3339(request.expires), ""}};
  return report;
}

Result<cli::Outcome> run_request(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(Hearing hearing, open_hearing(arguments, context, arguments.positional(0)));
  SIGNALBOX_TRY(const evidence::TrustedKey person, person_of(arguments, hearing.decision.policy.trust));
  SIGNALBOX_TRY(ExceptionRequest request, request_of(arguments, hearing.decision));
  request.requester = speaker(person);
  SIGNALBOX_CHECK(refuse(gates::breach_of_request(request, rules_of(hearing.decision))));
  SIGNALBOX_CHECK(check_names(hearing.decision, request.scope));
  SIGNALBOX_TRY(const evidence::Receipt receipt,
                say(hearing, {"exception-request", to_predicate(request, random_id()), person.key.name}));
  request.index = receipt.index;
  Report report = report_of({request, {}, {}}, fmt::format("Exception {} is asked for", receipt.index),
                            "recorded; it holds once somebody else approves it");
  report.next = {fmt::format("signalbox train exception approve {} --key APPROVER", receipt.index)};
  report.data = Json::object({{"request", receipt.index}, {"expires", to_rfc3339(request.expires)}});
  return cli::Outcome(std::move(report));
}

Result<std::uint64_t> number_of(const cli::Arguments& arguments) {
  const std::string text = arguments.positional(0).value_or("");
  const auto number = parse_integer(text.starts_with('#') ? std::string_view(text).substr(1) : text);
  if (number && *number >= 0) return static_cast<std::uint64_t>(*number);
  return fail(ErrorKind::bad_input, fmt::format("`{}` is no number of an exception", printable(text)),
              "signalbox train exception list shows them");
}

Result<Exception> exception_named(const cli::Arguments& arguments, const Decision& decision) {
  SIGNALBOX_TRY(const std::uint64_t number, number_of(arguments));
  for (const Exception& one : decision.all_exceptions) {
    if (one.request.index == number) return one;
  }
  return fail(ErrorKind::not_found, fmt::format("the log has no request of an exception at {}", number),
              "signalbox train exception list shows them");
}

// Judges HEAD, whatever the exception is about: approving and auditing need the policy and the log alone.
Result<Hearing> open_for_number(const cli::Arguments& arguments, cli::Context& context) {
  return open_hearing(arguments, context, std::nullopt);
}

// What is said about an exception is said about what it is about.
void aim_at(Hearing& hearing, const gates::ExceptionTarget& target) {
  Candidate& candidate = hearing.decision.candidate;
  if (target.commit) candidate.commit = *target.commit;
  candidate.manifest = target.manifest;
  candidate.train = target.train;
}

Result<cli::Outcome> run_exception_approve(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(Hearing hearing, open_for_number(arguments, context));
  SIGNALBOX_TRY(const evidence::TrustedKey person, person_of(arguments, hearing.decision.policy.trust));
  SIGNALBOX_TRY(Exception exception, exception_named(arguments, hearing.decision));
  const gates::ExceptionRules rules = rules_of(hearing.decision);
  if (!gates::breach_at(exception, rules, hearing.decision.time)) {
    return fail(ErrorKind::conflict,
                fmt::format("exception {} is approved already, by {}", exception.request.index,
                            printable(exception.approval->approver.key.name)));
  }
  if (!exception.erased.empty()) return fail(ErrorKind::denied, exception.erased + ": it holds for nothing");
  SIGNALBOX_CHECK(refuse(gates::breach_of_request(exception.request, rules)));
  gates::ExceptionApproval approval{0, hearing.decision.time, speaker(person)};
  SIGNALBOX_CHECK(refuse(gates::breach_of_approval(exception.request, approval, rules)));
  aim_at(hearing, exception.request.target);
  SIGNALBOX_TRY(const evidence::Receipt receipt,
                say(hearing, {kind_of(exception.request.scope), to_predicate(exception.request, approval),
                              person.key.name}));
  approval.index = receipt.index;
  approval.time = receipt.time;
  exception.approval = approval;
  Report report =
      report_of(exception, fmt::format("Exception {} is approved", exception.request.index),
                fmt::format("in force until {}; its audit is due {}", to_rfc3339(exception.request.expires),
                            to_rfc3339(*exception.audit_due())));
  report.facts.push_back(
      {"approved by", fmt::format("{}, log #{}", printable(person.key.name), receipt.index), ""});
  report.next = {
      fmt::format("signalbox train exception audit {} --outcome justified --finding TEXT --key KEY",
                  exception.request.index)};
  report.data = Json::object({{"request", exception.request.index},
                              {"approval", receipt.index},
                              {"audit_due", to_rfc3339(*exception.audit_due())}});
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> run_audit(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const std::string finding, text_option(arguments, "--finding"));
  SIGNALBOX_TRY(const std::string outcome, text_option(arguments, "--outcome"));
  SIGNALBOX_TRY(Hearing hearing, open_for_number(arguments, context));
  SIGNALBOX_TRY(const evidence::TrustedKey person, person_of(arguments, hearing.decision.policy.trust));
  SIGNALBOX_TRY(const Exception exception, exception_named(arguments, hearing.decision));
  if (exception.audit) {
    return fail(ErrorKind::conflict, fmt::format("exception {} was audited by {}", exception.request.index,
                                                 printable(exception.audit->auditor.key.name)));
  }
  gates::ExceptionAudit audit;
  audit.auditor = speaker(person);
  audit.justified = outcome == "justified";
  audit.finding = finding;
  SIGNALBOX_CHECK(refuse(gates::breach_of_audit(exception, audit, rules_of(hearing.decision))));
  aim_at(hearing, exception.request.target);
  SIGNALBOX_TRY(
      const evidence::Receipt receipt,
      say(hearing, {"exception-audit", to_predicate(exception, audit, random_id()), person.key.name}));
  Report report = report_of(exception, fmt::format("Exception {} is audited", exception.request.index),
                            audit.justified ? "it was justified" : "it was not justified");
  report.verdict = audit.justified ? Verdict::pass : Verdict::warn;
  report.facts.push_back({"finding", finding, ""});
  report.facts.push_back({"recorded", fmt::format("log #{}", receipt.index), ""});
  report.data = Json::object({{"request", exception.request.index}, {"audit", receipt.index}});
  return cli::Outcome(std::move(report));
}

std::string state_of(const Exception& exception, const Decision& decision) {
  const auto breach = gates::breach_at(exception, rules_of(decision), decision.time);
  if (!breach) return "in force";
  if (!exception.erased.empty()) {
    if (exception.audit) return "erased, audited";
    return exception.is_overdue(decision.time) ? "erased, audit overdue" : "erased, audit open";
  }
  if (!exception.approval)
    return decision.time >= exception.request.expires ? "never approved" : "waits for approval";
  if (breach->rule != "exception/expired") return std::string(breach->rule);
  if (exception.audit) return exception.audit->justified ? "audited: justified" : "audited: not justified";
  return exception.is_overdue(decision.time) ? "audit overdue" : "audit open";
}

Json json_of(const Exception& exception, const std::string& state) {
  const ExceptionRequest& request = exception.request;
  const auto due = exception.audit_due();
  return Json::object(
      {{"request", request.index},
       {"state", state},
       {"scope", text_of(request.scope)},
       {"target", text_of(request.target)},
       {"reason", printable(request.reason)},
       {"requester", printable(request.requester.key.name)},
       {"approver", exception.approval ? Json(printable(exception.approval->approver.key.name)) : Json()},
       {"expires", exception.erased.empty() ? Json(to_rfc3339(request.expires)) : Json()},
       {"audit_due", due ? Json(to_rfc3339(*due)) : Json()},
       {"audited", exception.audit ? Json(to_rfc3339(exception.audit->time)) : Json()}});
}

Result<cli::Outcome> run_list(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Decision decision, judge_for_reading(arguments, context, std::nullopt));
  Report report;
  report.instrument = "train";
  report.title = "Exceptions";
  Table table{"",
              {{"#", Column::Align::right},
               {"state"},
               {"for"},
               {"of"},
               {"asked by"},
               {"approved by"},
               {"expires"},
               {"audit due"}},
              {}};
  Json all = Json::array();
  bool overdue = false;
  for (auto one = decision.all_exceptions.rbegin(); one != decision.all_exceptions.rend(); ++one) {
    const std::string state = state_of(*one, decision);
    const Json json = json_of(*one, state);
    overdue = overdue || one->is_overdue(decision.time);
    table.rows.push_back({std::to_string(one->request.index), state, std::string(json["scope"].as_string()),
                          std::string(json["target"].as_string()), std::string(json["requester"].as_string()),
                          std::string(json["approver"].as_string("–")),
                          std::string(json["expires"].as_string("–")),
                          std::string(json["audit_due"].as_string("–"))});
    all.push_back(json);
  }
  report.summary =
      table.rows.empty() ? "none was ever asked for" : fmt::format("{} in the log", table.rows.size());
  if (overdue) report.summary += "; an audit is overdue: no other exception before it";
  report.verdict = overdue ? Verdict::warn : Verdict::none;
  report.findings = audit_findings(decision.all_exceptions, decision.time);
  if (!table.rows.empty()) report.tables.push_back(std::move(table));
  report.data = Json::object({{"exceptions", std::move(all)}});
  return cli::Outcome(std::move(report));
}

cli::Command request_command() {
  cli::Command command;
  command.name = "request";
  command.summary = "Ask for an exception from gates, freezes or the scope lock";
  command.options = candidate_options();
  command.options.insert(
      command.options.begin(),
      {{.name = "--gate", .value = "NAME", .help = "a gate, as train check names it", .repeated = true},
       {.name = "--freeze", .value = "NAME", .help = "a freeze, by its name", .repeated = true},
       {.name = "--scope-lock", .help = "passengers may change after the lock"},
       {.name = "--reason", .value = "TEXT", .help = "why"},
       {.name = "--for", .value = "TIME", .help = "how long it is to hold: 4h (the default), at most 24h"},
       {.name = "--key", .value = "NAME", .help = kKeyHelp}});
  command.positionals = {train_positional()};
  command.run = run_request;
  return command;
}

std::vector<cli::Option> number_options() {
  std::vector<cli::Option> out = candidate_options();
  out.insert(out.begin(), {.name = "--key", .value = "NAME", .help = kKeyHelp});
  return out;
}

}  // namespace

cli::Command exception_command() {
  cli::Command approve{.name = "approve", .summary = "Approve an exception, accountable for it alone"};
  approve.options = number_options();
  approve.positionals = {{"NUMBER", "as exception request and list show it"}};
  approve.run = run_exception_approve;
  cli::Command audit{.name = "audit", .summary = "Audit an exception afterwards"};
  audit.options = number_options();
  audit.options.push_back({.name = "--outcome",
                           .value = "WORD",
                           .help = "what the audit came to",
                           .choices = {"justified", "not-justified"}});
  audit.options.push_back({.name = "--finding", .value = "TEXT", .help = "what was found"});
  audit.positionals = {{"NUMBER", "as exception list shows it"}};
  audit.run = run_audit;
  cli::Command list{.name = "list", .summary = "List exceptions: asked for, in force, to be audited"};
  list.options = candidate_options();
  list.run = run_list;
  cli::Command command;
  command.name = "exception";
  command.summary = "Ask for, approve, list and audit exceptions";
  command.details =
      "An exception is for named gates and freezes of one train or commit, for at most 24 hours, asked for "
      "by one person "
      "and approved by another. What it covers is shown amber, never green. Its audit is due five working "
      "days after the "
      "approval; while one is overdue there is no other exception.";
  command.commands = {request_command(), std::move(approve), std::move(list), std::move(audit)};
  return command;
}

}  // namespace signalbox::train
