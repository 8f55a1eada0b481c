#include "instruments/train/history.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <map>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/whole_history.hpp"

namespace signalbox::train {
namespace {

using Shallow = HistoryQuery::Shallow;

Status check_depth(const git::Repository& repository, Shallow shallow) {
  if (!repository.is_shallow() || shallow == Shallow::allow) return {};
  return fail(ErrorKind::unavailable,
              "this clone is shallow: the last release and its commits may be what it lacks",
              "git fetch --unshallow --tags, or --allow-shallow to judge what is here");
}

std::string series_name(const std::string& package) {
  return package.empty() ? std::string("the repository's own series") : "package " + package;
}

using ByPackage = std::map<std::string, std::vector<Release>>;

// The tags that name versions.
struct ReleaseTags {
  ByPackage packages;
  std::vector<Release> missing;  // whose objects are not here
};

Result<ReleaseTags> read_release_tags(const git::Repository& repository) {
  SIGNALBOX_TRY(const std::vector<git::Tag> tags, repository.tags());
  ReleaseTags out;
  for (const git::Tag& tag : tags) {
    auto release = parse_release_tag(tag.name, tag.commit);
    if (!release) continue;
    if (tag.missing) out.missing.push_back(*release);
    if (!tag.commit.empty()) out.packages[release->package].push_back(std::move(*release));
  }
  return out;
}

Status check_missing(const ReleaseTags& tags, const std::string& package, Shallow shallow) {
  for (const Release& release : tags.missing) {
    if (release.package == package && shallow == Shallow::refuse) {
      return fail(ErrorKind::unavailable,
                  fmt::format("the tag {} names an object that is not here", printable(release.tag)),
                  "git fetch --tags --force, or --allow-shallow to judge what is here");
    }
  }
  return {};
}

// The package whose tags leave the fewest commits of `head` unreleased.
Result<std::string> nearest_package(const git::Repository& repository, const ByPackage& packages,
                                    const std::string& head) {
  std::string best;
  std::uint64_t fewest = UINT64_MAX;
  for (const auto& [package, releases] : packages) {
    std::vector<std::string> range = {head};
    for (const Release& release : releases) range.push_back("^" + release.commit);
    SIGNALBOX_TRY(const std::uint64_t count, repository.count(range));
    if (count < fewest) {
      fewest = count;
      best = package;
    }
  }
  return best;
}

Result<std::string> choose_package(const git::Repository& repository, const ByPackage& packages,
                                   const std::optional<std::string>& wanted, const std::string& head,
                                   const std::vector<std::string>& declared) {
  if (!wanted) {
    if (packages.empty() || packages.count("") > 0) return std::string();
    return nearest_package(repository, packages, head);
  }
  const bool is_declared = std::find(declared.begin(), declared.end(), *wanted) != declared.end();
  if (packages.count(*wanted) > 0 || is_declared) return *wanted;
  std::vector<std::string> names;
  for (const auto& [name, releases] : packages) {
    if (!name.empty()) names.push_back(name);
  }
  const auto near = nearest(*wanted, names);
  return fail(ErrorKind::not_found, fmt::format("no tag releases the package {}", printable(*wanted)),
              near ? fmt::format("did you mean {}?", printable(*near))
                   : fmt::format("tags name these packages: {}", printable(join(names, ", "))));
}

// Where there is no stable one yet, the pre-releases are all there is to count from.
void keep_stable(std::vector<Release>& releases) {
  if (std::none_of(releases.begin(), releases.end(),
                   [](const Release& release) { return release.version.is_stable(); }))
    return;
  std::erase_if(releases, [](const Release& release) { return !release.version.is_stable(); });
}

// The highest release that HEAD holds, and the other tags of the series on its commit.
Status find_base(const git::Repository& repository, const HistoryQuery& query, git::CommitTable known,
                 History& history) {
  std::vector<std::string> tips = {history.head};
  for (const Release& release : history.series.releases) tips.push_back(release.commit);
  WholeHistoryQuery whole_query{std::move(tips), query.cache, WholeHistoryQuery::Total::not_asked};
  if (query.on_commit_read)
    whole_query.on_commits_read = [&](std::uint64_t read) { query.on_commit_read(read, 0); };
  SIGNALBOX_TRY(const WholeHistory whole,
                WholeHistory::read(repository, std::move(whole_query), std::move(known)));
  const auto head = whole.find(history.head);
  if (!head) return {};
  const std::vector<bool> held = reachable(whole.commits(), {*head});
  for (const Release& release : history.series.releases) {
    const auto commit = whole.find(release.commit);
    if (commit && held[*commit]) history.base = release;
  }
  if (!history.base) return {};
  for (const Release& release : history.series.releases) {
    if (release.commit == history.base->commit && release.tag != history.base->tag)
      history.base_twins.push_back(release.tag);
  }
  return {};
}

Status set_range(const git::Repository& repository, const HistoryQuery& query, git::CommitTable known,
                 History& history) {
  history.range = {history.head};
  if (query.base) {
    SIGNALBOX_TRY(const std::string id, repository.resolve(*query.base));
    history.base = parse_release_tag(*query.base, id);
    history.range.push_back("^" + id);
    return {};
  }
  SIGNALBOX_CHECK(find_base(repository, query, std::move(known), history));
  for (const Release& release : history.series.releases) history.range.push_back("^" + release.commit);
  return {};
}

void remark_on_dates(History& history) {
  constexpr std::int64_t day_s = 86'400;
  std::map<std::string_view, std::int64_t> times;
  for (const git::Commit& commit : history.commits) times[commit.id] = commit.committer_time_s;
  std::size_t jumps = 0;
  for (const git::Commit& commit : history.commits) {
    for (const std::string& parent : commit.parents) {
      const auto found = times.find(parent);
      if (found != times.end() && found->second > commit.committer_time_s + day_s) ++jumps;
    }
  }
  if (jumps == 0) return;
  history.remarks.push_back(
      {"train/clock-jumps",
       fmt::format("{} commit{} dated more than a day before a parent: dates are shown, never used", jumps,
                   jumps == 1 ? " is" : "s are"),
       ""});
}

// What is missing here, and tags that are not understood: an answer that would surprise says why.
Status remark_on_what_is_not_counted(const git::Repository& repository, const HistoryQuery& query,
                                     History& history) {
  if (repository.is_shallow()) {
    history.remarks.push_back({"train/shallow",
                               "this clone is shallow: releases and commits that it lacks are not counted",
                               "git fetch --unshallow --tags"});
  }
  if (query.base || !history.series.releases.empty() || !history.series.others.empty()) return {};
  SIGNALBOX_TRY(const std::vector<git::Tag> tags, repository.tags());
  if (tags.empty()) return {};
  const std::string& example = tags.back().name;
  history.remarks.push_back(
      {"train/no-version-tags",
       fmt::format("no tag names a version (there are {}, the last is {}): every commit counts as unreleased",
                   tags.size(), printable(example)),
       fmt::format("signalbox train plan --base {}", shell_word(printable(example)))});
  return {};
}

void remark_on_series(History& history) {
  if (!history.series.others.empty()) {
    constexpr std::size_t shown = 6;
    std::vector<std::string> names = history.series.others;
    const std::size_t more = names.size() > shown ? names.size() - shown : 0;
    names.resize(names.size() - more);
    history.remarks.push_back(
        {"train/other-packages",
         fmt::format("these are the commits since the last release of {}; tags also release {}{}",
                     series_name(history.series.package), join(names, ", "),
                     more == 0 ? std::string() : fmt::format(" and {} more", more)),
         fmt::format("signalbox train plan --package {}", shell_word(names.front())), Severity::note});
  }
  if (history.total == 0 && history.base && history.base->commit != history.head) {
    history.remarks.push_back({"train/already-released",
                               "every commit here is in a release already, in one that this commit does not "
                               "hold: nothing is left to board",
                               ""});
  }
}

}  // namespace

Result<Series> read_series(const git::Repository& repository, const std::optional<std::string>& package,
                           const std::string& head, Shallow shallow,
                           const std::vector<std::string>& declared) {
  SIGNALBOX_TRY(ReleaseTags tags, read_release_tags(repository));
  Series series;
  SIGNALBOX_TRY(series.package, choose_package(repository, tags.packages, package, head, declared));
  SIGNALBOX_CHECK(check_missing(tags, series.package, shallow));
  for (const auto& [name, releases] : tags.packages) {
    if (name != series.package) series.others.push_back(name);
  }
  std::stable_sort(series.others.begin(), series.others.end(), [&](const auto& a, const auto& b) {
    return tags.packages[a].size() > tags.packages[b].size();
  });
  series.releases = std::move(tags.packages[series.package]);
  sort_releases(series.releases);
  return series;
}

Result<std::vector<Series>> read_series_of_each(const git::Repository& repository,
                                                const std::vector<std::string>& packages, Shallow shallow) {
  SIGNALBOX_TRY(ReleaseTags tags, read_release_tags(repository));
  std::vector<Series> out;
  for (const std::string& package : packages) {
    SIGNALBOX_CHECK(check_missing(tags, package, shallow));
    Series series{package, std::move(tags.packages[package]), {}};
    sort_releases(series.releases);
    out.push_back(std::move(series));
  }
  return out;
}

Result<Commits> read_commits(const git::Repository& repository, const std::vector<std::string>& range,
                             const OnCommitRead& on_commit_read) {
  Commits out;
  // Another process of git counts meanwhile: what it says owes nothing to what is read here.
  const std::shared_future<Result<std::uint64_t>> count =
      std::async(std::launch::async, [&] { return repository.count(range); });
  const auto counted = [&]() -> std::uint64_t {
    if (count.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return 0;
    return count.get().value_or(0);
  };
  const Status read = repository.log(range, git::Order::topological, [&](git::Commit&& commit) {
    out.commits.push_back(std::move(commit));
    if (on_commit_read) on_commit_read(out.commits.size(), counted());
  });
  const Result<std::uint64_t>& total = count.get();
  if (!read) return fail(read.error());
  if (!total) return fail(total.error());
  out.total = *total;
  return out;
}

Result<History> read_history(const git::Repository& repository, const HistoryQuery& query) {
  if (repository.is_empty() && query.head == "HEAD") {
    return fail(ErrorKind::not_found, "the repository has no commits yet: there is nothing to release",
                "git commit something first");
  }
  SIGNALBOX_CHECK(check_depth(repository, query.shallow));
  History history;
  SIGNALBOX_TRY(history.head, repository.resolve(query.head));
  auto known = std::async(std::launch::async, [&] { return open_history_cache(repository, query.cache); });
  SIGNALBOX_TRY(history.series,
                read_series(repository, query.package, history.head, query.shallow, query.declared));
  if (query.releases == HistoryQuery::Releases::stable_alone) keep_stable(history.series.releases);
  SIGNALBOX_CHECK(set_range(repository, query, known.get(), history));
  SIGNALBOX_TRY(Commits read, read_commits(repository, history.range, query.on_commit_read));
  history.commits = std::move(read.commits);
  history.total = read.total;
  SIGNALBOX_CHECK(repository.log({history.head, "^" + history.head + "^@"}, git::Order::newest_first,
                                 [&](git::Commit&& commit) {
                                   if (commit.id != history.head) return;
                                   const std::vector<std::string_view> text = lines(commit.message);
                                   history.head_subject = text.empty() ? std::string() : std::string(text[0]);
                                   history.head_time_s = commit.committer_time_s;
                                 }));
  remark_on_dates(history);
  remark_on_series(history);
  SIGNALBOX_CHECK(remark_on_what_is_not_counted(repository, query, history));
  return history;
}

}  // namespace signalbox::train
