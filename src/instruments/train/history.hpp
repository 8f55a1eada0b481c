// What lies between the last release and HEAD, read from git. Ancestry and SemVer decide what the last
// release is; dates never do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/git/repository.hpp"
#include "core/report/report.hpp"
#include "instruments/train/release.hpp"

namespace signalbox::train {

// Something about the history that whoever decides on it must know.
struct Remark {
  std::string rule;  // "train/future-date"
  std::string message;
  std::string remedy;  // may be empty
  Severity severity = Severity::warning;
};

// All releases of one package, or of the repository as a whole.
struct Series {
  std::string package;              // empty: the repository's own
  std::vector<Release> releases;    // ascending by SemVer
  std::vector<std::string> others;  // packages that have releases too, those with most releases first
};

struct History {
  std::string head;          // commit id
  std::string head_subject;  // first line, octets
  std::int64_t head_time_s = 0;
  Series series;
  std::optional<Release> base;          // the last release; absent: there is none, or --base names no version
  std::vector<std::string> base_twins;  // other tags of the series on the same commit
  std::vector<std::string> range;       // as arguments of git: revisions and ^revisions
  std::vector<git::Commit> commits;     // each before its parents
  std::uint64_t total = 0;              // as git counts them by itself
  std::vector<Remark> remarks;
};

// Told of each commit that is read; `total` is 0 until git has counted them.
using OnCommitRead = std::function<void(std::uint64_t read, std::uint64_t total)>;

struct HistoryQuery {
  std::string head = "HEAD";
  std::optional<std::string> base;     // a revision instead of the last release
  std::optional<std::string> package;  // absent: chosen by `choose_series`
  std::vector<std::string> declared;   // packages that may be without a release
  enum class Releases { all, stable_alone } releases = Releases::all;  // which end the range
  enum class Shallow { refuse, allow } shallow = Shallow::refuse;
  OnCommitRead on_commit_read = {};
  std::filesystem::path cache;  // of the whole history, see `WholeHistory`; empty: none
};

// The tags that name versions. `package` absent: the repository's own series; without one that of the package
// whose release is nearest to HEAD. not_found for a package without releases; unavailable where a tag of the
// series names an object that is not here.
Result<Series> read_series(const git::Repository& repository, const std::optional<std::string>& package,
                           const std::string& head, HistoryQuery::Shallow shallow,
                           const std::vector<std::string>& declared = {});

// The series of each of these packages, in their order, from one reading of the tags; without releases where
// no tag names the package. unavailable as above.
Result<std::vector<Series>> read_series_of_each(const git::Repository& repository,
                                                const std::vector<std::string>& packages,
                                                HistoryQuery::Shallow shallow);

// A shallow clone is unavailable unless allowed: the last release may be what it lacks.
Result<History> read_history(const git::Repository& repository, const HistoryQuery& query);

// Commits of `range`, each before its parents, and git's own count of them, taken at the same time.
struct Commits {
  std::vector<git::Commit> commits;
  std::uint64_t total = 0;
};
Result<Commits> read_commits(const git::Repository& repository, const std::vector<std::string>& range,
                             const OnCommitRead& on_commit_read = {});

}  // namespace signalbox::train
