#include "instruments/train/plan_report.hpp"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

std::string last_release_text(const History& history) {
  if (!history.base) return "none yet";
  std::string text = fmt::format("{} at {}", history.base->tag, history.base->commit.substr(0, 7));
  if (!history.base_twins.empty()) text += fmt::format(" (also tagged {})", join(history.base_twins, ", "));
  return text;
}

std::string summary_of(const Plan& plan) {
  const Manifest& manifest = plan.manifest;
  if (!manifest.is_complete()) return "commits are lost: " + manifest.proof();
  const std::string since =
      plan.history.base ? fmt::format("since {}", plan.history.base->tag) : std::string("and no release yet");
  if (manifest.total == 0) return fmt::format("nothing to release: no commit {}", since);
  if (plan.next.bump == Bump::none && plan.history.base)
    return fmt::format("{} {}, none of which asks for a release", counted(manifest.total, "commit"), since);
  return fmt::format("{} {}: next is {}", counted(manifest.total, "commit"), since, plan.next.tag);
}

// Most passengers first, then by name.
std::vector<std::pair<std::string, std::uint64_t>> authors_of(const Manifest& manifest) {
  std::map<std::string, std::uint64_t> counts;
  for (const Section& section : manifest.sections) {
    for (const Passenger& passenger : section.passengers) ++counts[passenger.author];
  }
  std::vector<std::pair<std::string, std::uint64_t>> out(counts.begin(), counts.end());
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return out;
}

std::string authors_text(const Manifest& manifest) {
  constexpr std::size_t shown = 4;
  const auto authors = authors_of(manifest);
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(shown, authors.size()); ++i)
    parts.push_back(fmt::format("{} ({})", authors[i].first, authors[i].second));
  std::string text = join(parts, ", ");
  if (authors.size() > shown) text += fmt::format(" and {} more", authors.size() - shown);
  return text;
}

Table section_table(const Section& section, std::size_t max_rows) {
  Table table;
  table.title = fmt::format("{} ({})", title_of(section.kind), section.passengers.size());
  const bool scoped = std::any_of(section.passengers.begin(), section.passengers.end(),
                                  [](const Passenger& passenger) { return !passenger.scope.empty(); });
  table.columns = {{"commit"}};
  if (scoped) table.columns.push_back({"scope"});
  table.columns.push_back({"change"});
  table.columns.push_back({"author"});
  const Tone tone = section.kind == Section::Kind::breaking       ? Tone::bad
                    : section.kind == Section::Kind::unclassified ? Tone::caution
                                                                  : Tone::plain;
  for (std::size_t i = 0; i < std::min(max_rows, section.passengers.size()); ++i) {
    const Passenger& passenger = section.passengers[i];
    std::vector<Cell> row = {{std::string(passenger.short_id()), Tone::quiet}};
    if (scoped) row.emplace_back(passenger.scope);
    row.emplace_back(passenger.subject, tone);
    row.emplace_back(passenger.author, Tone::quiet);
    table.rows.push_back(std::move(row));
  }
  if (section.passengers.size() > max_rows) {
    std::vector<Cell> row(table.columns.size());
    row[scoped ? 2 : 1] =
        Cell(fmt::format("… and {} more: signalbox train notes", section.passengers.size() - max_rows),
             Tone::quiet);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table exclusions_table(const Manifest& manifest) {
  Table table;
  table.title = fmt::format("Excluded ({})", manifest.excluded.size());
  table.columns = {{"rule"}, {"commits", Column::Align::right}, {"because they are"}};
  for (const Exclusion rule : kExclusions) {
    const auto count = std::count_if(manifest.excluded.begin(), manifest.excluded.end(),
                                     [&](const Excluded& excluded) { return excluded.rule == rule; });
    if (count > 0)
      table.rows.push_back(
          {{std::string(name_of(rule))}, {std::to_string(count)}, {std::string(explain(rule)), Tone::quiet}});
  }
  return table;
}

Json data_of(const Plan& plan) {
  Json excluded = Json::array();
  for (const Excluded& item : plan.manifest.excluded) {
    Json commit = to_json(item.commit);
    commit.set("rule", name_of(item.rule));
    excluded.push_back(std::move(commit));
  }
  Json last;
  if (plan.history.base)
    last = Json::object({{"tag", plan.history.base->tag}, {"commit", plan.history.base->commit}});
  return Json::object({{"last_release", std::move(last)},
                       {"next_version", plan.next.version.text()},
                       {"next_tag", plan.next.tag},
                       {"bump", name_of(plan.next.bump)},
                       {"reason", plan.next.reason},
                       {"by_wording", plan.next.by_wording},
                       {"package", plan.history.series.package},
                       {"head", plan.history.head},
                       {"commits", commits_json(plan.manifest)},
                       {"proved", plan.manifest.is_complete()},
                       {"sections", sections_json(plan.manifest)},
                       {"excluded", std::move(excluded)},
                       {"notes_markdown", write_notes(notes_of(plan), NotesForm::plain)}});
}

}  // namespace

ReleaseNotes notes_of(const Plan& plan) {
  ReleaseNotes notes;
  const bool has_version = plan.next.bump != Bump::none || !plan.history.base;
  notes.version = has_version ? plan.next.version.text() : "Unreleased";
  notes.tag = has_version ? plan.next.tag : "";
  notes.previous_tag = plan.history.base ? plan.history.base->tag : "";
  notes.time_s = has_version ? plan.history.head_time_s : 0;
  notes.manifest = plan.manifest;
  return notes;
}

std::vector<Finding> findings_of(const std::vector<Remark>& remarks) {
  std::vector<Finding> out;
  for (const Remark& remark : remarks)
    out.push_back({remark.rule, remark.severity, remark.message, std::nullopt, remark.remedy});
  return out;
}

Report plan_report(const Plan& plan, std::size_t max_rows) {
  const Manifest& manifest = plan.manifest;
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Plan for {} at {}", plan.name, plan.history.head.substr(0, 7));
  report.summary = summary_of(plan);
  report.verdict = manifest.is_complete() ? Verdict::none : Verdict::fail;
  report.facts = {
      {"last release", last_release_text(plan.history), ""},
      {"next version", fmt::format("{} ({})", plan.next.version.text(), plan.next.reason), ""},
      {"lost commits", fmt::format("{}: {}", manifest.is_complete() ? "0" : "some", manifest.proof()), ""}};
  if (manifest.aboard() > 0) report.facts.push_back({"authors", authors_text(manifest), ""});
  report.findings = findings_of(plan.history.remarks);
  for (Finding& finding : findings_of(plan.next.remarks)) report.findings.push_back(std::move(finding));
  for (const Section& section : manifest.sections) report.tables.push_back(section_table(section, max_rows));
  if (!manifest.excluded.empty()) report.tables.push_back(exclusions_table(manifest));
  if (manifest.total > 0) report.next = {"signalbox train check", "signalbox train notes"};
  report.data = data_of(plan);
  return report;
}

}  // namespace signalbox::train
