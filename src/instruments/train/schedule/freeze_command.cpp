#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/calendar/content_line.hpp"
#include "instruments/train/plan_report.hpp"
#include "instruments/train/policy.hpp"
#include "instruments/train/schedule/commands.hpp"
#include "instruments/train/schedule/freeze_report.hpp"
#include "instruments/train/schedule/freeze_writer.hpp"
#include "instruments/train/schedule/time_text.hpp"

namespace signalbox::train::schedule {
namespace {

namespace fs = std::filesystem;

// The policy that would judge a departure of HEAD.
Result<Policy> judging_policy(const cli::Arguments& arguments, const cli::Context& context) {
  SIGNALBOX_TRY(const git::Repository repository, open_repository(context.workspace));
  if (repository.is_empty()) return parse_own_policy(context.workspace);
  SIGNALBOX_TRY(const std::string head, repository.resolve("HEAD"));
  return read_policy(repository, context.workspace,
                     {head, arguments.get("--policy-ref"), arguments.get("--package")});
}

void tell_of_policy(const Policy& policy, Report& report) {
  report.facts.push_back({"judged by", policy.source, ""});
  for (Finding& finding : findings_of(policy.remarks)) report.findings.push_back(std::move(finding));
}

Result<cli::Outcome> run_list(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Policy policy, judging_policy(arguments, context));
  SIGNALBOX_TRY(Report report, freezes_report(policy.freezes, context.clock.now()));
  tell_of_policy(policy, report);
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> run_test(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Policy policy, judging_policy(arguments, context));
  FreezeQuestion question;
  SIGNALBOX_TRY(question.at,
                parse_time_text(arguments.get_or("--at", "now"), context.clock.now(), calendar::Zone::utc()));
  question.environment = arguments.get_or("--env", policy.environment);
  SIGNALBOX_TRY(const gates::FreezeAnswer answer,
                gates::ask_freezes(policy.freezes, question.at, question.environment));
  Report report = freeze_report(question, answer);
  tell_of_policy(policy, report);
  return cli::Outcome(std::move(report));
}

bool is_cron(const std::string& text) {
  return calendar::parse_cron(text, calendar::Zone::utc()).has_value();
}

FreezeMembers members_of(const cli::Arguments& arguments) {
  FreezeMembers out = {{"name", {*arguments.positional(0)}}};
  const auto take = [&](const char* option, const char* key) {
    if (const auto value = arguments.get(option)) out.push_back({key, {*value}});
  };
  const bool crons = is_cron(arguments.get_or("--start", "")) || is_cron(arguments.get_or("--end", ""));
  take("--start", crons ? "freeze_start" : "start");
  take("--end", crons ? "freeze_end" : "end");
  take("--rrule", "rrule");
  take("--from", "from");
  take("--duration", "duration");
  take("--ics", "ics");
  take("--timezone", crons ? "cron_timezone" : "timezone");
  take("--reason", "reason");
  if (arguments.has("--env")) out.push_back({"environments", arguments.all("--env")});
  return out;
}

struct File {
  fs::path path;
  Holder holder = Holder::signalbox_yaml;
  std::string octets;  // empty where it is not there yet
};

Result<File> configuration_of(const Workspace& workspace) {
  File out;
  std::error_code error;
  out.path = workspace.root / "signalbox" / "train.yaml";
  out.holder = Holder::train_yaml;
  if (!fs::exists(out.path, error)) {
    out.path = workspace.root / "signalbox.yaml";
    out.holder = Holder::signalbox_yaml;
  }
  if (fs::exists(out.path, error)) {
    SIGNALBOX_TRY(out.octets, read_file(out.path, config::kMaxYamlBytes));
  }
  return out;
}

// The freeze as the new file has it, read by what judges.
Result<gates::Freeze> first_freeze(const Workspace& workspace, const File& file, const std::string& octets) {
  SIGNALBOX_TRY(const config::Node root, config::parse_yaml(octets, file.path.filename().string()));
  const config::Node train = file.holder == Holder::train_yaml ? root : root["train"];
  SIGNALBOX_TRY(const Policy policy, parse_policy(train, [&](const std::string& path) {
                  return read_file(workspace.root / path, calendar::kMaxIcsBytes);
                }));
  return policy.freezes.front();
}

Result<cli::Outcome> run_add(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Policy own, parse_own_policy(context.workspace));
  const std::string name = *arguments.positional(0);
  for (const gates::Freeze& freeze : own.freezes) {
    if (freeze.name == name)
      return fail(ErrorKind::conflict, fmt::format("there is a freeze {} already", printable(name)),
                  "signalbox train freeze list");
  }
  SIGNALBOX_TRY(const File file, configuration_of(context.workspace));
  SIGNALBOX_TRY(const std::string octets, add_freeze(file.octets, file.holder, members_of(arguments)));
  SIGNALBOX_TRY(const gates::Freeze freeze, first_freeze(context.workspace, file, octets));
  SIGNALBOX_TRY(Report report, freezes_report({freeze}, context.clock.now()));
  SIGNALBOX_CHECK(write_file_atomically(file.path, octets));
  report.title = "A freeze for " + printable(file.path.filename().string());
  report.summary = fmt::format("{}: {}; it judges from the release on that carries it",
                               printable(freeze.name), printable(gates::text_of(freeze)));
  report.next = {fmt::format("git add {0} && git commit -m \"chore: freeze {1}\"",
                             shell_word(fs::relative(file.path, context.workspace.root).string()),
                             printable(freeze.name))};
  return cli::Outcome(std::move(report));
}

std::vector<cli::Option> policy_options() {
  return {{.name = "--policy-ref",
           .value = "REF",
           .help = "read the policy from here instead of the last release"},
          {.name = "--package",
           .value = "NAME",
           .help = "of tags like NAME@1.2.3; by default the repository's own"}};
}

cli::Command add_command() {
  cli::Command command{.name = "add", .summary = "Add a freeze to the configuration, by one of four ways"};
  command.details =
      "From a time to a time, or GitLab's pair of crons: --start and --end. By a rule of RFC 5545: --rrule, "
      "--from and --duration. By a file of holidays: --ics.\n\nEverything else in the file stays as it is.";
  command.options = {
      {.name = "--start", .value = "TIME|CRON", .help = "2026-12-19T00:00:00Z, or \"0 18 * * 5\""},
      {.name = "--end", .value = "TIME|CRON", .help = "the same"},
      {.name = "--rrule", .value = "RULE", .help = "FREQ=MONTHLY;BYDAY=-1FR"},
      {.name = "--from", .value = "TIME", .help = "the rule's first time on the wall, 2026-01-30T18:00"},
      {.name = "--duration", .value = "LENGTH", .help = "2d12h: days of the calendar, hours of the clock"},
      {.name = "--ics", .value = "FILE", .help = "an iCalendar file beside the configuration"},
      {.name = "--timezone", .value = "ZONE", .help = "Europe/Berlin; by default UTC"},
      {.name = "--reason", .value = "TEXT", .help = "why; each refusal says it"},
      {.name = "--env", .value = "NAME", .help = "which environment; by default all", .repeated = true}};
  command.positionals = {{"NAME", "what refusals call it"}};
  command.run = run_add;
  return command;
}

}  // namespace

cli::Command freeze_command() {
  cli::Command list{.name = "list", .summary = "List freezes: when, where, and what they do now"};
  list.options = policy_options();
  list.run = run_list;
  cli::Command test{.name = "test", .summary = "Ask whether a time is frozen; exit code 1 where it is"};
  test.options = policy_options();
  test.options.push_back(
      {.name = "--at", .value = "TIME", .help = "2026-12-24T10:00:00Z, 2026-12-24, +7d; by default now"});
  test.options.push_back({.name = "--env",
                          .value = "NAME",
                          .help = "production, or production/api; by default the policy's, else all"});
  test.run = run_test;
  cli::Command command;
  command.name = "freeze";
  command.summary = "List, add and test times in which nothing departs";
  command.details =
      "Freezes are read from the last release, as the rest of the policy: what the candidate adds judges "
      "from its own release on. A configuration that cannot be read is exit code 2, never \"not frozen\".";
  command.commands = {std::move(list), add_command(), std::move(test)};
  return command;
}

}  // namespace signalbox::train::schedule
