#include "instruments/train/plan.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kMaxSubjectBytes = 1000;
constexpr std::size_t kMaxParts = 100;

// One line of valid UTF-8 without control characters.
std::string shown(std::string_view octets) {
  if (octets.size() > kMaxSubjectBytes) octets = octets.substr(0, kMaxSubjectBytes);
  std::string out = printable(octets);
  std::replace(out.begin(), out.end(), '\n', ' ');
  std::replace(out.begin(), out.end(), '\t', ' ');
  return out;
}

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

Section::Kind section_of(std::string_view type) {
  const auto* found = std::find_if(kTypeSections.begin(), kTypeSections.end(),
                                   [&](const TypeSection& known) { return known.type == type; });
  return found == kTypeSections.end() ? Section::Kind::other : found->kind;
}

// Types that tools and presets name beside those, none of which asks for a release.
constexpr std::array<std::string_view, 18> kQuietTypes = {
    "style",       "test",        "tests",   "release",  "wip",      "types",
    "dx",          "workflow",    "example", "update",   "examples", "upgrade",
    "improvement", "enhancement", "config",  "internal", "bench",    "i18n"};

std::string suggested_type(const Message& message) {
  const std::string proposal = propose_header(message);
  const std::size_t end = proposal.find_first_of("(:");
  return message.kind == MessageKind::revert ? "revert" : proposal.substr(0, end);
}

// `* feat(scope): …` lines of a squashed body.
std::vector<std::string> squashed_parts(std::string_view body) {
  std::vector<std::string> parts;
  for (std::string_view line : lines(body)) {
    line = trim(line);
    if (!line.starts_with("* ") && !line.starts_with("- ")) continue;
    line = trim(line.substr(2));
    if (line.find(": ") == std::string_view::npos) continue;
    if (parse_message(line).kind != MessageKind::conventional) continue;
    if (line.substr(0, line.find(':')).find(' ') != std::string_view::npos) continue;
    parts.push_back(shown(line));
    if (parts.size() == kMaxParts) break;
  }
  return parts.size() > 1 ? parts : std::vector<std::string>();
}

Passenger passenger_of(const git::Commit& commit, const Message& message) {
  Passenger out;
  out.id = commit.id;
  out.conventional = message.kind == MessageKind::conventional;
  out.type = out.conventional ? to_lower(message.type) : suggested_type(message);
  out.scope = shown(out.conventional ? message.scope : std::string_view());
  out.subject = shown(out.conventional ? message.description : message.header);
  if (out.subject.empty()) out.subject = "(no message)";
  out.author = shown(commit.author.name);
  out.time_s = commit.author_time_s;
  out.breaking = message.breaking;
  out.breaking_note = shown(message.breaking_note);
  out.parts = squashed_parts(message.body);
  return out;
}

// Finds commits by full id or by the beginning of one.
class Ids {
 public:
  explicit Ids(const std::vector<git::Commit>& commits) {
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

bool is_revert(const Message& message) {
  if (message.reverts.empty()) return false;
  return message.kind == MessageKind::revert ||
         (message.kind == MessageKind::conventional && to_lower(message.type) == "revert");
}

// A commit and its revert take each other away, from the newest revert to the oldest: a revert that was
// itself reverted cancels nothing.
std::vector<bool> cancelled(const std::vector<git::Commit>& commits, const std::vector<Message>& messages) {
  std::vector<bool> out(commits.size(), false);
  std::optional<Ids> ids;
  for (std::size_t i = 0; i < commits.size(); ++i) {
    if (out[i] || !is_revert(messages[i])) continue;
    if (!ids) ids.emplace(commits);
    std::vector<std::size_t> targets;
    for (const std::string_view id : messages[i].reverts) {
      const auto target = ids->find(id);
      if (target && *target > i && !out[*target]) targets.push_back(*target);
    }
    for (const std::size_t target : targets) out[target] = true;
    out[i] = !targets.empty() && targets.size() == messages[i].reverts.size();
  }
  return out;
}

std::optional<Exclusion> exclusion_of(const git::Commit& commit, const Message& message, bool is_cancelled,
                                      const Settings& settings) {
  if (is_cancelled) return Exclusion::cancelled;
  if (message.kind == MessageKind::merge || (commit.parents.size() > 1 && message.kind == MessageKind::other))
    return Exclusion::merge;
  if (message.kind == MessageKind::fixup) return Exclusion::fixup;
  if (message.breaking) return std::nullopt;
  if (names_only_a_version(message)) return Exclusion::release;
  if (message.kind == MessageKind::conventional && contains(settings.routine_types, to_lower(message.type)))
    return Exclusion::routine;
  return std::nullopt;
}

Section::Kind kind_of(const Passenger& passenger, const Message& message) {
  if (passenger.breaking) return Section::Kind::breaking;
  if (message.kind == MessageKind::revert) return Section::Kind::reverts;
  if (!passenger.conventional) return Section::Kind::unclassified;
  return section_of(passenger.type);
}

std::string plural(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

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
  constexpr std::array<std::string_view, kExclusions.size()> names = {"merge", "fixup", "cancelled",
                                                                      "release", "routine"};
  return names[static_cast<std::size_t>(rule)];
}

std::string_view explain(Exclusion rule) {
  constexpr std::array<std::string_view, kExclusions.size()> texts = {
      "merges; what they merge is counted itself", "fixup! and squash!, meant to be folded into another",
      "commits reverted in the same range, and their reverts", "commits that only name a version",
      "of a routine type (build, chore, ci, style, test)"};
  return texts[static_cast<std::size_t>(rule)];
}

bool names_only_a_version(const Message& message) {
  std::string_view words = message.kind == MessageKind::conventional ? message.description : message.header;
  if (message.kind == MessageKind::conventional && to_lower(message.type) != "release" &&
      to_lower(message.scope) != "release")
    return false;
  for (const std::string_view opening : {"release ", "version ", "publish "}) {
    if (starts_with_ignoring_case(words, opening)) words.remove_prefix(opening.size());
  }
  const std::string_view name = words.substr(0, words.find(' '));
  if (name.size() != words.size() && !words.substr(name.size()).starts_with(" (#")) return false;
  return parse_release_tag(name, "").has_value();
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
  return fmt::format("{} {} {} in sections + {} unclassified + {} excluded by rule", plural(total, "commit"),
                     is_complete() ? "=" : "≠", aboard() - unclassified(), unclassified(), excluded.size());
}

Manifest make_manifest(const std::vector<git::Commit>& commits, std::uint64_t total,
                       const Settings& settings) {
  std::vector<Message> messages;
  messages.reserve(commits.size());
  for (const git::Commit& commit : commits) messages.push_back(parse_message(commit.message));
  const std::vector<bool> is_cancelled = cancelled(commits, messages);
  std::array<Section, kSectionKinds> sections;
  Manifest manifest;
  manifest.total = total;
  for (std::size_t i = 0; i < commits.size(); ++i) {
    Passenger passenger = passenger_of(commits[i], messages[i]);
    if (const auto rule = exclusion_of(commits[i], messages[i], is_cancelled[i], settings)) {
      manifest.excluded.push_back({*rule, std::move(passenger)});
      continue;
    }
    const auto kind = static_cast<std::size_t>(kind_of(passenger, messages[i]));
    sections[kind].passengers.push_back(std::move(passenger));
  }
  for (std::size_t kind = 0; kind < sections.size(); ++kind) {
    sections[kind].kind = static_cast<Section::Kind>(kind);
    if (!sections[kind].passengers.empty()) manifest.sections.push_back(std::move(sections[kind]));
  }
  return manifest;
}

}  // namespace signalbox::train
