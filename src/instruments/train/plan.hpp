// Who is aboard: each commit since the last release in exactly one place, a section or an exclusion with its
// rule, and the next version that follows from them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "instruments/train/conventional_commit.hpp"
#include "instruments/train/history.hpp"
#include "instruments/train/package_scope.hpp"
#include "instruments/train/parsed_commit.hpp"
#include "instruments/train/settings.hpp"

namespace signalbox::train {

// A commit as notes tell it. Texts are valid UTF-8: other octets of the message stand escaped as \xHH.
struct Passenger {
  std::string id;
  std::string type;     // "feat", in lower case; what its words suggest where it is unclassified
  std::string scope;    // may be empty
  std::string subject;  // of a conventional commit the description, else the whole header
  std::string author;
  std::int64_t time_s = 0;  // of the author, for display alone
  bool breaking = false;
  std::string breaking_note;  // may be empty
  bool conventional = false;
  std::vector<std::string> parts;  // headers of the commits that a squashed body lists
  std::uint64_t pull_request = 0;  // that the message names; 0: none

  std::string_view short_id() const { return std::string_view(id).substr(0, 7); }
};

struct Section {
  enum class Kind {
    breaking,
    features,
    fixes,
    performance,
    security,
    reverts,
    documentation,
    refactoring,
    other,
    unclassified
  };
  Kind kind = Kind::other;
  std::vector<Passenger> passengers;  // newest first
};
inline constexpr std::size_t kSectionKinds = 10;
// Whether Conventional Commits or its common presets name the type. "curl: …" has the form, and says nothing.
bool is_known_type(std::string_view type);
std::string_view title_of(Section::Kind kind);
Section::Kind section_of(std::string_view type);  // in lower case

// Why a commit is not a passenger.
enum class Exclusion {
  elsewhere,  // touches nothing of the package
  merge,      // what it merges is counted itself
  fixup,      // meant to be folded into another commit
  cancelled,  // a commit and its revert in the same range
  release,    // it only names a version
  routine,    // of a type that readers of notes need not know
};
inline constexpr std::array<Exclusion, 6> kExclusions = {Exclusion::elsewhere, Exclusion::merge,
                                                         Exclusion::fixup,     Exclusion::cancelled,
                                                         Exclusion::release,   Exclusion::routine};
std::string_view name_of(Exclusion rule);
std::string_view explain(Exclusion rule);

struct Excluded {
  Exclusion rule = Exclusion::merge;
  Passenger commit;
};

// The commits of a range, each in one place.
struct Manifest {
  std::vector<Section> sections;  // none is empty; in the order of Section::Kind
  std::vector<Excluded> excluded;
  std::uint64_t total = 0;  // as git counts the range by itself

  std::uint64_t aboard() const;        // in sections, the unclassified included
  std::uint64_t unclassified() const;  // in the section of that name
  // The lost-commit proof: total = aboard + excluded.
  bool is_complete() const { return total == aboard() + excluded.size(); }
  std::string proof() const;  // "12 commits = 9 in sections + 2 unclassified + 1 excluded"
};

// A commit on its way into a manifest; what it views must live as long.
struct ReadCommit {
  std::string id;
  std::size_t parents = 0;
  ParsedCommit parsed;
};

// Sorts commits (each before its parents) into sections and exclusions. `total`: git's own count of them.
Manifest make_manifest(std::vector<ReadCommit> commits, std::uint64_t total, const Settings& settings,
                       const PackageScope& scope = {});
Manifest make_manifest(const std::vector<git::Commit>& commits, std::uint64_t total, const Settings& settings,
                       const PackageScope& scope = {});

// The next version, and from what it follows.
struct NextVersion {
  Bump bump = Bump::none;
  Version version;          // that of the last release where there is nothing to release
  std::string tag;          // with the prefix of the series: "v1.3.0"
  std::string reason;       // "feat since v1.2.3: 1a2b3c4 …"
  bool by_wording = false;  // most commits are not conventional: guessed from their first words
  std::vector<Remark> remarks;
};

struct VersionQuery {
  std::optional<std::string> channel;  // "stable", "next", "rc.x"; absent: that of the last release
};

// Source: Semantic Versioning 2.0.0 and Conventional Commits 1.0.0, "Summary"; pre-releases count from 1 and
// restart when the version they lead to rises.
NextVersion next_version(const Manifest& manifest, const History& history, const Settings& settings,
                         const VersionQuery& query);

}  // namespace signalbox::train
