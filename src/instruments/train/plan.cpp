#include "instruments/train/plan.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

struct TypeSection {
  std::string_view type;
  Section::Kind kind;
};
constexpr std::array<TypeSection, 16> kTypeSections = {{{"feat", Section::Kind::features},
                                                        {"feature", Section::Kind::features},
                                                        {"fix", Section::Kind::fixes},
                                                        {"bugfix", Section::Kind::fixes},
                                                        {"hotfix", Section::Kind::fixes},
                                                        {"perf", Section::Kind::performance},
                                                        {"security", Section::Kind::security},
                                                        {"sec", Section::Kind::security},
                                                        {"revert", Section::Kind::reverts},
                                                        {"doc", Section::Kind::documentation},
                                                        {"docs", Section::Kind::documentation},
                                                        {"refactor", Section::Kind::refactoring},
                                                        {"chore", Section::Kind::other},
                                                        {"build", Section::Kind::other},
                                                        {"ci", Section::Kind::other},
                                                        {"deps", Section::Kind::other}}};

// Types that tools and presets name beside those, none of which asks for a release.
constexpr std::array<std::string_view, 18> kQuietTypes = {
    "style",       "test",        "tests",   "release",  "wip",      "types",
    "dx",          "workflow",    "example", "update",   "examples", "upgrade",
    "improvement", "enhancement", "config",  "internal", "bench",    "i18n"};

void tell(ReadCommit&& commit, Passenger& out) {
  const ParsedCommit& parsed = commit.parsed;
  out.id = std::move(commit.id);
  out.type = parsed.type;
  out.scope = parsed.scope;
  out.subject = parsed.subject;
  out.author = parsed.author;
  out.time_s = parsed.author_time_s;
  out.breaking = parsed.breaking;
  out.breaking_note = parsed.breaking_note;
  out.conventional = parsed.kind == MessageKind::conventional;
  if (!parsed.lists.empty()) {
    const std::vector<std::string_view> parts = parsed.parts();
    out.parts.assign(parts.begin(), parts.end());
  }
  out.pull_request = parsed.pull_request;
}

// Finds commits by full id or by the beginning of one.
class Ids {
 public:
  explicit Ids(const std::vector<ReadCommit>& commits) {
    ids_.reserve(commits.size());
    for (std::size_t i = 0; i < commits.size(); ++i) ids_.emplace_back(commits[i].id, i);
    std::sort(ids_.begin(), ids_.end());
  }
  std::optional<std::size_t> find(std::string_view beginning) const {
    const auto at = std::lower_bound(ids_.begin(), ids_.end(), beginning,
                                     [](const auto& entry, std::string_view b) { return entry.first < b; });
    if (at == ids_.end() || !at->first.starts_with(beginning)) return std::nullopt;
    const auto after = std::next(at);
    if (after != ids_.end() && after->first.starts_with(beginning)) return std::nullopt;
    return at->second;
  }

 private:
  std::vector<std::pair<std::string_view, std::size_t>> ids_;
};

bool is_revert(const ParsedCommit& commit) {
  if (commit.lists.empty() || commit.reverts().empty()) return false;
  return commit.kind == MessageKind::revert ||
         (commit.kind == MessageKind::conventional && commit.type == "revert");
}

// A commit and its revert take each other away, from the newest revert to the oldest: a revert that was
// itself reverted cancels nothing.
std::vector<bool> cancelled(const std::vector<ReadCommit>& commits) {
  std::vector<bool> out(commits.size(), false);
  std::optional<Ids> ids;
  for (std::size_t i = 0; i < commits.size(); ++i) {
    if (out[i] || !is_revert(commits[i].parsed)) continue;
    if (!ids) ids.emplace(commits);
    const std::vector<std::string_view> reverts = commits[i].parsed.reverts();
    std::vector<std::size_t> targets;
    for (const std::string_view id : reverts) {
      const auto target = ids->find(id);
      if (target && *target > i && !out[*target]) targets.push_back(*target);
    }
    for (const std::size_t target : targets) out[target] = true;
    out[i] = !targets.empty() && targets.size() == reverts.size();
  }
  return out;
}

std::optional<Exclusion> exclusion_of(const ReadCommit& commit, bool is_cancelled, const Settings& settings,
                                      const PackageScope& scope) {
  const ParsedCommit& parsed = commit.parsed;
  if (!scope.has(commit.id)) return Exclusion::elsewhere;
  if (is_cancelled) return Exclusion::cancelled;
  if (parsed.kind == MessageKind::merge || (commit.parents > 1 && parsed.kind == MessageKind::other))
    return Exclusion::merge;
  if (parsed.kind == MessageKind::fixup) return Exclusion::fixup;
  if (parsed.breaking) return std::nullopt;
  if (parsed.names_version) return Exclusion::release;
  if (parsed.kind == MessageKind::conventional && contains(settings.routine_types, parsed.type)) {
    const bool parts_speak = settings.squashed == Settings::Squashed::version && !parsed.parts().empty();
    if (!parts_speak) return Exclusion::routine;
  }
  return std::nullopt;
}

Section::Kind kind_of(const ParsedCommit& commit) {
  if (commit.breaking) return Section::Kind::breaking;
  if (commit.kind == MessageKind::revert) return Section::Kind::reverts;
  if (commit.kind != MessageKind::conventional) return Section::Kind::unclassified;
  return section_of(commit.type);
}

}  // namespace

Section::Kind section_of(std::string_view type) {
  const auto* found = std::find_if(kTypeSections.begin(), kTypeSections.end(),
                                   [&](const TypeSection& known) { return known.type == type; });
  return found == kTypeSections.end() ? Section::Kind::other : found->kind;
}

bool is_known_type(std::string_view type) {
  const auto is_it = [&](const TypeSection& known) { return known.type == type; };
  return std::any_of(kTypeSections.begin(), kTypeSections.end(), is_it) ||
         std::find(kQuietTypes.begin(), kQuietTypes.end(), type) != kQuietTypes.end();
}

std::string_view title_of(Section::Kind kind) {
  constexpr std::array<std::string_view, kSectionKinds> titles = {
      "Breaking changes", "Features",      "Fixes",       "Performance", "Security",
      "Reverts",          "Documentation", "Refactoring", "Other",       "Unclassified"};
  return titles[static_cast<std::size_t>(kind)];
}

std::string_view name_of(Exclusion rule) {
  constexpr std::array<std::string_view, kExclusions.size()> names = {"elsewhere", "merge",   "fixup",
                                                                      "cancelled", "release", "routine"};
  return names[static_cast<std::size_t>(rule)];
}

std::string_view explain(Exclusion rule) {
  constexpr std::array<std::string_view, kExclusions.size()> texts = {
      "commits that touch nothing of the package",
      "merges; what they merge is counted itself",
      "fixup! and squash!, meant to be folded into another",
      "commits reverted in the same range, and their reverts",
      "commits that only name a version",
      "of a routine type (build, chore, ci, style, test)"};
  return texts[static_cast<std::size_t>(rule)];
}

std::uint64_t Manifest::aboard() const {
  std::uint64_t count = 0;
  for (const Section& section : sections) count += section.passengers.size();
  return count;
}

std::uint64_t Manifest::unclassified() const {
  for (const Section& section : sections) {
    if (section.kind == Section::Kind::unclassified) return section.passengers.size();
  }
  return 0;
}

std::string Manifest::proof() const {
  return fmt::format("{} {} {} in sections + {} unclassified + {} excluded by rule", counted(total, "commit"),
                     is_complete() ? "=" : "≠", aboard() - unclassified(), unclassified(), excluded.size());
}

Manifest make_manifest(std::vector<ReadCommit> commits, std::uint64_t total, const Settings& settings,
                       const PackageScope& scope) {
  const std::vector<bool> is_cancelled = cancelled(commits);
  std::vector<std::optional<Exclusion>> rules(commits.size());
  std::array<std::size_t, kSectionKinds> sizes{};
  for (std::size_t i = 0; i < commits.size(); ++i) {
    rules[i] = exclusion_of(commits[i], is_cancelled[i], settings, scope);
    if (!rules[i]) ++sizes[static_cast<std::size_t>(kind_of(commits[i].parsed))];
  }
  std::array<Section, kSectionKinds> sections;
  for (std::size_t kind = 0; kind < sections.size(); ++kind) sections[kind].passengers.reserve(sizes[kind]);
  Manifest manifest;
  manifest.total = total;
  manifest.excluded.reserve(commits.size() - std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}));
  for (std::size_t i = 0; i < commits.size(); ++i) {
    if (rules[i]) {
      manifest.excluded.push_back({*rules[i], {}});
      tell(std::move(commits[i]), manifest.excluded.back().commit);
    } else {
      const auto kind = static_cast<std::size_t>(kind_of(commits[i].parsed));
      tell(std::move(commits[i]), sections[kind].passengers.emplace_back());
    }
  }
  for (std::size_t kind = 0; kind < sections.size(); ++kind) {
    sections[kind].kind = static_cast<Section::Kind>(kind);
    if (!sections[kind].passengers.empty()) manifest.sections.push_back(std::move(sections[kind]));
  }
  return manifest;
}

Manifest make_manifest(const std::vector<git::Commit>& commits, std::uint64_t total, const Settings& settings,
                       const PackageScope& scope) {
  std::string texts;
  std::vector<std::size_t> ends;
  for (const git::Commit& commit : commits) {
    write_parsed(commit.message, commit.author.name, commit.author_time_s, texts);
    ends.push_back(texts.size());
  }
  std::vector<ReadCommit> read;
  read.reserve(commits.size());
  for (std::size_t i = 0; i < commits.size(); ++i) {
    const std::size_t start = i == 0 ? 0 : ends[i - 1];
    read.push_back({commits[i].id, commits[i].parents.size(),
                    read_parsed(std::string_view(texts).substr(start, ends[i] - start))});
  }
  return make_manifest(std::move(read), total, settings, scope);
}

}  // namespace signalbox::train
