#include <algorithm>

#include <fmt/core.h>

#include "core/base/encoding.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"
#include "core/git/git_process.hpp"
#include "instruments/train/boarding/command_desk.hpp"
#include "instruments/train/boarding/commands.hpp"
#include "instruments/train/boarding/event_writer.hpp"
#include "instruments/train/boarding/manifest.hpp"
#include "instruments/train/boarding/train_report.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kSaltOctets = 16;

// What departed hotfixes carried and the head does not hold, by content (git cherry), or cannot tell.
Result<std::vector<Refusal>> hotfix_refusals(const Desk& desk) {
  std::vector<Refusal> out;
  for (const Train& train : desk.trains) {
    if (train.schedule->kind != TrainKind::hotfix || train.phase != Phase::departed || !train.lock) continue;
    SIGNALBOX_TRY(const ProcessResult said,
                  git::run_git(desk.repository.directory(),
                               {"cherry", desk.head, train.lock->head, train.schedule->base}));
    if (said.exit_code != 0) return fail(git::error_of_git("git cherry", said));
    for (const std::string_view line : lines(said.output)) {
      if (!line.starts_with("+ ")) continue;
      const std::string id(line.substr(2, kPassengerIdDigits));
      out.push_back(
          {"hotfix-not-carried",
           fmt::format("{} of the hotfix {} is not in what departs: it would be lost", id, train.id),
           fmt::format("git cherry-pick {}", id)});
    }
  }
  return out;
}

// The path of the changelog; empty where what departs has none.
Result<std::string> changelog_of(const cli::Context& context, const Desk& desk, const Plan& plan) {
  const std::string& path = plan.settings.changelog;
  if (path.empty()) return path;
  SIGNALBOX_TRY(const auto octets, file_at(desk.repository, context.workspace, desk.head, path));
  return octets ? path : std::string();
}

Report refused_report(const Train& train, const std::vector<Refusal>& refusals) {
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Lock of {}", train.id);
  report.verdict = Verdict::fail;
  std::vector<std::string> codes;
  for (const Refusal& refusal : refusals) {
    if (std::find(codes.begin(), codes.end(), refusal.code) == codes.end()) codes.push_back(refusal.code);
  }
  report.summary = "not locked: " + join(codes, ", ");
  report.findings = findings_of(refusals);
  return report;
}

std::vector<Finding> unboarded_findings(const ManifestSources& sources) {
  const std::vector<const Change*> unboarded = unboarded_changes(sources);
  if (unboarded.empty()) return {};
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < std::min<std::size_t>(unboarded.size(), 5); ++i)
    ids.push_back(unboarded[i]->id);
  return {{"train/unboarded", Severity::warning,
           fmt::format("{} changes leave though nobody boarded them: {}{}", unboarded.size(), join(ids, ", "),
                       unboarded.size() > ids.size() ? " …" : ""),
           std::nullopt, "signalbox train triage; unboarded: refuse makes it a rule"}};
}

Result<cli::Outcome> run_lock(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const auto exception, exception_of(arguments));
  SIGNALBOX_TRY(OpenDesk opened, desk_for_writing(arguments, context));
  const Desk& desk = opened.desk;
  SIGNALBOX_TRY(const Train* const train, desk.train(arguments.positional(0)));
  SIGNALBOX_TRY(const Plan plan, read_train_plan(context.workspace, desk, *train));
  ChangeFinder finder(desk.repository, plan.history);
  SIGNALBOX_TRY(const std::vector<Change> changes, finder.all());
  SIGNALBOX_TRY(std::string changelog, changelog_of(context, desk, plan));
  const ManifestSources sources{*train,
                                plan,
                                changes,
                                desk.book,
                                desk.flags,
                                desk.policy.digest,
                                context.clock.now(),
                                std::move(changelog),
                                exception};
  std::vector<Refusal> refusals = lock_refusals(sources);
  if (train->schedule->kind == TrainKind::regular) {
    SIGNALBOX_TRY(const std::vector<Refusal> lost, hotfix_refusals(desk));
    refusals.insert(refusals.end(), lost.begin(), lost.end());
  }
  if (!refusals.empty()) return cli::Outcome(refused_report(*train, refusals));
  std::vector<std::string> salts;
  for (std::size_t i = 0; i < train->seats.size(); ++i) salts.push_back(to_hex(random_octets(kSaltOctets)));
  const TrainManifest manifest = make_train_manifest(sources, salts);
  SIGNALBOX_TRY(Signatory signatory, signatory_of(arguments, opened));
  EventWriter writer(*opened.book, desk, *train, std::move(signatory), sources.now);
  std::vector<evidence::Subject> about = commit_subjects({desk.head}, context.workspace.name);
  about.push_back({"manifest:" + train->id, {{"sha256", manifest.digest}}});
  SIGNALBOX_TRY(const evidence::Receipt receipt,
                writer.append("manifest", manifest_predicate(manifest), std::move(about)));
  Report report = train_report(writer.train(), desk.rules(), context.clock.now());
  report.title = fmt::format("{} is locked", train->id);
  report.verdict = Verdict::pass;
  report.facts.push_back({"version", manifest.view["tag"], ""});
  report.facts.push_back({"commits", plan.manifest.proof(), ""});
  report.facts.push_back(
      {"recorded", fmt::format("log #{}, signed by {}", receipt.index, writer.signer()), ""});
  for (Finding& finding : unboarded_findings(sources)) report.findings.push_back(std::move(finding));
  report.data.set("recorded", receipt.index);
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> run_manifest(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(OpenDesk opened, desk_for_reading(arguments, context));
  SIGNALBOX_TRY(const Train* const train, opened.desk.train(arguments.positional(0)));
  if (!train->lock) {
    return fail(ErrorKind::not_found, fmt::format("{} has no manifest: its scope is not locked", train->id),
                fmt::format("signalbox train lock {}", train->id));
  }
  SIGNALBOX_TRY(const TrainEvents events,
                read_events(opened.book->ledger(), opened.desk.policy.trust, train->id));
  for (const Event& event : events.events) {
    if (event.index != train->lock->index) continue;
    SIGNALBOX_TRY(const TrainManifest manifest, read_train_manifest(event.predicate));
    if (arguments.get("--format") != "json")
      return cli::Outcome(cli::Artifact{manifest_markdown(manifest), Verdict::none});
    const Json out = arguments.has("--public") ? manifest.view : manifest_predicate(manifest);
    return cli::Outcome(cli::Artifact{out.pretty() + "\n", Verdict::none});
  }
  return fail(ErrorKind::internal, "the lock names an entry that is not there");
}

}  // namespace

cli::Command lock_command() {
  cli::Command command;
  command.name = "lock";
  command.summary = "Lock the scope: sign the manifest of who is aboard";
  command.details =
      "From the lock on, and from lock_before on even without one, a passenger comes or leaves only by an "
      "exception. Whoever is not aboard has to be bumped first; a hotfix that departed has to be in what "
      "leaves.";
  command.positionals = {{"TRAIN", "by default the one that leaves next", cli::Positional::Count::optional}};
  command.options = {exception_option(), key_option()};
  for (cli::Option& option : desk_options()) command.options.push_back(std::move(option));
  command.run = run_lock;
  return command;
}

cli::Command manifest_command() {
  cli::Command command;
  command.name = "manifest";
  command.summary = "Print the signed manifest: passengers, owners, risk notes";
  command.details =
      "The Markdown is for everybody. As JSON, --public hides notes, plans and checklists; the SHA-256 of "
      "its "
      "canonical form (RFC 8785) is the digest that was signed.";
  command.positionals = {{"TRAIN", "by default the one that leaves next", cli::Positional::Count::optional}};
  command.options = desk_options();
  command.options.push_back({.name = "--public", .help = "without what is private"});
  command.formats = {"md", "json"};
  command.run = run_manifest;
  return command;
}

}  // namespace signalbox::train
