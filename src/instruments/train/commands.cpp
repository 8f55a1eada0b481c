#include "instruments/train/commands.hpp"

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/train/lint.hpp"
#include "instruments/train/plan_report.hpp"
#include "instruments/train/policy.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kShownRows = 25;  // of a section, on a terminal
constexpr std::size_t kMaxMessageBytes = std::size_t{8} << 20;
constexpr std::size_t kShownFindings = 200;

Result<cli::Outcome> run_plan(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Plan plan, read_plan(arguments, context));
  return cli::Outcome(plan_report(plan, context.format == Format::text ? kShownRows : SIZE_MAX));
}

Result<cli::Outcome> run_version(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Plan plan, read_plan(arguments, context));
  const NextVersion& next = plan.next;
  context.say(fmt::format("{}: {}", name_of(next.bump), next.reason));
  for (const Remark& remark : next.remarks) context.say("note: " + remark.message);
  const Verdict verdict = plan.manifest.is_complete() ? Verdict::none : Verdict::fail;
  if (verdict == Verdict::fail) context.say("error: commits are lost: " + plan.manifest.proof());
  const std::string name = arguments.has("--tag") ? next.tag : next.version.text();
  if (arguments.get("--format") != "json") return cli::Outcome(cli::Artifact{name + "\n", verdict});
  const Json last = plan.history.base ? Json(plan.history.base->tag) : Json();
  const Json out = Json::object({{"version", next.version.text()},
                                 {"tag", next.tag},
                                 {"bump", name_of(next.bump)},
                                 {"reason", next.reason},
                                 {"by_wording", next.by_wording},
                                 {"last_release", last},
                                 {"commits", commits_json(plan.manifest)}});
  return cli::Outcome(cli::Artifact{out.pretty() + "\n", verdict});
}

// The conventions that --commit-msg and a range are judged by, as a report.
Report lint_report(std::vector<Finding> findings, std::uint64_t messages, const std::string& what) {
  Report report;
  report.instrument = "train";
  report.title = "Commit messages of " + what;
  std::uint64_t errors = 0;
  for (const Finding& finding : findings) errors += finding.severity == Severity::error ? 1 : 0;
  report.verdict = errors > 0 ? Verdict::fail : findings.empty() ? Verdict::pass : Verdict::warn;
  report.summary = errors == 0 ? fmt::format("{} of {} follow Conventional Commits, or git's own forms",
                                             messages, messages)
                               : fmt::format("{} of {} {} not a Conventional Commit", errors, messages,
                                             errors == 1 ? "is" : "are");
  report.data = Json::object({{"messages", messages}, {"unclassified", errors}});
  report.findings = std::move(findings);
  return report;
}

Result<cli::Outcome> lint_file(const std::string& file, const Settings& settings) {
  SIGNALBOX_TRY(const std::string octets, read_file(file == "-" ? "/dev/stdin" : file, kMaxMessageBytes));
  return cli::Outcome(lint_report(lint_message(without_comments(octets), file, settings), 1, file));
}

Result<cli::Outcome> lint_range(const cli::Arguments& arguments, cli::Context& context,
                                const Settings& settings) {
  SIGNALBOX_TRY(const git::Repository repository, open_repository(context.workspace));
  std::vector<std::string> range;
  std::string what;
  std::uint64_t total = 0;
  if (const auto given = arguments.positional(0)) {
    range = {*given};
    what = *given;
  } else {
    HistoryQuery query;
    query.package = settings.package;
    if (arguments.has("--allow-shallow")) query.shallow = HistoryQuery::Shallow::allow;
    query.on_commit_read = shown_as_progress(context);
    SIGNALBOX_TRY(const History history, read_history(repository, query));
    context.progress.finish();
    range = history.range;
    total = history.total;
    what = history.base ? "what came since " + history.base->tag : "the whole history";
  }
  std::vector<Finding> findings;
  std::uint64_t messages = 0;
  SIGNALBOX_CHECK(repository.log(range, git::Order::topological, [&](git::Commit&& commit) {
    ++messages;
    context.progress.update(messages, total, "messages");
    const bool is_merge = commit.parents.size() > 1;
    if (is_merge && parse_message(commit.message).kind == MessageKind::other) return;
    const std::string where = fmt::format("commit {}", commit.id.substr(0, 7));
    for (Finding& finding : lint_message(commit.message, where, settings))
      findings.push_back(std::move(finding));
  }));
  Report report = lint_report(std::move(findings), messages, what);
  if (context.format == Format::text && report.findings.size() > kShownFindings) {
    report.next.push_back(fmt::format("signalbox train lint{} --json   # all {} findings; {} are shown",
                                      arguments.positional(0) ? " " + *arguments.positional(0) : "",
                                      report.findings.size(), kShownFindings));
    report.findings.resize(kShownFindings);
  }
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> run_lint(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const config::Node section_node, section(context.workspace, "train"));
  SIGNALBOX_CHECK(parse_own_policy(context.workspace));
  SIGNALBOX_TRY(const Settings settings, parse_settings(section_node));
  if (const auto file = arguments.get("--commit-msg")) return lint_file(*file, settings);
  return lint_range(arguments, context, settings);
}

}  // namespace

std::vector<cli::Option> plan_options() {
  return {{.name = "--base", .value = "TAG", .help = "count from here instead of from the last release"},
          {.name = "--head", .value = "REF", .help = "the commit that would depart; by default HEAD"},
          {.name = "--package",
           .value = "NAME",
           .help = "of tags like NAME@1.2.3; by default the repository's own"},
          {.name = "--channel", .value = "NAME", .help = "stable, or a pre-release like next or rc"},
          {.name = "--allow-shallow", .help = "judge a clone that lacks history"}};
}

PlanQuery plan_query(const cli::Arguments& arguments) {
  PlanQuery query;
  query.head = arguments.get_or("--head", "HEAD");
  query.base = arguments.get("--base");
  query.package = arguments.get("--package");
  query.channel = arguments.get("--channel");
  if (arguments.has("--allow-shallow")) query.shallow = HistoryQuery::Shallow::allow;
  return query;
}

OnCommitRead shown_as_progress(cli::Context& context) {
  return [&progress = context.progress](std::uint64_t read, std::uint64_t total) {
    progress.update(read, total, "commits");
  };
}

Result<Plan> read_plan(const cli::Arguments& arguments, cli::Context& context) {
  PlanQuery query = plan_query(arguments);
  query.on_commit_read = shown_as_progress(context);
  return read_plan(context.workspace, query);
}

cli::Command plan_command() {
  cli::Command command;
  command.name = "plan";
  command.summary = "Show who is aboard: commits since the last release, the next version, notes";
  command.details =
      "Every commit since the last release is in exactly one place: a section, or excluded by a rule. The "
      "sum "
      "is compared with what git counts by itself; where they differ the exit code is 1.\n\n"
      "The last release is the highest version whose tag HEAD holds; what other tags hold has left already.";
  command.options = plan_options();
  command.run = run_plan;
  return command;
}

cli::Command version_command() {
  cli::Command command;
  command.name = "version";
  command.summary = "Print the next version, and why on standard error";
  command.options = plan_options();
  command.options.push_back({.name = "--tag", .help = "with the prefix of the series: v1.3.0"});
  command.formats = {"text", "json"};
  command.run = run_version;
  return command;
}

cli::Command lint_command() {
  cli::Command command;
  command.name = "lint";
  command.summary = "Check commit messages, and the train's configuration";
  command.details =
      "Without a range: what came since the last release. As a commit-msg hook: signalbox train lint "
      "--commit-msg \"$1\"";
  command.options = {
      {.name = "--commit-msg", .value = "FILE", .help = "a message on its way in; - is standard input"},
      {.name = "--allow-shallow", .help = "judge a clone that lacks history"}};
  command.positionals = {{"RANGE", "a revision or a range, v1.2.0..HEAD", cli::Positional::Count::optional}};
  command.run = run_lint;
  return command;
}

}  // namespace signalbox::train
