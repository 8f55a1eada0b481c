#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/boarding/change.hpp"
#include "instruments/train/boarding/command_desk.hpp"
#include "instruments/train/boarding/commands.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kShownRows = 40;
constexpr std::size_t kTitleColumns = 48;

// A change that waits, with what is known of it.
struct Triaged {
  Change change;
  Estimate estimate;
  std::string where;    // "2026-12: slotted"; empty: on no train
  std::string lacks;    // in words
  std::string command;  // that supplies it
};

std::set<std::string> told_commits(const Manifest& manifest) {
  std::set<std::string> out;
  for (const Section& section : manifest.sections) {
    for (const Passenger& passenger : section.passengers) out.insert(passenger.id);
  }
  return out;
}

void place(Triaged& candidate, const std::vector<Train>& trains) {
  for (const Train& train : trains) {
    const Seat* const seat = train.find(candidate.change.id);
    if (seat == nullptr || train.phase == Phase::cancelled) continue;
    candidate.where = fmt::format("{}: {}", train.id, name_of(seat->state));
    if (seat->state == SeatState::bumped) continue;
    candidate.lacks.clear();
    candidate.command = fmt::format("signalbox train show {}", train.id);
    return;
  }
}

Result<std::vector<Triaged>> candidates_of(cli::Context& context, const Desk& desk, const Plan& plan) {
  context.progress.update(plan.history.commits.size(), plan.history.commits.size(), "commits");
  ChangeFinder finder(desk.repository, plan.history);
  SIGNALBOX_TRY(std::vector<Change> changes, finder.all());
  const std::set<std::string> told = told_commits(plan.manifest);
  std::vector<Triaged> out;
  for (Change& change : changes) {
    const bool is_told = std::any_of(change.commits.begin(), change.commits.end(),
                                     [&](const std::string& id) { return told.count(id) > 0; });
    if (!is_told) continue;
    Triaged candidate;
    candidate.estimate = estimate_risk(change.facts, desk.rules().paths);
    candidate.lacks = "owner, risk, rollback plan, answers";
    candidate.command = fmt::format("signalbox train board {} --owner {} --risk {} --rollback FILE",
                                    change.id, change.author.empty() ? "NAME" : shell_word(change.author),
                                    name_of(candidate.estimate.risk));
    candidate.change = std::move(change);
    place(candidate, desk.trains);
    out.push_back(std::move(candidate));
  }
  return out;
}

Json candidate_json(const Triaged& candidate) {
  return Json::object({{"change", candidate.change.id},
                       {"title", candidate.change.title},
                       {"author", candidate.change.author},
                       {"commits", candidate.change.commits.size()},
                       {"estimate", to_json(candidate.estimate)},
                       {"train", candidate.where},
                       {"lacks", candidate.lacks},
                       {"command", candidate.command}});
}

Report triage_report(const std::vector<Triaged>& candidates, const Plan& plan, std::size_t max_rows) {
  Report report;
  report.instrument = "train";
  report.title =
      fmt::format("Candidates since {}", plan.history.base ? plan.history.base->tag : "the beginning");
  Table table;
  table.columns = {{"change"}, {"what"}, {"author"}, {"looks"}, {"on a train"}, {"lacks"}};
  Json list = Json::array();
  std::size_t waiting = 0;
  for (const Triaged& candidate : candidates) {
    list.push_back(candidate_json(candidate));
    if (!candidate.lacks.empty()) ++waiting;
    if (table.rows.size() >= max_rows) continue;
    const Tone tone = candidate.estimate.risk == Risk::high     ? Tone::bad
                      : candidate.estimate.risk == Risk::medium ? Tone::caution
                                                                : Tone::plain;
    table.rows.push_back({candidate.change.id,
                          cut_to_width(candidate.change.title, kTitleColumns),
                          candidate.change.author,
                          {std::string(name_of(candidate.estimate.risk)), tone},
                          candidate.where,
                          candidate.lacks});
  }
  report.summary =
      fmt::format("{} candidates, {} on no train; {}", candidates.size(), waiting, plan.manifest.proof());
  if (candidates.size() > table.rows.size())
    report.facts.push_back(
        {"shown", fmt::format("{} of {}; --json has all", table.rows.size(), candidates.size()), ""});
  if (!table.rows.empty()) report.tables.push_back(std::move(table));
  for (const Triaged& candidate : candidates) {
    if (!candidate.lacks.empty() && report.next.size() < 3) report.next.push_back(candidate.command);
  }
  report.data = Json::object({{"candidates", std::move(list)}, {"waiting", waiting}});
  return report;
}

// "A..B" is what B has and A has not; a single revision is what it has since the last release.
Result<PlanQuery> range_of(const std::string& text, const Desk& desk) {
  PlanQuery query;
  query.package = desk.query.package;
  query.settings = desk.policy.settings;
  query.shallow = desk.query.shallow;
  query.head = desk.head;
  if (text.empty()) return query;
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) {
    query.head = text;
    return query;
  }
  query.base = text.substr(0, dots);
  const std::string to = text.substr(dots + 2);
  if (query.base->empty() || to.starts_with('.'))
    return fail(ErrorKind::bad_input, fmt::format("{} is no range", printable(text)), "v1.2.0..HEAD");
  query.head = to.empty() ? desk.head : to;
  return query;
}

Result<cli::Outcome> run_triage(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const OpenDesk opened, desk_for_reading(arguments, context));
  SIGNALBOX_TRY(const PlanQuery query, range_of(arguments.positional(0).value_or(""), opened.desk));
  SIGNALBOX_TRY(const Plan plan, read_plan(context.workspace, query));
  SIGNALBOX_TRY(const std::vector<Triaged> candidates, candidates_of(context, opened.desk, plan));
  return cli::Outcome(
      triage_report(candidates, plan, context.format == Format::text ? kShownRows : SIZE_MAX));
}

}  // namespace

cli::Command triage_command() {
  cli::Command command;
  command.name = "triage";
  command.summary = "List candidates from the history, what each lacks, and the command that supplies it";
  command.details =
      "A candidate is a merge with what it merges, the commits of one pull request, or a commit; what the "
      "rules exclude from the notes is none.";
  command.positionals = {
      {"RANGE", "v1.2.0..HEAD; by default since the last release", cli::Positional::Count::optional}};
  command.options = desk_options();
  command.run = run_triage;
  return command;
}

}  // namespace signalbox::train
