#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/boarding/command_desk.hpp"
#include "instruments/train/boarding/commands.hpp"
#include "instruments/train/boarding/simulation.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kMaxSimulated = 500;  // passengers

// Everything that a simulation looks at.
struct Stage {
  const Train* train = nullptr;
  Plan plan;
  std::vector<Rider> riders;
  std::set<std::string> passengers;  // on the train, and in what departs
  std::optional<RevertTrial> trial;
};

// What changes where some passengers stay behind.
struct Dropped {
  std::vector<std::string> ids;
  std::string version;
  std::size_t notes_lost = 0;
  double score = 0;
  std::vector<std::string> dependents;
  RevertOutcome revert;
};

Result<Stage> set_stage(const cli::Arguments& arguments, cli::Context& context, const Desk& desk) {
  Stage out;
  SIGNALBOX_TRY(out.train, desk.train(arguments.positional(0)));
  SIGNALBOX_TRY(out.plan, read_train_plan(context.workspace, desk, *out.train));
  ChangeFinder finder(desk.repository, out.plan.history);
  SIGNALBOX_TRY(const std::vector<Change> changes, finder.all());
  out.riders = riders_of(changes);
  for (const Seat& seat : out.train->seats) {
    const bool departs = std::any_of(out.riders.begin(), out.riders.end(),
                                     [&](const Rider& rider) { return rider.id == seat.record.id; });
    if (is_on_train(seat.state) && departs) out.passengers.insert(seat.record.id);
  }
  if (out.passengers.size() > kMaxSimulated)
    return fail(ErrorKind::bad_input, fmt::format("more than {} passengers to try", kMaxSimulated));
  SIGNALBOX_TRY(RevertTrial trial, RevertTrial::open(desk.repository, out.plan.history.head));
  out.trial.emplace(std::move(trial));
  return out;
}

Result<Dropped> drop(const Stage& stage, const std::vector<std::string>& ids) {
  Dropped out;
  out.ids = ids;
  std::set<std::string> commits;
  std::vector<std::string> reverts;
  for (const Rider& rider : stage.riders) {
    if (std::find(ids.begin(), ids.end(), rider.id) == ids.end()) continue;
    commits.insert(rider.commits.begin(), rider.commits.end());
    reverts.insert(reverts.end(), rider.applied.begin(), rider.applied.end());
    for (const std::string& id : dependents_of(stage.riders, rider.id)) {
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) out.dependents.push_back(id);
    }
  }
  const Plan without = plan_without(stage.plan, commits);
  out.version = without.next.tag;
  out.notes_lost = stage.plan.manifest.aboard() - without.manifest.aboard();
  out.score = train_score(*stage.train, {ids.begin(), ids.end()});
  SIGNALBOX_TRY(out.revert, stage.trial->revert(reverts));
  return out;
}

std::string revert_text(const RevertOutcome& revert) {
  if (revert.is_clean()) return "clean";
  std::string text = "conflicts in " + printable(revert.paths.empty() ? "?" : revert.paths.front());
  if (revert.paths.size() > 1) text += fmt::format(" and {} more", revert.paths.size() - 1);
  return text;
}

std::string few(const std::vector<std::string>& ids) {
  constexpr std::size_t kShown = 3;
  std::vector<std::string> shown(ids.begin(),
                                 ids.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, ids.size())));
  return join(shown, ", ") + (ids.size() > kShown ? fmt::format(" +{}", ids.size() - kShown) : "");
}

Json texts(const std::vector<std::string>& values) {
  Json out = Json::array();
  for (const std::string& value : values) out.push_back(value);
  return out;
}

Json dropped_json(const Dropped& dropped) {
  return Json::object({{"dropped", texts(dropped.ids)},
                       {"next_tag", dropped.version},
                       {"notes_lost", dropped.notes_lost},
                       {"score", dropped.score},
                       {"dependents", texts(dropped.dependents)},
                       {"revert_clean", dropped.revert.is_clean()},
                       {"conflict_at", dropped.revert.conflict_at},
                       {"conflict_paths", texts(dropped.revert.paths)}});
}

std::vector<Cell> row_of(const Stage& stage, const Dropped& dropped) {
  const bool changes = dropped.version != stage.plan.next.tag;
  return {join(dropped.ids, ", "),
          {dropped.version, changes ? Tone::caution : Tone::plain},
          fmt::format("-{}", dropped.notes_lost),
          fmt::format("{:.1f}", dropped.score),
          few(dropped.dependents),
          {revert_text(dropped.revert), dropped.revert.is_clean() ? Tone::good : Tone::bad}};
}

Table dropped_table() {
  Table table;
  table.title = "Without each of them";
  table.columns = {{"passenger"},
                   {"version"},
                   {"notes", Column::Align::right},
                   {"score", Column::Align::right},
                   {"later on the same files"},
                   {"its revert"}};
  return table;
}

Status check_named(const Stage& stage, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    if (stage.passengers.count(id) > 0) continue;
    const auto near = nearest(id, {stage.passengers.begin(), stage.passengers.end()});
    return fail(ErrorKind::not_found, fmt::format("{} is not on {}", printable(id), stage.train->id),
                near ? fmt::format("did you mean {}?", *near)
                     : fmt::format("signalbox train show {}", stage.train->id));
  }
  return {};
}

// The whole answer to "these cannot go: who can?".
Status add_subset(const Stage& stage, const std::vector<std::string>& failing, Report& report) {
  SIGNALBOX_TRY(const SafeSubset subset, largest_safe_subset(stage.riders, stage.passengers, failing,
                                                             [&](const std::vector<std::string>& commits) {
                                                               return stage.trial->revert(commits);
                                                             }));
  const bool possible = subset.stuck_at.empty();
  report.verdict = possible ? Verdict::pass : Verdict::fail;
  report.summary =
      possible ? fmt::format("{} of {} can leave without {}", subset.leaves.size(), stage.passengers.size(),
                             join(subset.stays, ", "))
               : fmt::format("{} cannot be taken back cleanly: {} conflicts in {}", join(failing, ", "),
                             subset.stuck_at.substr(0, 12), printable(join(subset.paths, ", ")));
  if (!possible) {
    report.findings.push_back({"train/revert-conflicts", Severity::error, report.summary, std::nullopt,
                               "revert it by hand, or turn it off by its flag"});
  } else if (!subset.is_smallest) {
    report.findings.push_back(
        {"train/search-cut-short", Severity::note,
         fmt::format("after {} trials the search was cut short: more may be able to leave", subset.trials),
         std::nullopt, ""});
  }
  SIGNALBOX_TRY(const Dropped dropped, drop(stage, subset.stays));
  Table table = dropped_table();
  table.title = "Without all of them";
  table.rows.push_back(row_of(stage, dropped));
  report.tables.push_back(std::move(table));
  for (const std::string& id : subset.stays)
    report.next.push_back(
        fmt::format("signalbox train bump {} --train {} --reason TEXT", id, stage.train->id));
  report.data.set("stays", texts(subset.stays));
  report.data.set("leaves", texts(subset.leaves));
  report.data.set("is_possible", possible);
  report.data.set("is_smallest", subset.is_smallest);
  report.data.set("trials", subset.trials);
  report.data.set("result", dropped_json(dropped));
  return {};
}

Result<cli::Outcome> run_simulate(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const OpenDesk opened, desk_for_reading(arguments, context));
  SIGNALBOX_TRY(const Stage stage, set_stage(arguments, context, opened.desk));
  const std::vector<std::string> failing = arguments.all("--fail");
  SIGNALBOX_CHECK(check_named(stage, failing));
  Report report;
  report.instrument = "train";
  report.title = fmt::format("What {} would be without", stage.train->id);
  report.facts = {{"as it is",
                   fmt::format("{}, {} notes, score {:.1f}", stage.plan.next.tag,
                               stage.plan.manifest.aboard(), train_score(*stage.train, {})),
                   ""}};
  report.data = Json::object({{"train", stage.train->id},
                              {"next_tag", stage.plan.next.tag},
                              {"score", train_score(*stage.train, {})}});
  if (!failing.empty()) {
    SIGNALBOX_CHECK(add_subset(stage, failing, report));
    return cli::Outcome(std::move(report));
  }
  Table table = dropped_table();
  Json list = Json::array();
  std::size_t done = 0;
  for (const std::string& id : stage.passengers) {
    context.progress.update(done++, stage.passengers.size(), "passengers");
    SIGNALBOX_TRY(const Dropped dropped, drop(stage, {id}));
    table.rows.push_back(row_of(stage, dropped));
    list.push_back(dropped_json(dropped));
  }
  report.summary = counted(stage.passengers.size(), "passenger") + ", each left out once";
  if (!table.rows.empty()) report.tables.push_back(std::move(table));
  report.data.set("passengers", std::move(list));
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command simulate_command() {
  cli::Command command;
  command.name = "simulate";
  command.summary = "Show what a train would be without each passenger, or who can leave where some cannot";
  command.details =
      "Each revert is tried with git's own merge, in a repository that is thrown away. With --fail, what has "
      "to stay behind is as little as makes the reverts clean: the rest is the largest safe subset.";
  command.positionals = {{"TRAIN", "by default the one that leaves next", cli::Positional::Count::optional}};
  command.options = {
      {.name = "--fail", .value = "PASSENGER", .help = "it cannot go; who can?", .repeated = true}};
  for (cli::Option& option : desk_options()) command.options.push_back(std::move(option));
  command.run = run_simulate;
  return command;
}

}  // namespace signalbox::train
