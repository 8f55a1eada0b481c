#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/plan.hpp"

namespace signalbox::train {
namespace {

constexpr std::string_view kStable = "stable";
constexpr std::size_t kMaxSubjectColumns = 50;

// The highest bump that a commit of `manifest` asks for, and the commit.
struct Ask {
  Bump bump = Bump::none;
  const Passenger* by = nullptr;
};

// Neither its form nor its type says what it asks for.
bool says_little(const Passenger& passenger) {
  return !passenger.conventional || (!passenger.breaking && !is_known_type(passenger.type));
}

// What the words of such a commit suggest: "Add …" and "lib: add …" a feature, all else a fix.
Bump bump_by_words(const Passenger& passenger) {
  const std::string proposal = propose_header(parse_message(passenger.subject));
  return proposal.substr(0, proposal.find_first_of("(:")) == "feat" ? Bump::minor : Bump::patch;
}

Bump bump_of(Section::Kind kind) {
  switch (kind) {
    case Section::Kind::breaking:
      return Bump::major;
    case Section::Kind::features:
      return Bump::minor;
    case Section::Kind::fixes:
    case Section::Kind::performance:
    case Section::Kind::security:
    case Section::Kind::reverts:
      return Bump::patch;
    case Section::Kind::unclassified:
    case Section::Kind::documentation:
    case Section::Kind::refactoring:
    case Section::Kind::other:
      break;
  }
  return Bump::none;
}

// The highest that the commits in a squashed body ask for.
Bump bump_of_parts(const Passenger& passenger) {
  Bump out = Bump::none;
  for (const std::string& part : passenger.parts) {
    const Message message = parse_message(part);
    out = std::max(out, message.breaking ? Bump::major : bump_of(section_of(to_lower(message.type))));
  }
  return out;
}

enum class Wording { ignored, counted };

Ask highest(const Manifest& manifest, Wording wording, Settings::Squashed squashed) {
  Ask ask;
  for (const Section& section : manifest.sections) {
    for (const Passenger& passenger : section.passengers) {
      Bump bump = bump_of(section.kind);
      if (squashed == Settings::Squashed::version) bump = std::max(bump, bump_of_parts(passenger));
      if (bump == Bump::none && wording == Wording::counted && says_little(passenger))
        bump = bump_by_words(passenger);
      if (bump > ask.bump) ask = {bump, &passenger};
    }
  }
  return ask;
}

// How many of the commits, aboard or not, say little of what they ask for, and how many say it.
struct Speech {
  std::uint64_t little = 0;
  std::uint64_t plain = 0;
  void hear(const Passenger& passenger) { ++(says_little(passenger) ? little : plain); }
};

Speech speech_of(const Manifest& manifest) {
  Speech speech;
  for (const Section& section : manifest.sections) {
    for (const Passenger& passenger : section.passengers) speech.hear(passenger);
  }
  for (const Excluded& excluded : manifest.excluded) speech.plain += excluded.commit.conventional ? 1 : 0;
  return speech;
}

// "next.4" → "next" and 4; the channel of a stable version is empty.
std::string channel_of(const Version& version) {
  std::vector<std::string> parts = version.prerelease;
  if (!parts.empty() && parse_integer(parts.back())) parts.pop_back();
  return join(parts, ".");
}

Version core_of(const Version& version) {
  return {version.major, version.minor, version.patch, {}, {}};
}

Bump step_between(const Version& from, const Version& to) {
  if (from.major != to.major) return Bump::major;
  if (from.minor != to.minor) return Bump::minor;
  return from.patch != to.patch ? Bump::patch : Bump::none;
}

// How far `bump` reaches while the major version is 0.
Bump effective(const Version& version, Bump bump, ZeroPolicy policy) {
  return step_between(core_of(version), raised(version, bump, policy));
}

class Chooser {
 public:
  Chooser(const History& history, const Settings& settings, NextVersion& out)
      : history_(history), settings_(settings), out_(out) {
    for (const Release& release : history.series.releases) taken_.insert(release.version.text());
  }

  void choose(const std::optional<std::string>& wanted) {
    const std::string channel = wanted.value_or(history_.base ? channel_of(history_.base->version) : "");
    const bool stable = channel.empty() || channel == kStable;
    if (history_.base && out_.bump == Bump::none && !(stable && is_finished_by_naming())) {
      out_.version = history_.base->version;
      return;
    }
    const Version core = next_core();
    out_.version = stable ? free_stable(core) : next_in_channel(core, channel);
  }

 private:
  // A pre-release becomes stable by its name alone.
  bool is_finished_by_naming() const { return !history_.base->version.is_stable(); }

  // The stable version that the commits lead to.
  Version next_core() const {
    if (!history_.base) return {"0", "1", "0", {}, {}};
    const Version& base = history_.base->version;
    if (base.is_stable()) return raised(base, out_.bump, settings_.zero);
    const std::optional<Version> stable = last_stable_before(base);
    if (!stable) return core_of(base);
    const bool rises = effective(*stable, out_.bump, settings_.zero) > step_between(*stable, core_of(base));
    return rises ? raised(*stable, out_.bump, settings_.zero) : core_of(base);
  }

  std::optional<Version> last_stable_before(const Version& version) const {
    std::optional<Version> out;
    for (const Release& release : history_.series.releases) {
      if (release.version.is_stable() && compare(release.version, version) < 0) out = release.version;
    }
    return out;
  }

  // `core`, or the first above it that no tag has yet: another branch may have been there before.
  Version free_stable(Version core) {
    const Version wished = core;
    const Bump step =
        history_.base
            ? std::max(effective(core_of(history_.base->version), out_.bump, settings_.zero), Bump::patch)
            : Bump::minor;
    while (taken_.count(core.text()) > 0) core = raised(core, step, ZeroPolicy::semver_strict);
    if (core.text() != wished.text()) {
      out_.remarks.push_back(
          {"train/version-taken",
           fmt::format("{} is taken by a tag that this commit does not hold: the next free one is {}",
                       wished.text(), core.text()),
           ""});
    }
    return core;
  }

  Version next_in_channel(Version core, const std::string& channel) {
    while (taken_.count(core.text()) > 0)
      core = raised(core, std::max(out_.bump, Bump::patch), settings_.zero);
    long long next = first_number(channel);
    for (const Release& release : history_.series.releases) {
      if (core_of(release.version).text() != core.text() || channel_of(release.version) != channel) continue;
      const auto number = parse_integer(
          release.version.prerelease.empty() ? std::string_view() : release.version.prerelease.back());
      if (number && *number >= next) next = *number + 1;
    }
    for (const std::string_view part : split(channel, '.')) core.prerelease.emplace_back(part);
    core.prerelease.push_back(std::to_string(next));
    return core;
  }

  // Pre-releases count from 1, in a series that has always counted from 0 from there.
  long long first_number(const std::string& channel) const {
    for (const Release& release : history_.series.releases) {
      if (channel_of(release.version) == channel && !release.version.is_stable() &&
          release.version.prerelease.back() == "0")
        return 0;
    }
    return 1;
  }

  const History& history_;
  const Settings& settings_;
  NextVersion& out_;
  std::set<std::string, std::less<>> taken_;
};

std::string reason_of(const Ask& ask, const History& history, bool by_wording) {
  if (!history.base && ask.bump == Bump::none) return "the first release";
  const std::string since = history.base ? " since " + history.base->tag : std::string();
  if (ask.by == nullptr) return "no commit" + since + " asks for a release";
  const bool guessed = by_wording && says_little(*ask.by);
  const std::string_view suggested = ask.bump == Bump::minor ? "feat" : "fix";
  const std::string what = ask.by->breaking ? "a breaking change"
                           : guessed        ? std::string(suggested)
                                            : ask.by->type;
  return fmt::format("{}{}{}: {} {}", what, by_wording ? ", by its wording," : "", since, ask.by->short_id(),
                     cut_to_width(ask.by->subject, kMaxSubjectColumns));
}

std::string next_tag(const Version& version, const History& history) {
  if (history.base) return tag_of(version, *history.base);
  if (!history.series.releases.empty()) return tag_of(version, history.series.releases.back());
  return (history.series.package.empty() ? "v" : history.series.package + "@") + version.text();
}

}  // namespace

NextVersion next_version(const Manifest& manifest, const History& history, const Settings& settings,
                         const VersionQuery& query) {
  NextVersion out;
  const Speech speech = speech_of(manifest);
  out.by_wording = speech.little > speech.plain;
  const Ask ask = highest(manifest, out.by_wording ? Wording::counted : Wording::ignored, settings.squashed);
  out.bump = ask.bump;
  out.reason = reason_of(ask, history, out.by_wording);
  Chooser(history, settings, out).choose(query.channel);
  out.tag = next_tag(out.version, history);
  if (out.by_wording) {
    out.remarks.push_back(
        {"train/by-wording",
         fmt::format(
             "{} of {} commits aboard do not say what they ask for in the form of Conventional Commits: the "
             "version is a suggestion, from the first words of their messages",
             speech.little, manifest.aboard()),
         "signalbox train lint"});
  }
  return out;
}

}  // namespace signalbox::train
