#include "instruments/train/boarding/known_answers.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

CheckAnswer not_applicable(std::string why) {
  CheckAnswer out;
  out.state = CheckState::not_applicable;
  out.text = std::move(why);
  return out;
}

CheckAnswer proved_by_fact(std::string what) {
  CheckAnswer out;
  out.state = CheckState::proved;
  out.text = std::move(what);
  return out;
}

CheckAnswer proved_by(const FoundEvidence& evidence) {
  CheckAnswer out = proved_by_fact(words_of(evidence));
  out.evidence = evidence.index;
  out.envelope = evidence.envelope;
  return out;
}

void answer_migration(const PassengerRecord& record, Checklist& out) {
  if (record.estimate.migrations > 0 || record.migration.kind != MigrationStep::Kind::none) return;
  out[CheckItem::migration_plan] = not_applicable("the diff touches no migration");
  out[CheckItem::migration_reversible] = not_applicable("the diff touches no migration");
}

void answer_flags(const PassengerRecord& record, const AnswerSources& sources, Checklist& out) {
  if (record.flags.empty()) return;
  std::vector<std::string> words;
  bool all_there = true;
  bool all_off = true;
  for (const std::string& name : record.flags) {
    const Flag* const flag = find_flag(sources.flags, name);
    const auto count = sources.references.find(name);
    all_there = all_there && flag != nullptr && count != sources.references.end() && count->second > 0;
    all_off = all_off && flag != nullptr && !flag->on_by_default;
    words.push_back(name);
  }
  if (all_off)
    out[CheckItem::feature_toggle] =
        proved_by_fact(fmt::format("off by default behind {}", join(words, ", ")));
  if (all_there)
    out[CheckItem::toggle_exists] =
        proved_by_fact(fmt::format("registered, and named by the tree: {}", join(words, ", ")));
}

bool is_told(const AnswerSources& sources, const Section& section) {
  return std::any_of(section.passengers.begin(), section.passengers.end(), [&](const Passenger& told) {
    const std::vector<std::string>& commits = sources.change.commits;
    return std::find(commits.begin(), commits.end(), told.id) != commits.end();
  });
}

void answer_notes(const AnswerSources& sources, Checklist& out) {
  for (const Section& section : sources.manifest.sections) {
    if (section.kind == Section::Kind::unclassified || !is_told(sources, section)) continue;
    out[CheckItem::notes_entry] =
        proved_by_fact(fmt::format("in the section {} of the notes", title_of(section.kind)));
    return;
  }
  std::optional<Exclusion> rule;
  for (const Excluded& excluded : sources.manifest.excluded) {
    const std::vector<std::string>& commits = sources.change.commits;
    if (std::find(commits.begin(), commits.end(), excluded.commit.id) != commits.end()) rule = excluded.rule;
  }
  const bool unclassified = std::any_of(
      sources.manifest.sections.begin(), sources.manifest.sections.end(), [&](const Section& section) {
        return section.kind == Section::Kind::unclassified && is_told(sources, section);
      });
  if (rule && !unclassified)
    out[CheckItem::notes_entry] = not_applicable(fmt::format("not for readers of notes: {}", explain(*rule)));
}

Status answer_from_log(const AnswerSources& sources, EvidenceFinder& evidence, Checklist& out) {
  SIGNALBOX_TRY(const auto tests, evidence.newest("evidence/tests/v1", sources.holders));
  if (tests && failing(*tests).empty()) {
    out[CheckItem::tests] = proved_by(*tests);
    if (sources.change.is_merged) out[CheckItem::merged_ci] = proved_by(*tests);
  }
  SIGNALBOX_TRY(const auto scan, evidence.newest("evidence/findings/v1", sources.holders));
  if (scan && failing(*scan).empty()) out[CheckItem::security_scan] = proved_by(*scan);
  return {};
}

void answer_from_rules(PassengerRecord& record, const AnswerSources& sources) {
  const std::vector<CheckItem>& asked = sources.rules.asked_of(record.risk, sources.kind);
  for (const CheckItem item : check_items()) {
    CheckAnswer& answer = record.checklist[item];
    if (answer.state != CheckState::open || std::find(asked.begin(), asked.end(), item) != asked.end())
      continue;
    answer = not_applicable(sources.kind == TrainKind::hotfix
                                ? std::string("the rules do not ask it of a hotfix")
                                : fmt::format("the rules do not ask it of a {} risk", name_of(record.risk)));
  }
  // A toggle is asked about only where a toggle is wanted.
  if (record.checklist[CheckItem::toggle_exists].state == CheckState::open &&
      record.checklist[CheckItem::feature_toggle].state == CheckState::not_applicable)
    record.checklist[CheckItem::toggle_exists] = not_applicable("no toggle is needed");
}

}  // namespace

Status answer_from_facts(PassengerRecord& record, const AnswerSources& sources, EvidenceFinder& evidence) {
  Checklist known;
  answer_migration(record, known);
  answer_flags(record, sources, known);
  answer_notes(sources, known);
  SIGNALBOX_CHECK(answer_from_log(sources, evidence, known));
  for (const CheckItem item : check_items()) {
    CheckAnswer& answer = record.checklist[item];
    if (known[item].state > answer.state) answer = known[item];
  }
  answer_from_rules(record, sources);
  return {};
}

LookedUp look_up(const Checklist& checks, const std::set<std::string>& holders,
                 const EvidenceFinder& evidence) {
  LookedUp out{checks, {}};
  for (const CheckItem item : check_items()) {
    const CheckAnswer& asked = checks[item];
    if (!asked.evidence) continue;
    const auto object = [&](const std::string& why) {
      out.objections.push_back(fmt::format("{}: {}", name_of(item), why));
      out.answers[item] = {};
    };
    const auto found = evidence.at(*asked.evidence);
    if (!found) {
      object(found.error().message);
      continue;
    }
    const bool fits = std::any_of(found->commits.begin(), found->commits.end(),
                                  [&](const std::string& id) { return holders.count(id) > 0; });
    const std::string why =
        fits ? objection_to(*found, item) : std::string("it is about no commit that holds this change");
    if (why.empty()) {
      out.answers[item] = proved_by(*found);
    } else {
      object(fmt::format("log #{}: {}", *asked.evidence, why));
    }
  }
  return out;
}

}  // namespace signalbox::train
